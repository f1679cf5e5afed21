"""Suggested codes: from the shipped model to the client's own codes, with a reason, and never by the machine alone."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import polars as pl
import pytest
from fixtures.make_client import HEAD, make_client
from fixtures.word_encoder import Words

import cjtools as cj
from cjtools.client import load_client, stage_models
from cjtools.settings import Stage
from cjtools.tables import Coding, shape_of
from cjtools.text.codebook import load_codebook
from cjtools.text.stages import KNOWN, crosswalk
from cjtools.text.suggest import TYPES, Suggestions, as_codings, learn, prepare, queue, suggest_codes

BOOK = "".join(f'[[codes]]\nid = "{name}"\nkind = "factor"\n' for name in ("price", "care", "speed"))
# What the planted texts of each factor speak of; no description of the codebook says so.
SPOKEN = {"price": "preu car", "care": "tracte amable", "speed": "cua llarga"}
FACTORS = tuple(SPOKEN)


def planted(count: int) -> pl.DataFrame:
    """Return texts that speak of one factor each, in turn, three to a document."""
    rows = [
        (f"q{n:03}", f"d{n // 3}", f"{SPOKEN[FACTORS[n % 3]]} lloc{n * 7 % 11} dia{n % 5}", "ca") for n in range(count)
    ]
    return pl.DataFrame(rows, schema=["quote_id", "doc_id", "text", "language"], orient="row")


def coded(
    codes: dict[str, str], *, kind: str = "factor", method: str = "person", accepted: bool = True
) -> pl.DataFrame:
    rows = [(quote, kind, code, None, "ana", method, None, accepted) for quote, code in codes.items()]
    return Coding.validate(pl.DataFrame(rows, schema=shape_of(Coding), orient="row"), cast=True)


def right(count: int) -> dict[str, str]:
    """Return the factor of each of the first planted texts."""
    return {f"q{n:03}": FACTORS[n % 3] for n in range(count)}


@pytest.fixture
def client(tmp_path) -> cj.Client:
    return make_client(tmp_path, codebook__toml=BOOK)


def suggested(client: cj.Client, codings: pl.DataFrame, *, texts: int = 90, kind: str = "factor") -> Suggestions:
    return suggest_codes(
        planted(texts), kind=kind, client=client, codings=codings, book=load_codebook(client), encoder=Words()
    )


def goes(journey: Sequence[Stage]) -> dict[str, str]:
    """Return the client's stage of each of the eight that the model knows."""
    walk = crosswalk(journey)
    assert walk.sum(axis=1).tolist() == [1.0] * len(KNOWN)
    return {name: journey[int(row.argmax())].id for name, row in zip(KNOWN, walk, strict=True)}


def model(name: str) -> list[Stage]:
    return [Stage(id=stage, band=row["band"]) for stage, row in stage_models()[name].items()]


WALKS = {
    "four": "awareness consideration consideration decision decision after_sale after_sale after_sale",
    "five": "awareness interest consideration decision decision after_sale after_sale after_sale",
    "six": "awareness consideration consideration decision purchase loyalty loyalty advocacy",
    "before_during_after": "before before before before during after after after",
}


@pytest.mark.parametrize("name", WALKS)
def test_the_eight_stages_go_to_those_of_each_named_model(name):
    assert goes(model(name)) == dict(zip(KNOWN, WALKS[name].split(), strict=True))


def test_stages_of_the_clients_own_are_found_by_their_band_and_order():
    own = [Stage(id="dream", band="before"), Stage(id="plan", band="before"), Stage(id="stay", band="during"),
           Stage(id="remember", band="after")]  # fmt: skip
    assert list(goes(own).values()) == ["dream", "dream", "plan", "plan", "stay", "remember", "remember", "remember"]
    assert set(goes([Stage(id="only", band="after")]).values()) == {"only"}


@pytest.mark.parametrize("name", stage_models())
def test_suggested_stages_are_those_of_the_client_whatever_its_model(tmp_path, name):
    (tmp_path / "client.toml").write_text(HEAD.split("[stages]")[0] + f'[stages]\nmodel = "{name}"\n', encoding="utf-8")
    client = load_client(tmp_path)
    texts = pl.DataFrame({"quote_id": ["a", "b"], "doc_id": ["d", "d"], "language": ["ca", "other"],
                          "text": ["Vaig pagar amb targeta a la caixa", "Ich habe bezahlt"]})  # fmt: skip
    found = suggest_codes(texts, kind="stage", client=client, codings=Coding.create_empty())
    assert found.rows["quote_id"].to_list() == ["a"]
    row = found.rows.row(0, named=True)
    assert {row["code"], row["second"]} <= set(stage_models()[name])
    assert row["margin"] == pytest.approx(row["confidence"] - row["second_confidence"], abs=2e-6)
    assert (found.codes, found.agreement, found.accepted, row["because"]) == (0, None, False, None)


def test_the_machine_learns_what_no_description_says(client):
    truth = right(90)

    def hits(count: int) -> float:
        rows = suggested(client, coded(right(count))).rows
        return sum(truth[quote] == code for quote, code in rows.select("quote_id", "code").iter_rows()) / rows.height

    assert hits(0) < 0.6
    assert hits(30) > 0.9


def test_the_reason_is_an_accepted_quote_of_the_suggested_code(client):
    refused = coded({"q080": "price"}, accepted=False)
    found = suggested(client, pl.concat([coded(right(30)), refused]))
    assert found.rows.height == 60
    assert "q080" in found.rows["quote_id"].to_list()
    given = right(30)
    assert [given[row["because"]] for row in found.rows.to_dicts()] == found.rows["code"].to_list()


def test_what_is_coded_is_not_suggested_and_the_machines_own_codes_teach_nothing(client):
    found = suggested(client, pl.concat([coded(right(12)), coded({"q050": "care"}, method="model")]))
    assert found.codes == 12
    assert not set(found.rows["quote_id"]) & set(right(12))
    assert "q050" in found.rows["quote_id"].to_list()


@pytest.mark.parametrize(("count", "counts"), [(29, False), (30, True)])
def test_codes_count_from_thirty_codes_on(client, count, counts):
    found = suggested(client, coded(right(count)))
    assert (found.codes, found.accepted) == (count, counts)
    assert found.agreement >= 0.7
    assert as_codings(found)["accepted"].unique().to_list() == [counts]


def test_codes_that_the_machine_cannot_give_do_not_count_however_many_there_are(client):
    by_lot = {f"q{n:03}": FACTORS[zlib.crc32(f"{n}".encode()) % 3] for n in range(60)}
    found = suggested(client, coded(by_lot))
    assert found.codes == 60
    assert found.agreement < 0.7
    assert not found.accepted
    assert not as_codings(found)["accepted"].any()


def test_without_a_second_document_nothing_is_measured(client):
    texts = planted(60).with_columns(doc_id=pl.lit("one"))
    book = load_codebook(client)
    found = suggest_codes(texts, kind="factor", client=client, codings=coded(right(40)), book=book, encoder=Words())
    assert (found.agreement, found.accepted) == (None, False)


def test_types_that_the_machine_does_not_know_are_ignored(client):
    texts = pl.DataFrame({"quote_id": ["a", "b"], "doc_id": ["d", "e"], "language": ["en", "en"],
                          "text": ["The queue was far too long", "Could you open on Sundays?"]})  # fmt: skip
    found = suggest_codes(texts, kind="type", client=client, codings=coded({"a": "emotion"}, kind="type"))
    assert found.codes == 0
    assert found.rows["quote_id"].to_list() == ["a", "b"]
    assert set(found.rows["code"]) <= set(TYPES)


def test_codes_on_texts_that_are_not_there_are_not_counted(client):
    found = suggested(client, coded({**right(20), "gone": "price"}))
    assert found.codes == 20


def test_to_learn_again_gives_what_starting_anew_gives(client):
    prepared = prepare(planted(60), kind="factor", client=client, book=load_codebook(client), encoder=Words())
    learn(prepared, coded(right(12)))
    again, anew = learn(prepared, coded(right(30))), suggested(client, coded(right(30)), texts=60)
    assert again.rows.equals(anew.rows)
    assert again.agreement == anew.agreement


def test_the_order_of_texts_and_codes_changes_nothing(client):
    codings, book = coded(right(30)), load_codebook(client)
    turned = suggest_codes(
        planted(90).reverse(), kind="factor", client=client, codings=codings.reverse(), book=book, encoder=Words()
    )
    assert turned.rows.equals(suggested(client, codings).rows)


def test_the_queue_lets_every_code_have_its_turn(client):
    rows = suggested(client, coded(right(30))).rows
    first = queue(rows, most=3)
    assert set(first["code"]) == set(FACTORS)
    assert queue(rows, most=1)["margin"][0] == rows["margin"].min()
