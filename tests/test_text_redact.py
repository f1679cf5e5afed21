"""Identifiers and registered names are masked, places are kept in step, and hostile texts cost no more than others."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from identifier_sentences import negatives, positives

from cjtools.privacy import MASK
from cjtools.text.redact import redact, redact_text, suggest_names

NAMES = ["Mercè Puig", "Sean O'Brien", "Lucia D'Angelo", "Ana-Maria Popescu", "Ștefan Ionescu", "Li Wei", "Rosa Gal·la"]


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
        ("@atencio, soc @rosa_m", f"@atencio, soc {MASK}"),
        ("https://x.example/a?b=1 ok", f"{MASK} ok"),
        ("www.x.example", "www.x.example"),
        ("https://www.botiga.example/pagament?nom=Ana ok", f"https://www.botiga.example/pagament{MASK} ok"),
        ("ES91 2100 0418 4502 0005 1332", MASK),
        ("19,90 € i 3 dies", "19,90 € i 3 dies"),
        ("any 2026", "any 2026"),
        ("l'e-mail no arriba", "l'e-mail no arriba"),
        ("", ""),
    ],
)
def test_identifiers_with_a_form_are_masked_and_nothing_else(text, masked):
    assert redacted(text) == masked


def test_a_column_is_masked_like_each_of_its_texts():
    texts = [text for *_, text, _, _ in positives(21, 12)] + [text for _, text in negatives(21, 60)]
    column = pl.DataFrame({"t": [*texts, None]}).select(redact(pl.col("t")))["t"].to_list()
    assert column == [*(redact_text(text).text for text in texts), None]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("La MERCE i la mercè", f"La {MASK} i la {MASK}"),
        ("Mercè's shop, d'en PUIG", f"{MASK}'s shop, d'en {MASK}"),
        ("O'Brien, o’brien's, OBRIEN, O Brien", f"{MASK}, {MASK}'s, {MASK}, {MASK} {MASK}"),
        ("diu D'ANGELO i dangelo", f"diu {MASK} i {MASK}"),
        ("Ana-Maria, ANA MARIA, anamaria, Ana", f"{MASK}, {MASK} {MASK}, {MASK}, {MASK}"),
        ("lui Ştefan, STEFAN, S\N{COMBINING COMMA BELOW}tefan!", f"lui {MASK}, {MASK}, {MASK}!"),
        ("Li Wei, però li vaig dir", f"{MASK} {MASK}, però li vaig dir"),
        ("gal·la GALLA", f"{MASK} {MASK}"),
        ("@merce_puig diu", f"{MASK} diu"),
        ("merce.puig@mail.example", MASK),
        ("mercepuig i Merce_Puig", f"{MASK} i {MASK}"),
        ("la rosa del catàleg", f"la {MASK} del catàleg"),
        ("mercenari, puigmal, rosada", "mercenari, puigmal, rosada"),
    ],
)
def test_registered_names_are_masked_however_they_are_written(text, masked):
    assert redact_text(text, names=NAMES).text == masked


def test_the_small_words_of_a_name_are_left():
    assert redact_text("La Maria del Mar és de la colla", names=["Maria del Mar de la Font"]).text == (
        f"La {MASK} del {MASK} és de la colla"
    )


PIECES = st.sampled_from([
    "ana@mail.example", "612 345 678", "@rosa_m", "Rosa", "O'Brien", "carrer Major, 5", "🙂",
    "e\N{COMBINING ACUTE ACCENT}",
    "ES91 2100 0418 4502 0005 1332", "12345678Z", MASK, "\N{ZERO WIDTH SPACE}", "I\N{COMBINING DOT ABOVE}", "via", "3",
])  # fmt: skip
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=8), st.sampled_from([" ", ", ", "\n", "("])), max_size=12).map(
    "".join
)


@given(TEXTS)
def test_every_place_outside_the_masks_is_kept_in_step(text):
    result = redact_text(text, names=["Rosa Martí", "Sean O'Brien"])
    ends = 0
    for span in result.masked:
        assert ends <= span.start < span.end <= len(text)
        assert result.text[result.place(span.start) :].startswith(MASK)
        assert all(result.place(within) == result.place(span.start) for within in range(span.start, span.end))
        ends = span.end
    hidden = {place for span in result.masked for place in range(span.start, span.end)}
    for place in set(range(len(text))) - hidden:
        assert text[place] == result.text[result.place(place)]
    assert result.place(len(text)) == len(result.text)


# Each is long enough that a pattern which reads it again from every place would not end within a test's patience.
HOSTILE = [
    "1", "@", "(", "1 ", "+1", "a@", "a.", "via ", "str.", "nac ", "(1", "1-", "1.",
    "fe80:", "12 high ", "a", "a'", "a-",
    "www.", "https://", "ES12 ", "ES12",
    "e\N{COMBINING ACUTE ACCENT}", "a at b. ", "a dot ", "612345678 ", " ", "\n", "flat 2, ",
    "Aa ", "1a2b", "matricula ", "A'A", "4111 1111 1111 1111 ", "\0", "א", "👩‍👩‍👧",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_of_100000_characters_is_read(piece):
    text = piece * (100_000 // len(piece))
    result = redact_text(text, names=["Ana-Maria O'Brien", "Li Wei"])
    assert len(result.text) <= len(text) + len(MASK) * len(result.masked)
    assert all(0 <= span.start < span.end <= len(text) for span in suggest_names(text))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Em dic Fàtima Bofill Serrat i visc a Girona.", ["Fàtima Bofill Serrat"]),
        (
            "Roger Ferrer Benali i Montserrat Puig Benali van fer la prova.",
            ["Roger Ferrer Benali", "Montserrat Puig Benali"],
        ),
        ("Entrevista amb Laia Ferrer i Puigdomènech", ["Laia Ferrer i Puigdomènech"]),
        ("The form is slow and the price is right.", []),
    ],
)
def test_names_are_suggested_whole_and_two_people_are_two(text, names):
    suggested = [text[span.start : span.end] for span in suggest_names(text)]
    assert [name for name in suggested if name in names] == names
    assert bool(names) or not suggested
