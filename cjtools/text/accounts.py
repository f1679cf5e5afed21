"""Numbers of accounts, cards, people and cars: proven by their check digits, or by what the text calls them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from stdnum import iban, luhn
from stdnum.es import ccc, dni, nie
from stdnum.ro import cnp

from cjtools.text.spans import COUNTED, Span, after, before, is_reference

# Letters and digits of an account number by country.
LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI":
    18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IT": 27, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MC": 27, "MD": 24, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK":
    24, "SM": 27,
}  # fmt: skip
ACCOUNT = re.compile(r"(?<![^\W_])[A-Z]{2}[ .-]?\d{2}(?=[ .-]?[A-Z0-9])", re.IGNORECASE)
SPANISH_ACCOUNT = re.compile(r"(?<![\w.,-])\d{4}([ -]?)\d{4}\1\d{2}\1\d{10}(?!\w)")

DIGITS = re.compile(r"(?<!\w)(?<!\d[.,/-])\d(?:[ .-]?\d){12,22}(?!\w)")
# First digits of the card networks and how many digits their cards have.
NETWORKS = (
    (re.compile("4"), (19, 16, 13)),
    (re.compile("5[0-8]|2[2-7]"), (16,)),
    (re.compile("3[47]"), (15,)),
    (re.compile("3[0689]"), (14, 16)),
    (re.compile("35|6"), (19, 18, 17, 16)),
)
GROUPED_CARD = re.compile(r"\d{4}([ .-])\d{4}\1\d{4}\1\d{4}")

ID_CUE = re.compile(
    r"(?<!\w)(?:dni|d\.n\.i|nif|nie|document\w{0,2}|identi\w{2,8}|codice fiscale|cod\.? fisc\w{0,3}|c\.?f|cnp|nino"
    r"|national insurance|ni number|insurance|nhs|ssn|social security)\.?(?:\W{1,4}[^\W\d]{1,12}){0,4}\W{1,4}$",
    re.IGNORECASE,
)
NHS_CUE = re.compile(r"(?<!\w)nhs(?:\W{1,4}[^\W\d]{1,12}){0,4}\W{1,4}$", re.IGNORECASE)
CALLED_ID = re.compile(
    r"(?<!\w)(?:dni|nif|nie|passaporto?|pasaporte|passport|pasaport\w{0,3}|buletin\w{0,3}|cnp|carta d'identita"
    r"|carte de identitate|part(?:ita)?\.? ?iva|p\.? ?iva|nuss|ssn)\.?(?:\W{1,4}(?:[^\W\d]{3,10}|es|is|e|no|nr|el))"
    r"{0,3}?\W{1,4}(?P<value>[A-Z]{0,3}[ -]?\d(?:[ .-]?\d){5,11}(?:[ -]?[A-Z])?)(?!\w)",
    re.IGNORECASE,
)
TAX_ID = re.compile(
    r"(?<![\w.])(?:\d{8}|\d{1,2}([. ])\d{3}\1\d{3}|[XYZ][ -]?(?:\d{7}|\d\.\d{3}\.\d{3}))"
    r"(?P<gap> ?-? ?)(?P<letter>[A-Z])(?!\w)",
    re.IGNORECASE,
)
FISCAL_CODE = re.compile(
    r"(?<!\w)[A-Z]{3}[ -]?[A-Z]{3}[ -]?[\dLMNP-V]{2}[ -]?[A-EHLMPRST][ -]?[\dLMNP-V]{2}"
    r"[ -]?[A-Z][\dLMNP-V]{3}[ -]?[A-Z](?!\w)",
    re.IGNORECASE,
)
INSURANCE = re.compile(
    r"(?<!\w)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ -]?\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?[A-D](?!\w)", re.IGNORECASE
)
SOCIAL_SECURITY = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
HEALTH = re.compile(r"(?<![\w-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w-])")
CNP = re.compile(r"(?<!\w)[1-9][ -]?\d{6}[ -]?\d{6}(?!\w)")

SPANISH = "BCDFGHJKLMNPRSTVWXYZ"
PROVINCES = (
    "A|AB|AL|AV|B|BA|BI|BU|C|CA|CC|CE|CO|CR|CS|CU|GC|GE|GI|GR|GU|H|HU|IB|J|L|LE|LO|LU|M|MA|ML|MU|NA|O|OR|OU|P|PM|PO|S|SA"
    "|SE|SG|SO|SS|ST|T|TE|TF|TO|V|VA|VI|Z|ZA"
)
COUNTIES = (
    "AB|AG|AR|B|BC|BH|BN|BR|BT|BV|BZ|CJ|CL|CS|CT|CV|DB|DJ|GJ|GL|GR|HD|HR|IF|IL|IS|MH|MM|MS|NT|OT|PH|SB|SJ|SM|SV|TL|TM|TR"
    "|VL|VN|VS"
)
# Of today and of yesterday in Spain; Italy and France; Romania; Britain.
PLATE = re.compile(
    rf"(?<![\w-])(?:\d{{4}}[ -]?[{SPANISH}]{{3}}|(?:{PROVINCES})(?P<gap>[ -])\d{{4}}(?P=gap)[A-Z]{{1,2}}"
    rf"|[A-HJ-NPR-Z]{{2}}[ -]?\d{{3}}[ -]?[A-HJ-NPR-Z]{{2}}|(?:{COUNTIES})[ -]?\d{{2,3}}[ -]?[A-Z]{{3}}"
    rf"|[A-Z]{{2}}\d{{2}}[ -]?[A-Z]{{3}})(?![\w-])",
    re.IGNORECASE,
)
# Forms that only a text that speaks of a plate makes one: older British ones, Moldova, Andorra, Italy's first ones.
CALLED_PLATE = re.compile(
    # All forms begin so: what cannot is passed over at once.
    rf"(?<![\w-])(?=[A-Z]{{0,3}}[ -]?\d)(?:{PLATE.pattern}"
    rf"|(?<![\w-])(?:[A-Z]\d{{1,3}}[ -]?[A-Z]{{3}}|[A-Z]{{3}}[ -]?\d{{1,3}}[A-Z]?|[A-Z]-?\d{{4}}"
    rf"|[A-Z]{{2}}-?[A-Z0-9]?\d{{4,6}})(?![\w-]))",
    re.IGNORECASE,
)
WORD_AND_COUNT = re.compile(r"[A-Z]+ \d+", re.IGNORECASE)
PLATE_CUE = re.compile(
    r"(?<!\w)(?:matricul\w{0,4}|targ(?:a|hi|he|ata|ato|ate|ati)|inmatricul\w{2,6}|numarul|placut\w{1,3}|number ?plates?"
    r"|plates?|registration|registered|reg)\W{1,4}(?:[^\W\d]{1,14}\W{1,4}){0,4}$",
    re.IGNORECASE,
)
VEHICLE = re.compile(
    r"(?<!\w)(?:cotxe|moto|furgonet\w{1,2}|furgon\w{0,4}|coche|carro|auto\w{0,7}|macchin[ae]|masin\w{1,3}|car|van|vehic\w{2,5}"
    r"|veicol\w)\W{1,4}(?:[^\W\d]{1,14}\W{1,4}){0,5}$",
    re.IGNORECASE,
)
PLATE_BEHIND = re.compile(r"\W{1,3}(?:[^\W\d]{1,12}\W{1,3}){0,4}(?:matricul\w{0,4}|targa|plate|registration)\b", re.I)
UNITS = {
    "BGN", "BTC", "CHF", "CLP", "CZK", "DAYS", "DKK", "EUR", "GBP", "HRK", "HRS", "KWH", "LEI", "LUNI", "MBS", "MHZ",
    "MIN", "MXN", "ORE", "ORI", "PCS", "PLN", "PVP", "RON", "RPM", "SGD", "USD", "ZILE",
}  # fmt: skip


def squeezed(value: str) -> str:
    """Return a number in capitals without blanks and signs."""
    return re.sub(r"\W", "", value).upper()


def walk(text: str, start: int, count: int) -> int | None:
    """Return where so many letters and digits end, with at most one sign between two; None when they do not."""
    place, left = start, count
    while place < len(text) and left:
        if text[place].isascii() and text[place].isalnum():
            left -= 1
        elif text[place] not in " .-" or text[place - 1] in " .-":
            return None
        place += 1
    return None if left or text[place : place + 1].isalnum() else place


def find_ibans(text: str) -> Iterator[Span]:
    """Yield account numbers: proven ones, and those with their country's length and mostly digits."""
    for found in ACCOUNT.finditer(text):
        count = LENGTHS.get(found.group()[:2].upper())
        end = walk(text, found.start(), count) if count else None
        if end is not None:
            value = squeezed(text[found.start() : end])
            if iban.is_valid(value, check_country=False) or value[8:].isdigit():
                yield Span(found.start(), end, "iban")
    for found in SPANISH_ACCOUNT.finditer(text):
        if ccc.is_valid(squeezed(found.group())):
            yield Span(found.start(), found.end(), "iban")


def find_cards(text: str) -> Iterator[Span]:
    """Yield card numbers: those whose check digit is right, and those written in four groups of four."""
    for found in DIGITS.finditer(text):
        places = [place for place in range(found.start(), found.end()) if text[place].isdigit()]
        starts = [n for n, place in enumerate(places) if n == 0 or not text[place - 1].isdigit()]
        for first in starts:
            end = card_end(text, places[first:])
            if end is not None:
                yield Span(places[first], end, "card")
                break


def card_end(text: str, places: list[int]) -> int | None:
    """Return where the card number ends whose digits stand at these places, or None when it is none."""
    digits = "".join(text[place] for place in places)
    for first, lengths in NETWORKS:
        for length in lengths if first.match(digits) else ():
            last = places[length - 1] if length <= len(places) else None
            if last is not None and not text[last + 1 : last + 2].isdigit() and luhn.is_valid(digits[:length]):
                return last + 1
    grouped = GROUPED_CARD.match(text, places[0], places[-1] + 1)
    return grouped.end() if grouped and not text[grouped.end() : grouped.end() + 1].isdigit() else None


def find_tax_ids(text: str) -> Iterator[Span]:
    """Yield Spanish identity numbers: proven, or so written or so called that they are meant as one."""
    for found in TAX_ID.finditer(text):
        value = squeezed(found.group())
        proven = nie.is_valid(value) if value[0] in "XYZ" else dni.is_valid(value.zfill(9))
        written = " " not in found["gap"] and found["letter"].isupper() and not is_reference(text, found.start())
        if proven or written or ID_CUE.search(before(text, found.start())):
            yield Span(found.start(), found.end(), "id")


def find_cnps(text: str) -> Iterator[Span]:
    """Yield Romanian personal numbers: proven, or named as such before."""
    for found in CNP.finditer(text):
        called = "cnp" in before(text, found.start(), width=30).lower()
        proven = cnp.is_valid(squeezed(found.group())) and not is_reference(text, found.start())
        if called or proven:
            yield Span(found.start(), found.end(), "id")


def find_other_ids(text: str) -> Iterator[Span]:
    """Yield codici fiscali, British and American insurance numbers, and what is called a passport or the like."""
    for form in (FISCAL_CODE, INSURANCE, SOCIAL_SECURITY):
        for found in form.finditer(text):
            if form is FISCAL_CODE or not is_reference(text, found.start()):
                yield Span(found.start(), found.end(), "id")
    for found in HEALTH.finditer(text):
        if NHS_CUE.search(before(text, found.start())):
            yield Span(found.start(), found.end(), "id")
    for found in CALLED_ID.finditer(text):
        yield Span(found.start("value"), found.end("value"), "id")


def find_plates(text: str) -> Iterator[Span]:
    """Yield number plates: in capitals by their form, else where the text speaks of one."""
    shouted = text.isupper()
    for found in CALLED_PLATE.finditer(text):
        value, lead = found.group(), before(text, found.start())
        told = bool(PLATE_CUE.search(lead)) or bool(PLATE_BEHIND.match(after(text, found.end())))
        unit = re.split(r"[\d -]+", value)[-1].upper() in UNITS and not told
        if unit or COUNTED.match(after(text, found.end())) or is_reference(text, found.start()):
            continue
        capital = value.isupper() and not (shouted and " " in value)
        if PLATE.fullmatch(value):
            meant = told or capital or bool(VEHICLE.search(lead))
        else:
            meant = told and (capital or not WORD_AND_COUNT.fullmatch(value))
        if meant:
            yield Span(found.start(), found.end(), "plate")


FINDERS: tuple[Callable[[str], Iterator[Span]], ...] = (
    find_ibans,
    find_cards,
    find_tax_ids,
    find_cnps,
    find_other_ids,
)
