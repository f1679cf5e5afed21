"""Identifiers with a form of their own in a text: addresses, and numbers of phones, accounts and people."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import urlsplit

from cjtools.text.accounts import FINDERS as NUMBERS
from cjtools.text.accounts import find_plates
from cjtools.text.phones import find_phones
from cjtools.text.spans import Finder, Span, before, free, plain, stand
from cjtools.text.streets import find_streets

__all__ = ["FINDERS", "Span", "find_identifiers"]

DIGIT = re.compile(r"\d")
# Not the article that a Romance language joins to the next word.
EMAIL = re.compile(
    r"@?(?<![\w.%+-])(?!(?:l|all|dell|sull|nell|dall|quell|un)')\w(?:[\w.%+'-]{0,62}[\w%+-])?"
    r"(?: @ |@ ?)(?:[\w-]{1,63}\.){1,6}[^\W\d_][\w-]{1,23}(?<![-_])",
)
PROVIDERS = (
    r"(?:gmail|googlemail|hotmail|outlook|yahoo|icloud|live|msn|proton|protonmail|gmx|libero|virgilio|tiscali|aol|me"
    r"|telefonica|ymail)"
)
AT = r"(?:\s?[(\[{]\s?(?:at|arroba|chiocciola|arond|a rond|@)\s?[)\]}]\s?|\s(?:at|arroba|chiocciola|arond|a rond)\s)"
DOT = r"(?:\.|\s?[(\[{]\s?(?:dot|punt|punto|punct|\.)\s?[)\]}]\s?|\s(?:dot|punt|punto|punct)\s)"
SPOKEN = re.compile(
    rf"(?<![\w.+-])(?P<local>(?!(?:me|us|you|him|her|them|it|or|and|is|look)\s)\w[\w+'-]{{0,40}}(?:{DOT}[\w+-]{{1,40}}){{0,3}})(?P<at>{AT})"
    rf"(?P<host>[\w-]{{1,40}}(?P<dot>{DOT})(?:[\w-]{{1,40}}{DOT}){{0,2}}[a-z]{{2,12}})(?!\w)",
    re.IGNORECASE,
)
SPELLED = re.compile(r"\b(?:at|arroba|chiocciola|a ?rond)\b|[(\[{]\s?@", re.IGNORECASE)
MAIL_CUE = re.compile(
    r"(?<!\w)(?:e-?mail\w{0,3}|mail|correu|correo|posta|escri\w{1,7}|scri\w{1,6}|write)\b.{0,40}$", re.I
)
PROVIDED = re.compile(PROVIDERS, re.IGNORECASE)

# Hosts on which a path names a person, by any of their labels.
PEOPLE = frozenset({
    "facebook", "instagram", "x", "twitter", "tiktok", "linkedin", "youtube", "youtu", "threads", "mastodon", "bsky",
    "snapchat", "pinterest", "reddit", "telegram", "wa", "t", "fb", "vk", "medium", "onlyfans", "twitch", "whatsapp",
    "github", "tumblr", "flickr", "soundcloud", "linktr", "vinted", "wallapop", "discord", "vimeo",
})  # fmt: skip
SOCIAL = "|".join(sorted(PEOPLE - {"x", "t", "wa", "fb", "medium", "me", "live"}))
LINK = re.compile(
    r"(?<!\w)(?:https?://|www\.)[^\s<>«»“”\"]+|(?<![\w@.-])(?:wa|t|fb)\.me/[^\s<>«»“”\"]+"
    rf"|(?<![\w@.-])(?:[a-z]{{1,5}}\.)?(?:(?:{SOCIAL})\.[a-z]{{2,8}}|x\.com|linktr\.ee|bsky\.app|youtu\.be)/[^\s<>«»“”\"]+",
    re.IGNORECASE,
)
# The part of a path after which a person's name comes, in any host.
OWNER = re.compile(
    r"(?:user|usuari|usuario|utente|utilizator|member|membre|miembro|membru|membro|profile|perfil|profil|profilo|people|author"
    r"|autor|autore|account|compte|cuenta|u)s?",
    re.IGNORECASE,
)
FILE = re.compile(r"\.(?:html?|php|aspx?|jsp|pdf|jpe?g|png|gif|webp|svg|css|js|xml|json|csv|zip|do)$", re.IGNORECASE)
NAMED = re.compile(r"[^\W\d_]{2,}\.[^\W\d_]{2,}[\w.]{0,40}|[@~].+|.{0,60}%40.{0,60}", re.IGNORECASE)
TOKEN = re.compile(r"(?=[^\W_]*\d)(?=[^\W_]*[^\W\d_])[^\W_]{16,}|[\w-]{32,}|\d{9,}")
PRIVATE = re.compile(
    r"(?:e?mail|name|nom\w*|user\w*|uid|id|token|key|phone|tel\w*|session\w*|sid|auth|code|client)", re.I
)
PLAIN_VALUE = re.compile(r"(?:[^\W\d_]{1,24}|\d{1,4})?(?:[-_+.](?:[^\W\d_]{1,24}|\d{1,4})|%20[^\W\d_]{1,24}){0,8}")

HANDLE = re.compile(r"(?<![\w@./+-])@\w(?:[\w.-]{0,60}\w)?(?<!')")
# A desk of a shop is nobody.
DESK_WORD = (
    r"(?:atencio|atencion|suport|soporte|support|ajuda|ayuda|help|aiuto|ajutor|assistenza|asistencia|asistenta|assistencia"
    r"|care|services?|servei|servicio|servizio|info|contact|contacte|contacto|customer)"
)
DESK = re.compile(rf"@{DESK_WORD}(?:[._]?(?:{DESK_WORD}|client[eis]{{0,2}}|al|desk|team|online)){{0,3}}", re.IGNORECASE)
IP4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)")
IP6 = re.compile(r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?!\w)", re.IGNORECASE)
IP_CUE = re.compile(r"(?<!\w)(?:ip|ipv4|ipv6|host|server\w{0,2}|servidor)(?!\w)[^\d]{0,40}$", re.IGNORECASE)
VERSION = re.compile(
    r"(?<!\w)(?:versi\w{1,5}|v|ver|release|build|firmware|app|aplica\w{2,6}|ios|android|windows|update|actuali\w{3,8}"
    r"|aggiorna\w{3,6}|driver)\.?(?:\s[^\W\d]{1,12}){0,3}\s?$",
    re.IGNORECASE,
)

MONTH = (
    r"(?:gen|jan|ian|ene|feb|mar|apr|abr|mai|may|mag|jun|iun|giu|jul|iul|lug|aug|ago|set|sep|oct|ott|nov|noi|des|dic|dec)"
    r"[a-z]{0,7}\.?"
)
YEAR = r"(?:\d{4}|'\d{2}|(?<=de )\d{2}|(?<=del )\d{2})"
DAY = (
    r"(?:\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?(?:\d{4}|\d{2})|\d{1,2} \d{1,2} \d{4}"
    rf"|\d{{1,2}}[./-](?:{MONTH}|[IVX]{{1,4}})[./-]\d{{2,4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|r|er|[º°])?,?\s{{1,2}}(?:de\s|d'\s?|of\s)?{MONTH}(?:,?\s{{1,2}}(?:de\s|del\s|din\s|of\s)?{YEAR})?"
    rf"|{MONTH}\s{{1,2}}\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s{{1,2}}{YEAR})?)(?!\w)"
)
ONES_OWN = r"(?:meu|meva|mi|mio|mia|my|seu|seva|su|suo|sua|his|her|their|mea|lui|ei|sau|sa)"
BIRTH_NOUN = (
    r"naixement|naixenca|nacimiento|nascita|nasterii|nastere|birth|birthdate|dob|d\.o\.b|ddn|fdn|f\. ?nac|date of birth"
)
BIRTH = re.compile(
    rf"(?<!\w)(?:neixer|naixer|nascu[td]\w{{0,2}}|nasc|nacid[oa]s?|naci|nacio|nacer|nat[oa](?= il| a | in | nel )|born"
    rf"|sono nat[oa]|{BIRTH_NOUN}|nastere\w{{0,2}}|zi(?:ua)? de nastere|faig anys|faig \w{{1,10}} anys|cumplo"
    rf"|cumplo \w{{1,10}} anos|compio (?:gli|\w{{1,10}}) anni|implinesc"
    rf"|{ONES_OWN}\W{{1,3}}(?:aniversari\w{{0,2}}|cumplea\w{{1,5}}|complean\w{{1,3}}|birthday|b-?day)"
    rf"|(?:aniversarea|ziua|compleanno|cumpleanos) (?:mea|mi|mio))"
    rf"\W{{1,4}}(?:[^\W\d]{{1,15}}\W{{1,4}}){{0,6}}?(?P<day>{DAY})",
    re.IGNORECASE,
)
BORN_BEHIND = re.compile(
    rf"(?P<day>(?<![\w/.-]){DAY})(?=\W{{1,4}}(?:[^\W\d]{{1,12}}\W{{1,3}}){{0,4}}?(?:{BIRTH_NOUN})(?!\w))", re.IGNORECASE
)


def find_identifiers(text: str) -> list[Span]:
    """Return the identifiers in a text, in order, without overlap; where two overlap, the surer kind stays.

    Labels: email, link, handle, iban, card, id (DNI, NIE, codice fiscale, CNP, NINO, SSN, passport), phone, ip, plate,
    birth, address. Numbers with check digits are proven; forms that nothing else has are taken without. A link to a
    page of a shop is no identifier: which page did not work is evidence; what it hands over in its query may be one.

    >>> [(span.label, "Truqueu al 612 345 678 o a ana@mail.example"[span.start : span.end]) for span in
    ...     find_identifiers("Truqueu al 612 345 678 o a ana@mail.example")]
    [('phone', '612 345 678'), ('email', 'ana@mail.example')]
    """
    read = plain(text)
    digits = len(DIGIT.findall(read))
    taken = bytearray(len(read))
    found = [span for least, find in FINDERS if digits >= least for span in find(read) if free(taken, span)]
    return stand(text, read, sorted(found))


def find_emails(text: str) -> Iterator[Span]:
    """Yield e-mail addresses, and those spelled out where the text speaks of mail or a provider's name stands there."""
    if "@" in text:
        yield from (Span(found.start(), found.end(), "email") for found in EMAIL.finditer(text))
    for found in SPOKEN.finditer(text) if SPELLED.search(text) else ():
        sure = not (found["at"].strip().lower() == "at" and found["dot"] == ".")
        local = re.search(r"[\d_+.]", found["local"])
        if sure or local or PROVIDED.match(found["host"]) or MAIL_CUE.search(before(text, found.start())):
            yield Span(found.start(), found.end(), "email")


def find_links(text: str) -> Iterator[Span]:
    """Yield the links, or their parts, that lead to a person."""
    for found in LINK.finditer(text) if "/" in text or "www." in text.lower() else ():
        link = found.group().rstrip(".,;:!?)]}'»”’*_")
        start = found.start()
        try:
            parts = urlsplit(link if "//" in link else f"//{link}")
        except ValueError:
            yield Span(start, start + len(link), "link")
            continue
        labels = set(parts.netloc.lower().split("@")[-1].split(":")[0].split("."))
        segments = [segment for segment in parts.path.split("/") if segment]
        if "@" in parts.netloc or (labels & PEOPLE and segments) or names_person(segments):
            yield Span(start, start + len(link), "link")
        elif not is_plain_query(parts.query) or TOKEN.search(parts.fragment):
            yield Span(start + min(place for place in map(link.find, "?#") if place >= 0), start + len(link), "link")


def names_person(segments: list[str]) -> bool:
    """Say whether a path leads to a person's page or holds a key of somebody's own."""
    owned = any(OWNER.fullmatch(owner) and not FILE.search(page) for owner, page in pairwise(segments))
    return owned or any(TOKEN.search(page) or (NAMED.fullmatch(page) and not FILE.search(page)) for page in segments)


def is_plain_query(query: str) -> bool:
    """Say whether the query of a link hands over only words and small numbers under names that are nobody's."""
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    return all(not PRIVATE.fullmatch(key) and PLAIN_VALUE.fullmatch(value) for key, _, value in pairs)


def find_handles(text: str) -> Iterator[Span]:
    """Yield names of accounts, whether a person's or a shop's nobody can tell; but not those of a service desk."""
    for found in HANDLE.finditer(text) if "@" in text else ():
        if not DESK.fullmatch(found.group()):
            yield Span(found.start(), found.end(), "handle")


def find_ips(text: str) -> Iterator[Span]:
    """Yield internet addresses; the number of a version is none."""
    for form in (IP4, IP6):
        for found in form.finditer(text):
            value = found.group() if found.group().endswith("::") else found.group().rstrip(":")
            lead = before(text, found.start())
            try:
                ipaddress.ip_address(value)
            except ValueError:
                continue
            if (IP_CUE.search(lead) or not VERSION.search(lead)) and any(map(str.isdigit, value)):
                yield Span(found.start(), found.start() + len(value), "ip")


def find_births(text: str) -> Iterator[Span]:
    """Yield dates that are said to be somebody's birth."""
    for form in (BIRTH, BORN_BEHIND):
        yield from (Span(found.start("day"), found.end("day"), "birth") for found in form.finditer(text))


# In this order: a link may hold an @, an account number no phone number, a date no house number. With how many digits a
# text must have to hold one; a street may go without a number (s/n).
FINDERS: tuple[tuple[int, Finder], ...] = (
    (0, find_links),
    (0, find_emails),
    (0, find_handles),
    *((6, find) for find in NUMBERS),
    (1, find_ips),
    (1, find_births),
    (6, find_phones),
    (2, find_plates),
    (0, find_streets),
)
