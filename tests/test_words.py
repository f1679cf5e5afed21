"""Every language has every word, and writes numbers, dates and plurals as people there do."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from babel import Locale

import cjtools as cj
from cjtools.settings import LANGUAGES
from cjtools.words import code_names, fold, load_words


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_the_same_words_as_english(language):
    mine, english = load_words(language).sections, load_words("en").sections
    assert {name: set(rows) for name, rows in mine.items()} == {name: set(rows) for name, rows in english.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_has_the_same_places_in_every_language(language):
    english = load_words("en").sections["words"]
    for key, text in load_words(language).sections["words"].items():
        assert set(re.findall(r"{(\w+)", text)) == set(re.findall(r"{(\w+)", english[key])), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_has_the_forms_that_small_counts_need(language):
    needed = {Locale.parse(language).plural_form(number) for number in range(201)}
    for key, forms in load_words(language).sections["plurals"].items():
        assert needed <= set(forms), key
        assert all("{n}" in form for form in forms.values()), key


def test_a_missing_word_stops_the_report():
    with pytest.raises(cj.ParameterError, match="no such word; add it to all five languages"):
        load_words("ca")["nothing_like_this"]


def test_an_unknown_language_is_named():
    with pytest.raises(cj.ParameterError, match="'fr' has no words"):
        load_words("fr")


@pytest.mark.parametrize(
    ("language", "number", "percent", "day"),
    [
        ("ca", "1.234,5", "41,6\N{NO-BREAK SPACE}%", "5 de set. 2026"),
        ("en", "1,234.5", "41.6%", "Sep 5, 2026"),
        ("es", "1.234,5", "41,6\N{NO-BREAK SPACE}%", "5 sept 2026"),
        ("it", "1.234,5", "41,6\N{NO-BREAK SPACE}%", "5 set 2026"),
        ("ro", "1.234,5", "41,6\N{NO-BREAK SPACE}%", "5 sept. 2026"),
    ],
)
def test_numbers_and_dates_are_written_as_people_there_write_them(language, number, percent, day):
    words = load_words(language)
    assert words.number(1234.5, digits=1) == number
    assert words.percent(0.416, digits=1) == percent
    assert words.date(dt.date(2026, 9, 5)) == day


def test_romanian_counts_from_twenty_on_with_de():
    words = load_words("ro")
    counts = [words.count("participants", number) for number in (1, 2, 19, 20, 101)]
    assert counts == ["1 participant", "2 participanți", "19 participanți", "20 de participanți", "101 participanți"]


@pytest.mark.parametrize(("value", "text"), [(1.25, "+1.2"), (-1.25, "−1.2"), (0.04, "0.0"), (-0.04, "0.0")])
def test_a_signed_number_has_a_true_minus_and_no_signed_zero(value, text):
    assert load_words("en").signed(value) == text


@pytest.mark.parametrize("section", ["stages", "types"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_is_known_by_its_label_in_every_language(section, language):
    names = code_names(section)
    for identifier, label in load_words(language).sections[section].items():
        assert names[fold(label)] == identifier


def test_old_cedillas_and_capitals_do_not_matter():
    assert fold("CONŞTIENTIZARE") == fold("conștientizare") == "constientizare"
