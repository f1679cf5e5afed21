"""What may leave the house, and to whom: pseudonyms, names that must not be seen, groups too small to show."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

import polars as pl

from cjtools.errors import Fault, ParameterError, cut, nearest
from cjtools.settings import AUDIENCES

MASK = "▮▮▮"

# Identifiers with a form of their own, by kind. In order: a link may hold an @, an e-mail address is no handle, an
# account number no phone number. Written so that Python's engine and that of polars read them alike.
FORMS: Mapping[str, str] = {
    "link": r"(?i)\b(?:https?://|www\.)\S+",
    "email": r"(?i)[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+",
    "handle": r"(^|[^\w@])@\w[\w.]+",
    "iban": r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,7}(?:[ ]?[A-Z0-9]{1,3})?\b",
    "id": r"\b(?:(?:\d{8}|[XYZ]\d{7})[ -]?[TRWAGMYFPDXBNJZSQVHLCKE]|[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z])\b",
    "phone": r"\+?\d(?:[\s().-]*\d){8,15}\b",
}

# How people say who they are, in the kit's languages. After the short ones it takes two words to be a name:
# "I am Catalan" holds none.
CAPITAL = r"[A-ZÀ-ÖØ-ÞĂÂÎȘȚŞŢČŠŽ][\w'’-]+"
PARTICLE = r"(?:(?:de|del|dels|de la|della|di|da|van|von|i|y)\s+)?"
BETWEEN = {"del", "dels", "della", "los", "las", "les", "els", "van", "von", "der", "and", "the"}
INTRODUCED = re.compile(
    rf"\b(?:(?P<sure>(?i:me llamo|mi nombre es|em dic|el meu nom és|mi chiamo|il mio nome è|m[ăa] numesc"
    rf"|numele meu (?:este|e)|my name is|my name['’]s))\s+(?P<name>{CAPITAL}(?:\s+{PARTICLE}{CAPITAL}){{0,3}})"
    rf"|(?i:soy|s[óo]c (?:en |la )?|sono|sunt|i am|i['’]m)\s*(?P<full>{CAPITAL}(?:\s+{PARTICLE}{CAPITAL}){{1,3}}))"
)

# A cell counts as withheld, not as empty: the page says so.
WITHHELD = "withheld"


def pseudonym(value: str, *, salt: str) -> str:
    """Return a short keyed hash of an id, the same for the same client only.

    The salt is the client's id: it keeps two clients apart; it is no secret, so the hash stays inside the house.

    >>> pseudonym("@someone", salt="acme") == pseudonym("@someone", salt="other")
    False
    """
    return hashlib.blake2b(value.encode(), key=salt.encode()[:64], digest_size=8).hexdigest()


def pseudonyms(values: Iterable[str], *, salt: str) -> list[str]:
    """Return the pseudonym of each of many ids, which is faster than one by one.

    >>> pseudonyms(["@someone"], salt="acme") == [pseudonym("@someone", salt="acme")]
    True
    """
    keyed = hashlib.blake2b(key=salt.encode()[:64], digest_size=8)
    hashed = []
    for value in values:
        own = keyed.copy()
        own.update(value.encode())
        hashed.append(own.hexdigest())
    return hashed


def mask_names(text: str, names: Iterable[str]) -> str:
    """Return a text without the given names, in any case and with or without accents.

    Whole names are masked, and each of their words of three letters or more but the small ones between (del, van).

    >>> mask_names("Com deia la MERCE Puig, cap problema", ["Mercè Puig"])
    'Com deia la ▮▮▮ ▮▮▮, cap problema'
    """
    words = {bare(word) for name in names for word in re.findall(r"\w{3,}", name)} - BETWEEN
    return (
        re.sub(r"\w+", lambda match: MASK if bare(match.group()) in words else match.group(), text) if words else text
    )


def introduced(text: str) -> tuple[list[str], list[str]]:
    """Return the names with which people introduce themselves: those that are sure, and those that are likely.

    >>> introduced("Em dic Pere Roca. Soy Lucía Ortega, de Vic.")
    (['Pere Roca'], ['Lucía Ortega'])
    """
    found = list(INTRODUCED.finditer(text))
    return [each["name"] for each in found if each["name"]], [each["full"] for each in found if each["full"]]


def count_private(text: str) -> Counter[str]:
    """Return how many identifiers of each kind stand in a text; links are none.

    >>> count_private("lucia@mail.example, 612 345 678, ES91 2100 0418 4502 0005 1332, 12345678Z")
    Counter({'email': 1, 'iban': 1, 'id': 1, 'phone': 1})
    """
    counts: Counter[str] = Counter()
    for kind, form in FORMS.items():
        text, found = re.subn(form, f" {MASK} ", text)
        if found and kind != "link":
            counts[kind] += found
    return counts


def bare(word: str) -> str:
    """Return a word without case and accents."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def enough(people: pl.Expr, *, minimum: int) -> pl.Expr:
    """Return whether a group is large enough to be shown as a number."""
    return people >= minimum


def unnamed_files(sources: pl.DataFrame) -> pl.DataFrame:
    """Return the table of sources for readers outside the team: files of interviews by their source and a number.

    People often name such a file after whom they talked to.

    >>> row = {"source_id": ["talks"], "family": ["interview"], "source_file": ["talks/Maria Puig.docx"]}
    >>> unnamed_files(pl.DataFrame(row))["source_file"].item()
    'talks 1'
    """
    number = pl.col("source_file").rank("dense").over("source_id")
    own = pl.format("{} {}", "source_id", number)
    named = pl.when(pl.col("family").cast(pl.String) == "interview").then(own).otherwise("source_file")
    return sources.with_columns(named.alias("source_file"))


def known_audience(audience: str) -> str:
    """Return the audience, or say which there are.

    Raises ParameterError for one that does not exist.
    """
    if audience not in AUDIENCES:
        fault = Fault("audience", f"{cut(audience)} is no audience", nearest(audience, AUDIENCES))
        raise ParameterError("audience", [fault])
    return audience
