"""Addresses of streets in the kit's languages: a kind of street, its name, the number of the house, what is behind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cjtools.text.spans import COUNTED, Span, after, before

# By language: Catalan and Spanish, Italian, Romanian. The longer before the shorter that it begins with.
KINDS = (
    r"(?:gran via|carrero|carretera|carrer|c/|calle|cl\.|avinguda|avenida|avgda\.?|avda\.?|avd\.?|av\.|placeta|placa"
    r"|plaza|pla\.|pza\.?|pl\.|passeig|paseo|pg\.|p\.o|passatge|ptge\.|pasaje|psje\.|rambla|ronda|rda\.|travessera"
    r"|travessia|travesia|ctra\.?|camino|cami|baixada|pujada|riera|torrent|glorieta|cuesta|urbanitzacio|urbanizacion"
    r"|urb\.|viale|via|v\.le|corso|c\.so|c\.|v\.|piazzale|piazzetta|piazza|p\.zza|p\.za|p\.le|largo|l\.go|vicolo|vico"
    r"|salita|contrada|lungomare|lungarno|borgo|stradela|strada|str\.?|bulevardul|bulevard|bd\.?|b-dul|bdul|blvd\.?"
    r"|soseaua|sos\.|splaiul|aleea|al\.|calea|piata|p-ta|intrarea|intr\.|fundatura|drumul|prelungirea)"
)
# Words that stand for much else: without a capital in the name they need both a sign and a cue.
WEAK = re.compile(r"c\.|v\.|al\.|cami|camino|cuesta|torrent|riera|drumul|contrada|salita|borgo|baixada|pujada", re.I)
PARTICLES = (
    r"(?:de|del|dels|d|la|las|les|el|els|los|l|san|sant|santa|di|dei|degli|delle|della|dello|dell|da|dal|al|alla|ai|a|i|y|e"
    r"|en|na|cel|cea|lui|mare)"
)
WORD = r"[^\W\d_][\w.'·-]{0,30}"
# A street may be named after a day: 11 de Setembre, 2 de Mayo, XX Settembre, 1 Decembrie 1918.
DAY_NAME = r"\d{1,2}(?: de| d')? ?[^\W\d_]{4,12}(?: 19\d\d| 18\d\d)?"
NAME = rf"(?P<name>(?:{DAY_NAME}|{WORD}(?:[ ]{{1,2}}{WORD}){{0,6}}?))"
NUMBER = (
    r"(?P<mark>\s?,?\s{0,2}(?:n\.?[ro]?\.?|n[º°]\.?|num(?:ero|ar|arul)?\.?|nr\.?|km\.?|#)\s?|\s?,\s{0,2}|\s{1,2})"
    r"(?P<number>\d{1,4}(?:[/-]\d{1,4})?(?:\s?(?:bis|ter)\b"
    r"|[/ -]?(?:[b-df-hj-np-xzB-DF-HJ-NP-XZ]|(?<! )[A-Za-z])\b)?|s/n|snc)(?!\w)"
)
# A door by number, letter or side; a floor in figures (3º, 2n, 1a) or by name; each with what comes before it.
PIECE = (
    r"(?:\d{1,3}|[A-Z]\d{1,3}|[b-df-hj-np-xzB-DF-HJ-NP-XZ]|(?-i:A)|a(?=\W|$)(?! la | l')|esquerra|dreta|izquierda"
    r"|derecha|centre|centro|parter|(?:esq|dcha|drta|izqda|izda|izq|dr|dx|sx)\b\.?)(?!\w)"
)
LEVEL = r"\d{1,2}(?:\.?\s?[ºª°]|er|ra|do|da|ro|to|ta|r|n|t|e|a|o)(?!\w)"
LEVEL_NAME = r"(?:entresol|entl\.|principal|pral\.|atico?|sobreatic|baixos|bxs\.|piano terra|parter)(?!\w)"
WITHIN = (
    r"(?:bloque|bloc|blc|bl|escalera|escala|esc|scala|scara|sc|etaj|et|apartament\w{0,2}|apart|apto|apt|ap|porta|puerta"
    r"|pta|piso|pis|planta|portal|interno|int|piano|flat|unit|floor|door|camera|cam)"
)
BEHIND = re.compile(
    r"(?:(?:\s?[,-]\s{0,2}|\s)(?:"
    rf"{WITHIN}(?:\.\s{{0,2}}|\s{{1,2}}|(?=\d))(?:{LEVEL}|{PIECE})|{LEVEL}(?:[ ,-]{{0,2}}(?:{LEVEL}|{PIECE}))?"
    rf"|{LEVEL_NAME}(?:[ ,-]{{1,2}}{LEVEL})?|bajos?(?!\w)(?:[ ,-]{{1,2}}(?:{LEVEL}|[A-D](?!\w)|\d(?!\w)))?"
    r"|\d{1,2}-\d{1,2}(?!\w)|(?<=, )\d{1,2}\s?(?-i:[A-Z])(?!\w))){1,6}",
    re.IGNORECASE,
)
ROMANCE = re.compile(rf"(?<![^\W_])(?P<kind>{KINDS})(?:(?<=[./])\s{{0,2}}|\s{{1,2}}){NAME}{NUMBER}", re.IGNORECASE)

ENGLISH_KINDS = (
    r"(?:street|str|st|road|rd|avenue|ave|lane|ln|close|drive|dr|court|ct|crescent|cres|terrace|square|sq|way|gardens|grove"
    r"|place|pl|mews|hill|row|walk|park|boulevard|blvd)"
)
ENGLISH = re.compile(
    r"(?:(?<!\w)(?P<flat>(?:flat|apt\.?|apartment|unit|suite|room)\s\w{1,4},?\s{1,2}))?(?<![\w.,/:€£$-])"
    r"(?P<number>\d{1,4}(?:-\d{1,4})?[A-Da-d]?),?\s{1,2}(?P<name>(?:[^\W\d_][\w.'-]{1,30}\s{1,2}){1,4}?)"
    rf"(?P<kind>{ENGLISH_KINDS})(?!\w)(?P<dot>\.(?=\s?[,a-z\d]))?",
    re.IGNORECASE,
)
ENGLISH_BEHIND = re.compile(r",?\s(?:flat|apt\.?|apartment|unit|suite|floor)\s\d{1,3}[A-Z]?(?!\w)", re.IGNORECASE)
PLAIN_KINDS = {"street", "road", "rd", "st", "avenue", "ave", "lane", "crescent", "gardens", "grove", "mews", "terrace"}
THE_KINDS = {"grove", "avenue", "square", "close", "crescent", "gardens", "drive", "mews", "terrace", "lane"}
LIVES = re.compile(
    r"(?<!\w)(?:visc|vivim|vivia|vivo|viv\w{1,5}|abit\w{1,5}|locui\w{1,5}|stau|sta|stam|live\w?|living|adreca|direccio\w?"
    r"|domicili\w{0,2}|indirizzo|adres[ae]i?|address|envi\w{1,6}|spedi\w{1,6}|livr\w{1,6}|deliver\w{0,3}|sent|send|mand\w{1,6}"
    r"|port\w{1,5}|casa|residen\w{1,5}|home|moved|flat|al|la|el|en|in|a|pe|at|to|de|del)\W{1,4}(?:[^\W\d]{1,12}\W{1,4}){0,3}$",
    re.IGNORECASE,
)
LIVES_ENGLISH = re.compile(
    r"(?<!\w)(?:live\w?|living|lived|address|delivered|delivery|sent|send|moved|resident|home|flat|at|to)\W{1,4}"
    r"(?:[^\W\d]{1,12}\W{1,4}){0,2}$",
    re.IGNORECASE,
)
# What comes between a street and a number where no name does.
COMMON = frozenset({
    "abbiamo", "about", "am", "amb", "and", "app", "are", "as", "at", "au", "be", "been", "bizum", "bonifico", "by",
    "ca", "cada", "calls", "casi", "chat", "che", "ci", "click", "clicks", "con", "cu", "day", "days", "dentro", "des",
    "desde", "despres", "despues", "din", "dins", "dopo", "down", "dupa", "durant", "durante", "each", "email",
    "emails", "era", "eran", "erano", "eren", "es", "este", "euros", "every", "fa", "fax", "feia", "fiecare", "fino",
    "fins", "five", "for", "four", "from", "goes", "ha", "hace", "had", "half", "hanno", "has", "hasta", "have", "hay",
    "he", "her", "hi", "his", "hizo", "ho", "hour", "hours", "i", "in", "internet", "is", "it", "item", "items", "just",
    "last", "mail", "metres", "miles", "min", "minute", "minutes", "month", "months", "more", "most", "my", "nei",
    "nelle", "new", "next", "no", "non", "not", "nu", "of", "ogni", "on", "one", "online", "only", "or", "order",
    "orders", "other", "our", "out", "over", "page", "pages", "pana", "para", "paypal", "pec", "pentru", "people",
    "per", "percent", "por", "posta", "pounds", "primele", "primeros", "primers", "primi", "prossimi", "quasi", "que",
    "se", "seguents", "she", "si", "siguientes", "skype", "sms", "so", "sobre", "son", "sono", "star", "stars", "step",
    "steps", "sunt", "telefon", "telefonica", "telefono", "telegram", "than", "that", "the", "their", "these", "they",
    "this", "those", "three", "time", "times", "to", "toda", "todo", "took", "tot", "tota", "two", "ultim", "ultimele",
    "ultimos", "ultims", "unas", "under", "unes", "unos", "uns", "up", "vaig", "vam", "van", "vas", "visits", "was",
    "way", "we", "web", "week", "weeks", "went", "were", "whatsapp", "with", "within", "year", "years", "you", "your",
    "zoom",
})  # fmt: skip
NUMBERED = re.compile(r"\d|s/n|snc", re.IGNORECASE)
YEAR = re.compile(r"(?:19|20)\d\d")


def find_streets(text: str) -> Iterator[Span]:
    """Yield addresses in the Romance languages, then English ones."""
    if not NUMBERED.search(text):
        return
    for found in ROMANCE.finditer(text):
        behind = BEHIND.match(text, found.end())
        end = behind.end() if behind else found.end()
        if is_street(text, found, written=bool(behind)):
            yield Span(found.start(), end, "address")
    for found in ENGLISH.finditer(text):
        if is_english_street(text, found):
            behind = ENGLISH_BEHIND.match(text, found.end())
            yield Span(found.start(), behind.end() if behind else found.end(), "address")


def is_street(text: str, found: re.Match[str], *, written: bool) -> bool:
    """Say whether a kind of street, words and a number are an address: the words must be a name."""
    words = re.findall(r"[^\W_]+", found["name"])
    content = [word for word in words if not re.fullmatch(PARTICLES, word, re.IGNORECASE)]
    if not content or any(word.lower() in COMMON for word in content):
        return False
    if not written and COUNTED.match(after(text, found.end())):
        return False
    marked = bool(found["mark"].strip()) or written
    if not text.isupper() and any(word[0].isupper() or word.isdigit() for word in content):
        small = [word for word in content if word[0].islower()]
        return len(small) <= 1 if marked else not small
    short = len(content) <= 3 and max(map(len, content)) >= 3
    strong = not WEAK.fullmatch(found["kind"])
    cued = bool(LIVES.search(before(text, found.start())))
    return short and ((marked or cued) if strong else (marked and cued))


def is_english_street(text: str, found: re.Match[str]) -> bool:
    """Say whether a number, words and a kind of street are an address: the words must be a name."""
    words = re.findall(r"[^\W_]+", found["name"])
    lives = bool(found["flat"]) or bool(LIVES_ENGLISH.search(before(text, found.start())))
    if [word.lower() for word in words] == ["the"]:
        return lives and found["kind"].lower() in THE_KINDS
    if any(word.lower() in COMMON for word in words) or (YEAR.fullmatch(found["number"]) and not lives):
        return False
    if not text.isupper() and words[0][0].isupper():
        return found["kind"][0].isupper() or lives
    return lives or (len(words) <= 2 and found["kind"].lower() in PLAIN_KINDS)
