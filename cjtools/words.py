"""The words of a language: labels, counts with their plural, numbers, dates and periods as people there write them."""

from __future__ import annotations

import datetime as dt
import sys
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton, get_month_names
from babel.numbers import format_decimal, format_percent

from cjtools.errors import Fault, ParameterError, cut, nearest
from cjtools.settings import LANGUAGES

# Romanian writes ș and ț with a comma below; many files still hold the old cedilla letters.
CEDILLA: dict[int, int] = str.maketrans("şţŞŢ", "șțȘȚ")


@dataclass(frozen=True)
class Words:
    """The words of one language, read from languages/<code>.toml.

    >>> words = load_words("ca")
    >>> words.stage("purchase"), words.number(1234.5, digits=1)
    ('compra', '1.234,5')
    """

    language: str
    sections: Mapping[str, Mapping[str, Any]]

    def __getitem__(self, key: str) -> str:
        """Return a word of the page; a missing one is a fault of the kit, never an empty place."""
        return self.of("words", key)

    def __call__(self, key: str, **values: object) -> str:
        """Return a sentence of the page with its places filled."""
        return self[key].format(**values)

    def of(self, section: str, key: str) -> str:
        """Return a word of a section of the language file."""
        try:
            return str(self.sections[section][key])
        except KeyError:
            where = f"languages/{self.language}.toml [{section}]"
            raise ParameterError(where, [Fault(key, "no such word", "", "add it to all five languages")]) from None

    def stage(self, name: str) -> str:
        """Return the label of a stage of the named models."""
        return self.of("stages", name)

    def has(self, section: str, key: str) -> bool:
        """Say whether a section of the language file knows a key."""
        return key in self.sections.get(section, {})

    def count(self, key: str, number: int) -> str:
        """Return a number with its noun in the right plural.

        >>> load_words("ro").count("participants", 20)
        '20 de participanți'
        """
        forms = self.sections["plurals"][key]
        form = locale(self.language).plural_form(number)
        return str(forms.get(form, forms["other"])).format(n=self.number(number))

    def number(self, value: float, *, digits: int = 0) -> str:
        """Return a number with the language's separators and a fixed number of decimals."""
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(0.0 if round(value, digits) == 0 else value, format=pattern, locale=locale(self.language))

    def signed(self, value: float, *, digits: int = 1) -> str:
        """Return a number with its sign, a true minus sign included."""
        text = self.number(abs(value), digits=digits)
        rounded = round(value, digits)
        return f"+{text}" if rounded > 0 else f"−{text}" if rounded < 0 else text

    def percent(self, share: float, *, digits: int = 0) -> str:
        """Return a share of one as per cent."""
        pattern = "#,##0" + ("." + "0" * digits if digits else "") + "\N{NO-BREAK SPACE}%"
        pattern = pattern.replace("\N{NO-BREAK SPACE}", "") if self.language == "en" else pattern
        return format_percent(share, format=pattern, locale=locale(self.language))

    def date(self, day: dt.date) -> str:
        """Return a day in its medium form."""
        return format_date(day, format="medium", locale=locale(self.language))

    def months(self) -> list[str]:
        """Return the short names of the twelve months, as they stand alone."""
        names = get_month_names("abbreviated", context="stand-alone", locale=locale(self.language))
        return [str(names[number]) for number in range(1, 13)]

    def month(self, day: dt.date) -> str:
        """Return a month and its year."""
        return str(format_skeleton("yMMM", day, locale=locale(self.language)))

    def period(self, first: dt.date, last: dt.date) -> str:
        """Return two days, both inclusive."""
        return self.date(first) if first == last else f"{self.date(first)} – {self.date(last)}"


@cache
def load_words(language: str) -> Words:
    """Return the words of a language: ca, en, es, it or ro.

    Raises ParameterError for another language.
    """
    if language not in LANGUAGES:
        fault = Fault("language", f"{cut(language)} has no words", nearest(language, LANGUAGES))
        raise ParameterError("language", [fault])
    text = (resources.files("cjtools") / "languages" / f"{language}.toml").read_text("utf-8")
    return Words(language, tomllib.loads(text))


@cache
def locale(language: str) -> Locale:
    """Return babel's locale of a language."""
    return Locale.parse(language)


def fold(text: str) -> str:
    """Return a text without case and accents, blanks and underscores as one hyphen: how codes are compared.

    >>> fold("Pàgina de Producte")
    'pagina-de-producte'
    """
    return "-".join(unaccented(text).replace("_", " ").replace("-", " ").split())


def unaccented(text: str) -> str:
    """Return a text without case and accents: how words are compared.

    >>> unaccented("Excel·lent, ÇA Șoseaua")
    'excellent, ca soseaua'
    """
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKD", text.translate(CEDILLA).casefold().replace("·", "")).translate(combining())


@cache
def combining() -> dict[int, None]:
    """Return every accent and mark that stands over or under the letter before it, as str.translate removes them."""
    return {number: None for number in range(sys.maxunicode + 1) if unicodedata.combining(chr(number))}


@cache
def code_names(section: str) -> dict[str, str]:
    """Return the folded labels of stages or types in all five languages, and the ids they mean.

    >>> code_names("types")["problema"], code_names("stages")["conștientizare".replace("ș", "s").replace("ț", "t")]
    ('pain', 'awareness')
    """
    names: dict[str, str] = {}
    for language in LANGUAGES:
        sections = load_words(language).sections
        names.update({fold(label): identifier for identifier, label in sections[section].items()})
        for identifier, aliases in sections.get(f"{section.removesuffix('s')}_aliases", {}).items():
            names.update({fold(alias): identifier for alias in aliases})
    names.update({fold(identifier): identifier for identifier in load_words("en").sections[section]})
    return names
