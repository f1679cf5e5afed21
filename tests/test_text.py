"""Terms find touchpoints as whole words in any language; names of participants are masked."""

from __future__ import annotations

import polars as pl
import pytest

from cjtools.privacy import MASK, mask_names, pseudonym
from cjtools.settings import Touchpoint
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


def test_names_of_participants_are_masked_in_any_case_and_without_accents():
    masked = f"{MASK} {MASK} i la {MASK}, la font"
    assert mask_names("MERCE Puig i la mercè, la font", ["Mercè Puig"]) == masked


def test_a_pseudonym_is_stable_within_a_client_and_differs_between_clients():
    assert pseudonym("@a", salt="acme") == pseudonym("@a", salt="acme")
    assert pseudonym("@a", salt="acme") != pseudonym("@a", salt="other")
