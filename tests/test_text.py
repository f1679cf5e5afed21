"""Terms find touchpoints as whole words in any language; identifiers are masked."""

from __future__ import annotations

import json

import polars as pl
import pytest
from conftest import SHARED

from cjtools.privacy import MASK, mask_names, pseudonym
from cjtools.settings import Touchpoint
from cjtools.text.redact import redact
from cjtools.text.terms import match_terms


def touchpoint(*terms: str) -> Touchpoint:
    return Touchpoint(id="t", label="T", environment="online", stages=("purchase",), terms=terms)


def hits(text: str, *terms: str) -> bool:
    quotes = pl.DataFrame({"quote_id": ["q"], "text": [text]})
    return match_terms(quotes, touchpoints=[touchpoint(*terms)]).height == 1


@pytest.mark.parametrize(
    ("text", "term", "found"),
    [
        ("Una DEVOLUCIÓ lenta", "devolució", True),
        ("dues devolucions", "devolució", False),
        ("dues devolucions", "devoluci*", True),
        ("un resort a la platja", "reso", False),
        ("costul livrării e mare", "costul livrarii", True),
        ("costul   livrării", "costul livrării", True),
        ("MAŞINĂ", "mașină", True),
        ("col·lecció", "col·lecció", True),
        ("price (net) is fine", "(net)", False),
        ("the shop.", "shop", True),
        ("", "shop", False),
    ],
)
def test_a_term_is_found_as_a_whole_word_without_case_and_accents(text, term, found):
    assert hits(text, term) is found


def test_a_text_may_speak_of_two_touchpoints():
    other = touchpoint("botiga").model_copy(update={"id": "u"})
    quotes = pl.DataFrame({"quote_id": ["q"], "text": ["la web i la botiga"]})
    assert match_terms(quotes, touchpoints=[touchpoint("web"), other])["code"].to_list() == ["t", "u"]


def redacted(text: str) -> str:
    return pl.DataFrame({"t": [text]}).select(redact(pl.col("t"))).item()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("ana@mail.example", MASK),
        ("tel. +34 600 000 000!", f"tel. {MASK}!"),
        ("truca al 600-000-000", f"truca al {MASK}"),
        ("(@someone) diu", f"({MASK}) diu"),
        ("@someone diu", f"{MASK} diu"),
        ("https://x.example/a?b=1 ok", f"{MASK} ok"),
        ("www.x.example", MASK),
        ("ES91 2100 0418 4502 0005 1332", MASK),
        ("19,90 € i 3 dies", "19,90 € i 3 dies"),
        ("any 2026", "any 2026"),
        ("l'e-mail no arriba", "l'e-mail no arriba"),
    ],
)
def test_identifiers_with_a_form_are_masked_and_nothing_else(text, masked):
    assert redacted(text) == masked


def test_structured_identifiers_of_the_labelled_set_are_masked():
    path = SHARED / "pii" / "dev.jsonl"
    if not path.is_file():
        pytest.skip("the labelled set is not here")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    wanted = {"EMAIL", "PHONE", "URL", "HANDLE", "IBAN"}
    missed, total = [], 0
    for row in rows:
        out = redacted(row["text"])
        for span in row.get("spans", row.get("entities", [])):
            label = str(span.get("label", span.get("type", ""))).upper()
            value = row["text"][span["start"] : span["end"]]
            if label in wanted:
                total += 1
                missed += [(label, value)] if value in out else []
    assert total > 0
    assert not missed


def test_names_of_participants_are_masked_in_any_case_and_without_accents():
    masked = f"{MASK} {MASK} i la {MASK}, la font"
    assert mask_names("MERCE Puig i la mercè, la font", ["Mercè Puig"]) == masked


def test_a_pseudonym_is_stable_within_a_client_and_differs_between_clients():
    assert pseudonym("@a", salt="acme") == pseudonym("@a", salt="acme")
    assert pseudonym("@a", salt="acme") != pseudonym("@a", salt="other")
