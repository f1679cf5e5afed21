"""Languages as files write them: a code such as ca, or a name such as Catalan, catalán, catalană."""

from __future__ import annotations

import re
from functools import cache

import polars as pl
from babel import Locale

from cjtools.settings import LANGUAGES
from cjtools.words import fold

CODE = r"^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$"
# Names that the tables of languages do not have.
OTHERS = {"castellano": "es", "castella": "es", "castilian": "es", "castigliano": "es", "valencia": "ca",
          "valenciano": "ca", "valencian": "ca", "valenciana": "ca", "rumeno": "ro", "moldovan": "ro"}  # fmt: skip


def language_code(text: pl.Expr) -> pl.Expr:
    """Return a language code with a small primary part and hyphens; what is no code is null."""
    code = text.str.replace_all("_", "-")
    plain = code.str.extract("^([A-Za-z]+)").str.to_lowercase() + code.str.replace("^[A-Za-z]+", "")
    return pl.when(text.str.contains(CODE)).then(plain)


def language_of(texts: pl.Series) -> pl.Series:
    """Return the codes that some texts mean: codes, or names in one of the kit's languages; others are null.

    >>> language_of(pl.Series(["es_MX", "Catalan", "Inglés", "Portuguese (Brazil)", "?"])).to_list()
    ['es-MX', 'ca', 'en', 'pt', None]
    """
    codes = texts.to_frame().select(language_code(pl.col(texts.name))).to_series()
    others = texts.filter(texts.is_not_null() & codes.is_null()).unique().to_list()
    named = {text: code for text in others if (code := name_code(text)) is not None}
    if not named:
        return codes
    meant = texts.replace_strict(list(named), list(named.values()), default=None, return_dtype=pl.String)
    return codes.zip_with(codes.is_not_null(), meant)


def name_code(name: str) -> str | None:
    """Return the code of a language's name; what stands in brackets, or as a last word, tells its script or country.

    >>> name_code("Chinese Simplified"), name_code("Not specified")
    ('zh', None)
    """
    known, plain = language_names(), fold(re.split(r"[(,;/]", name)[0])
    return known.get(plain) or known.get(plain.rpartition("-")[0])


@cache
def language_names() -> dict[str, str]:
    """Return the codes of languages by their folded names in the languages of the kit."""
    names: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in sorted(Locale.parse(language).languages.items()):
            if re.fullmatch(r"[a-z]{2,3}", code):
                names.setdefault(fold(name), code)
    return {**names, **OTHERS}
