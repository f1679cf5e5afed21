"""Brands are found as words, hashtags and handles; questions by their phrases; other models only by opt-in."""

from __future__ import annotations

import polars as pl
import pytest
from fixtures.make_client import make_client

from cjtools.errors import ParameterError
from cjtools.sources import read_sources
from cjtools.text import annotate as annotation
from cjtools.text.annotate import annotate, load_annotator
from cjtools.text.brands import find_brands, find_questions
from cjtools.text.understand import understand

NAMES = {"pep": ["Cal Pep"], "mobles": ["Mobles Pep", "moblepep*"]}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Vaig anar a CAL PEP ahir", [("pep", 1)]),
        ("#calpep i @cal_pep", [("pep", 2)]),
        ("Mobles Pep és millor que la Botiga Puig", [("mobles", 1), ("own", 1)]),
        ("el moblepepet de sempre", [("mobles", 1)]),
        ("calpepito no és això", []),
        ("botiga-puig", [("own", 1)]),
        ("", []),
    ],
)
def test_a_brand_is_found_as_a_word_a_hashtag_or_a_handle(text, found):
    rows = find_brands(pl.DataFrame({"quote_id": ["q"], "text": [text]}), brand=["Botiga Puig"], competitors=NAMES)
    assert rows.select("brand", "times").rows() == found


def test_without_names_nothing_is_found():
    assert find_brands(pl.DataFrame({"quote_id": ["q"], "text": ["x"]}), brand=["*"], competitors={}).is_empty()


@pytest.mark.parametrize(
    ("language", "asks", "suggests"),
    [
        ("ca", "Obriu els diumenges?", "M'agradaria que obríssiu els diumenges."),
        ("en", "Do you open on Sundays?", "You should open on Sundays."),
        ("es", "¿Abrís los domingos?", "Deberíais abrir los domingos."),
        ("it", "Siete aperti la domenica?", "Dovreste aprire la domenica."),
        ("ro", "Sunteți deschis duminica?", "Ar trebui să deschideți duminica."),
    ],
)
def test_questions_and_suggestions_are_told_apart_in_five_languages(language, asks, suggests):
    frame = pl.DataFrame({"quote_id": ["a", "b"], "text": [asks, suggests], "language": [language] * 2})
    assert find_questions(frame).select("question", "suggestion").rows() == [(True, False), (False, True)]


class Echo:
    """An annotator that remembers what it was asked."""

    name = "echo"

    def __init__(self, fingerprint: str = "1") -> None:
        self.fingerprint = fingerprint
        self.asked: list[str] = []

    def annotate(self, texts, language, schema):
        self.asked += texts
        return [{"stage": "purchase" if "pay" in text else "nonsense"} for text in texts]


SCHEMA = {"stage": ["purchase", "use"]}


def test_another_model_sees_only_redacted_texts_and_each_once(tmp_path):
    echo = Echo()
    texts = ["I pay, ana@mail.example", "I pay, ana@mail.example", "Mercè used it"]
    answers = annotate(texts, language="en", schema=SCHEMA, annotator=echo, folder=tmp_path, names=["Mercè"])
    assert echo.asked == ["I pay, ▮▮▮", "▮▮▮ used it"]
    assert answers == [{"stage": "purchase"}, {"stage": "purchase"}, {"stage": None}]


def test_an_answer_is_paid_for_once_until_model_or_question_changes(tmp_path):
    first, second, changed = Echo(), Echo(), Echo("2")
    ask = {"language": "en", "folder": tmp_path}
    one = annotate(["pay"], schema=SCHEMA, annotator=first, **ask)
    assert annotate(["pay"], schema=SCHEMA, annotator=second, **ask) == one
    assert second.asked == []
    annotate(["pay"], schema=SCHEMA, annotator=changed, **ask)
    annotate(["pay"], schema={"stage": ["purchase"]}, annotator=second, **ask)
    assert (changed.asked, second.asked) == (["pay"], ["pay"])


def test_a_broken_kept_answer_is_asked_again(tmp_path):
    annotate(["pay"], language="en", schema=SCHEMA, annotator=Echo(), folder=tmp_path)
    next(tmp_path.rglob("*.json")).write_text("{", "utf-8")
    again = Echo()
    assert annotate(["pay"], language="en", schema=SCHEMA, annotator=again, folder=tmp_path) == [{"stage": "purchase"}]
    assert again.asked == ["pay"]


def test_an_annotator_that_loses_a_text_is_refused(tmp_path):
    class Short(Echo):
        def annotate(self, texts, language, schema):
            return []

    with pytest.raises(ParameterError, match="0 answers for 1 texts"):
        annotate(["x"], language="en", schema=SCHEMA, annotator=Short(), folder=tmp_path)


def test_no_model_is_asked_unless_the_client_names_it(tmp_path):
    assert load_annotator(make_client(tmp_path)) is None


def test_an_annotator_that_is_not_installed_is_a_fault(tmp_path, monkeypatch):
    monkeypatch.setattr(annotation, "entry_points", lambda group: [])
    client = make_client(tmp_path, '\n[text]\nannotator = "big"\n')
    with pytest.raises(ParameterError, match="'big' is not installed"):
        load_annotator(client)


def test_a_named_model_gives_the_sentiment_of_texts_that_have_none(tmp_path, monkeypatch):
    class Judge:
        name = "judge"
        fingerprint = "v1"

        def annotate(self, texts, language, schema):
            return [{"sentiment": "negative" if "tard" in text else "perhaps"} for text in texts]

    class Point:
        name = "judge"

        def load(self):
            return Judge

    monkeypatch.setattr(annotation, "entry_points", lambda group: [Point()])
    source = """
[text]
annotator = "judge"

[[sources]]
id = "m"
path = "m.csv"
format = "table"
kind = "mentions"
language = "ca"

[sources.mapping]
mention_id = "id"
author = "author"
said_at = "date"
text = "text"
"""
    lines = "id,author,date,text\n1,a,2026-03-01,Va arribar tard\n2,b,2026-03-01,La botiga obre a les deu\n"
    client = make_client(tmp_path, source, m__csv=lines)
    tables = understand(read_sources(client), client=client)
    rows = tables.quotes.sort("source_row").select("sentiment", "sentiment_method").rows()
    assert rows == [(-1.0, "judge v1"), (None, None)]
    assert tables.machine.filter(pl.col("kind") == "sentiment").select("method", "texts", "of").rows() == [
        ("judge v1", 1, 2)
    ]
