"""What people say, as it is understood: languages, agreement of coders, saturation, themes, the codebook, its views."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import polars as pl
import pytest
from conftest import EXAMPLE
from fixtures.make_client import make_client
from test_widgets_coder import quote, tables

import cjtools as cj
from cjtools.report import views
from cjtools.settings import LANGUAGES
from cjtools.study import STUDY_TABLES
from cjtools.study.coders import coder_agreement, codes_in_use, said_by_people, saturation_of
from cjtools.study.take import languages_of
from cjtools.tables import Coding, Tables, shape_of
from cjtools.text.codebook import load_codebook
from cjtools.text.codings import decisions, row_of

VIEWS = ("coding", "text_languages", "machine_codes", "coder_agreement", "codebook")


@pytest.fixture(scope="module")
def study(example) -> cj.Study:
    return cj.study_texts(example)


def plain(page: str) -> str:
    """The text of a piece of HTML."""
    return " ".join(html.unescape(re.sub(r"<(style|script)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)).split())


def person(quote_id: str, kind: str, code: str, coder: str, value: int | None = None) -> tuple[object, ...]:
    return (quote_id, kind, code, value, coder, "person", None, True)


def said(*codings: tuple[object, ...], decided: tuple[dict[str, str], ...] = ()) -> pl.DataFrame:
    """What people said, in sources and in codings.csv."""
    read = Tables(codings=pl.DataFrame(codings, schema=shape_of(Coding), orient="row"))
    return said_by_people(read, decisions(row_of(row) for row in decided))


def test_the_example_is_studied_whole_and_its_tables_are_as_declared(study):
    for name, table in STUDY_TABLES.items():
        table.validate(getattr(study, name))
    assert study.languages["texts"].sum() == study.texts
    assert (study.coded, study.coders) == (231, 1)
    assert study.saturation["codes"].to_list() == sorted(study.saturation["codes"].to_list())
    assert study.saturation.height == 15
    assert study.themes["people"].min() >= study.minimum_group
    assert set(study.machine["kind"]) >= {"stage", "type"}


def test_the_same_texts_give_the_same_study(study, example):
    again = cj.study_texts(example)
    assert all(getattr(again, name).equals(getattr(study, name)) for name in STUDY_TABLES)


def test_coders_agree_by_kind_and_by_code_over_what_both_looked_at():
    ana = [
        person("q1", "stage", "use", "ana"),
        person("q2", "stage", "use", "ana"),
        person("q3", "stage", "buy", "ana"),
    ]
    eva = [{"quote_id": "q1", "kind": "stage", "code": "use", "coder": "eva"},
           {"quote_id": "q2", "kind": "stage", "code": "buy", "coder": "eva"},
           {"quote_id": "q9", "kind": "stage", "code": "buy", "coder": "eva"}]  # fmt: skip
    rows = coder_agreement(said(*ana, decided=tuple(eva)))
    assert rows.select("kind", "code", "units", "coders", "observed").rows() == [
        ("stage", None, 2, 2, 0.5), ("stage", "buy", 2, 2, 0.5), ("stage", "use", 2, 2, 0.5),
    ]  # fmt: skip
    assert rows["alpha"][0] == pytest.approx(0.0)
    assert rows["kappa"].to_list() == [None, 0.0, 0.0]


def test_a_quote_of_which_a_coder_refused_the_code_was_looked_at():
    refused = {"quote_id": "q1", "kind": "type", "code": "need", "coder": "eva", "accepted": "false"}
    rows = coder_agreement(said(person("q1", "type", "need", "ana"), decided=(refused,)))
    assert rows.select("kind", "code", "units", "observed").rows() == [("type", "need", 1, 0.0)]


def test_what_was_taken_back_was_never_said():
    undone = [{"quote_id": "q1", "kind": "stage", "code": "use", "coder": "eva", "accepted": how}
              for how in ("true", "undone")]  # fmt: skip
    assert coder_agreement(said(person("q1", "stage", "use", "ana"), decided=tuple(undone))).is_empty()


def test_valences_that_lie_near_agree_more_than_those_that_lie_apart():
    near = [person(q, "valence", "valence", who, v) for q, vs in (("a", (2, 1)), ("b", (-2, -1)), ("c", (0, 0)))
            for who, v in zip(("ana", "eva"), vs, strict=True)]  # fmt: skip
    apart = [(*row[:3], -row[3] if row[4] == "eva" else row[3], *row[4:]) for row in near]
    values = [coder_agreement(said(*rows)).filter(pl.col("code").is_null())["alpha"][0] for rows in (near, apart)]
    assert values[0] > 0.5 > values[1]


def test_interviews_are_saturated_in_the_order_of_their_days():
    rows = [
        quote(f"q{n}", f"P{n}", "text", local_date=day)
        for n, day in ((11, "2026-01-03"), (12, "2026-01-01"), (13, "2026-01-02"))
    ]
    frame = tables().quotes.clear()
    made = pl.DataFrame(
        [{**dict.fromkeys(frame.columns), **row} for row in rows], schema_overrides={"local_date": pl.String}
    )
    quotes = made.with_columns(pl.col("local_date").str.to_date()).select(
        pl.col(n).cast(t) for n, t in frame.schema.items()
    )
    curve = saturation_of(Tables(quotes=quotes), said(*(person(f"q{n}", "theme", t, "a") for n, t in
                          ((12, "x"), (12, "y"), (13, "x"), (11, "z"), (11, "x")))))  # fmt: skip
    assert curve.select("new", "codes").rows() == [(2, 2), (0, 2), (1, 3)]


def test_languages_say_on_what_they_rest():
    texts = [("q11", "No em va agradar gens com em van tractar a la botiga", None), ("q12", "Gràcies", None),
             ("q13", "Tot bé", "pt"), ("q14", "…", None)]  # fmt: skip
    rows = [quote(name, "P9" if name != "q14" else "P10", text, language) for name, text, language in texts]
    quotes = tables(*rows).quotes.filter(pl.col("doc_id").is_in(["P9", "P10"]))
    found = languages_of(quotes, {"q12": "es"})
    assert found.select("language", "texts", "person", "source", "text").rows() == [
        ("ca", 1, 0, 0, 1), ("es", 1, 1, 0, 0), ("other", 1, 0, 1, 0), (None, 1, 0, 0, 0),
    ]  # fmt: skip


def test_codes_of_few_people_are_counted_in_texts_alone_and_unlisted_ones_come_last(tmp_path):
    client = make_client(tmp_path, codebook__toml='[[codes]]\nid = "fees"\nlabel = { ca = "Despeses" }\n')
    given = said(
        person("q1", "theme", "fees", "a"), person("q2", "theme", "aa-new", "a"), person("q2", "type", "pain", "a")
    )
    words = cj.load_words("ca")
    rows = codes_in_use(load_codebook(client), given, tables().quotes, client=client, words=words)
    themes = rows.filter(pl.col("kind") == "theme").select("code", "label", "listed", "texts", "people").rows()
    assert themes == [("fees", "Despeses", True, 1, None), ("aa-new", "aa-new", False, 1, None)]
    assert rows.filter(pl.col("code") == "pain").select("label", "listed").row(0) == (words.of("types", "pain"), True)
    assert rows.filter(pl.col("code") == "purchase")["label"].to_list() == ["compra"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", VIEWS)
def test_a_view_is_whole_in_every_language_with_and_without_texts(study, tmp_path, name, language):
    empty = cj.study_texts(make_client(tmp_path), language=language)
    for made in (study, empty):
        view = getattr(views, name)(made)
        bundle = view._repr_mimebundle_()
        assert json.loads(json.dumps(view.data)) == view.data
        assert not re.search(r"[{}]|\bNone\b|\bnan\b", plain(bundle["text/html"]))
    assert view.title == cj.load_words(language)[f"section_{name}"]


def test_without_texts_every_table_says_so(tmp_path):
    empty = cj.study_texts(make_client(tmp_path), language="en")
    said_of = [plain(getattr(views, name)(empty)._repr_mimebundle_()["text/html"]) for name in VIEWS[1:4]]
    assert "There is no text." in said_of[0]
    assert "No text was looked at by two people." in said_of[2]
    assert empty.themes.is_empty()


def test_the_report_is_made_without_a_widget_and_holds_no_text_that_anybody_said(example, tmp_path):
    made = cj.report.make_report(EXAMPLE, notebook="coding", out=tmp_path)
    files = {path.name: path.read_text("utf-8") for path in Path(made).parent.rglob("*") if path.is_file()}
    cells = {cell["id"]: cell for cell in json.loads(files["coding.ipynb"])["cells"]}
    assert cells["coder"]["outputs"] == []
    assert "".join(cells["coder"]["source"]).startswith("cj.widgets.code_quotes(")
    texts = [text for text in cj.read_sources(example).quotes["text"] if len(text) > 40]
    for name in ("coding.html", "coding.ipynb"):
        assert not [text for text in texts if text in html.unescape(files[name])], name
    assert set(files) >= {f"{name}.csv" for name in STUDY_TABLES}
