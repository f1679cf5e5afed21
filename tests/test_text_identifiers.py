"""Identifiers of five languages are found in whatever way they are written, and what only looks like one is not."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict

import pytest
from conftest import SHARED
from identifier_sentences import KINDS, LEADS, negatives, positives

from cjtools.text.identifiers import find_identifiers

LABELS = {"EMAIL": "email", "PHONE": "phone", "ID": "id", "HANDLE": "handle", "IBAN": "iban", "CARD": "card"}
LABELS |= {"ADDRESS": "address", "DOB": "birth", "PLATE": "plate", "IP": "ip", "URL": "link"}
EACH = 24

# Written by hand, unlike any sentence of the generator: [[ and ]] are round each identifier.
HELD = [
    "[[@mireia.puig]] m'ha escrit",
    "mail de l'[[anna@mail.example]]",
    "scrivi a '[[anna@mail.example]]'",
    "[[d'angelo@posta.it]] scrive",
    "mastodon [[@rosa@mastodon.social]] ok",
    "Tel.[[612345678]]",
    "tel:[[+34612345678]]",
    "WhatsApp [[+34 612-34-56-78]]",
    "el fix és [[93 301 22 33]] o el mòbil [[612 34 56 78]]",
    "[[612 345 678]] / [[933 012 345]]",
    "ring [[0161 496 0000]] or [[+353 86 123 4567]]",
    "sunați [[0721/123.456]]",
    "telefon [[0264-123456]]",
    "llama al [[55 1234 5678]]",
    "llámame al [[11 4123-4567]]",
    "[[+54 11 4123-4567]]",
    "[[+52 1 55 1234 5678]]",
    "truca al [[312 345]]",
    "tel [[069 123 456]]",
    "[[(+373) 69 123 456]]",
    "my DNI is [[12345678Z]]",
    "dni [[12345678]] sense lletra",
    "DNI: [[12.345.678-Z]]",
    "passport number [[AB1234567]]",
    "Pasaporte [[XDA123456]]",
    "P.IVA [[12345678903]]",
    "SSN [[123-45-6789]]",
    "NHS number [[943 476 5919]]",
    "IBAN [[ES91 2100 0418 4502 0005 1332]] a nom de Pere",
    "iban [[gb29nwbk60161331926819]]",
    "compte [[2100 0418 45 0200051332]]",
    "card [[4111 1111 1111 1111]] 12/26",
    "amex [[3782 822463 10005]]",
    "visa [[4111111111111111]], gràcies",
    "born [[12 Oct 1980]] in York",
    "I was born on the [[3rd of May 1990]]",
    "dob [[01.02.1990]]",
    "nacida el [[3 de mayo de 1990]]",
    "nata il [[3 maggio 1990]]",
    "nascut el [[3 de maig del 90]]",
    "El meu aniversari és el [[3 de maig]]",
    "my birthday is [[May 3]]",
    "m-am nascut la Iasi in [[12 mai 1988]]",
    "[[12/03/1980]] is my date of birth",
    "plate [[AB12 CDE]]",
    "cotxe [[1234bcd]]",
    "mașina [[cj 12 abc]] ",
    "targa [[ab123cd]]",
    "[[1234-BCD]] és meu",
    "Moto [[B 12 ABC]]",
    "matrícula [[B-1234-CD]]",
    "from [[10.20.30.40]]:8080",
    "IP [[::1]]",
    "ip [[2001:db8::1]].",
    "[[10.20.30.40]]/24",
    "[[https://t.me/mireia]]",
    "veure [[https://www.instagram.com/p/Cxyz/]] ara",
    "[[https://shop.example/reset/9f8a7b6c5d4e3f2a1b0c]]",
    "https://shop.example/cart[[?email=ana%40mail.example]]",
    "[[https://ana:pw@shop.example/]]",
    "perfil [[linkedin.com/in/rosa-puig]]",
    "Visc al [[carrer Balmes, 25, 3r 1a]], Barcelona",
    "Visc al [[c/ de la Pau 12]]",
    "visc a [[carrer de la pau 12]] de vic",
    "[[Plaça Major, 3]], Vic",
    "[[Calle Real 12]], 28013 Madrid",
    "[[Avenida de los Reyes Católicos, 4, 1º A]]",
    "[[Via dei Fori Imperiali, 1]]",
    "abito in [[via garibaldi 3]] a torino",
    "[[Str. Ștefan cel Mare nr. 10]], Iași",
    "stau pe [[strada florilor 5]]",
    "[[10 Downing Street]]",
    "we live at [[12 high street]]",
    "[[221B Baker Street]]",
    "[[14 St. John's Road]]",
    "[[Flat 3, 27 Elm Grove]]",
    "I'm at [[5 The Crescent]]",
    "[[Bd. Iuliu Maniu 12, bl. 5, sc. B, et. 3, ap. 40]]",
    "[[via Monte Napoleone, 8]]",
    "[[Passeig de Gràcia, 43]]",
    "[[Carrer de Mallorca 401, entresol 2a]]",
    "[[C/ Gran Vía, 28, 4º C]]",
    "[[Piazza San Marco 1]]",
    "[[Calea Dorobanților nr. 5]]",
    "[[Corso Vittorio Emanuele II, 30]]",
    "[[Paseo del Prado s/n]]",
    "[[Viale Europa 12/A]]",
    "[[carrer de Sant Pere més Alt, 4]]",
]
CLEAR = [
    "@atencio no em contesteu",
    "hola @support_team",
    "@AtencionAlCliente nada",
    "@",
    "Ho he comprat 2 cops @ la botiga",
    "The 3 bears way of doing",
    "I went 5 miles down the road",
    "There are 2 shops in High Street",
    "2 coffees at Kings Park",
    "Open Monday 9-5 at Oxford Street",
    "visc a prop del carrer",
    "Calle cortada 3 días",
    "per via de 3 correus",
    "La ronda 2 va ser pitjor",
    "Piazza piena, 3 ore di coda",
    "Strada chiusa 2 giorni",
    "str. închisă 3 zile",
    "via Amazon 3 volte",
    "Via Glovo 2 cops",
    "pe strada mare 3 magazine",
    "carrer tallat, 3 dies",
    "Av. prevista 12 dies",
    "Total: 12 345 678",
    "del 10 al 12 de 2024",
    "2020-2024",
    "de 600 a 700",
    "1.234.567",
    "(2023)",
    "12:30-14:00",
    "9.30-13.30h",
    "llamé 3 veces 2 horas",
    "call centre open 24 hours 7 days",
    "he trucat 10 vegades en 2 dies",
    "12/24 cuotas",
    "+20% de descompte",
    "+1000000 clientes",
    "1,234,567.89",
    "0,5 l",
    "size 10/12/14",
    "15 x 20 x 30 cm",
    "v 1.2.3.4",
    "iOS 17.5.1.2",
    "lot 12345678",
    "ISBN 978-84-376-0494-7",
    "EAN: 8412345678905",
    "article 123456789",
    "ref. 600123456",
    "product 7123456789",
    "order ID 612345678",
    "transaction TX123456789",
    "gate B12",
    "terminal T4",
    "AB123",
    "A4 paper",
    "iPhone 15 Pro 256 GB",
    "RTX 4090 GPU",
    "2024 PVP",
    "1000 CHF",
    "24/7",
    "T-shirt 100% cotton",
    "born in 1980",
    "la botiga va néixer",
    "aniversari de la botiga: 20 de maig",
    "promoció d'aniversari fins el 12/03/2024",
    "Birthday sale ends 12/03/2024",
    "we opened on 12 March 2020",
    "Look at amazon.co.uk",
    "met at shop.example",
    "https://shop.example/product/12345678",
    "https://www.botiga.cat/ca/producte/sabata-vermella-42?color=vermell&talla=42",
    "https://shop.example/checkout/step2#payment",
    "https://www.exemplu.ro/categorie/pantofi-dama/pagina-2",
    "www.shop.example",
    "https://shop.example/in/stock",
    "https://shop.example/c/shoes",
    "Casa 2000 SL",
    "Flat 20% off",
    "Unit 3 of the course",
    "1 in 4 people walk",
    "2 for 1 at the park",
    "10 years down the road",
    "IT 12 persones",
    "es 12 de maig",
    "Codul 012345",
    "comanda mea: 0712345678",
    "Numărul comenzii 0712345678",
    "numero de pedido 612345678",
    "número de comanda: 612345678",
    "numero d'ordine 3471234567",
    "order no. 07700900123",
    "seguiment 612345678",
    "factura nº 612345678",
    "600-700 persones",
    "unos 700.800 euros",
    "PIN 1234",
    "OTP 123456",
    "SW1A 1AA",
    "08001 Barcelona",
    "28013 Madrid",
    "00184 Roma",
    "D02 X285",
    "Bus 47 line B",
    "Seat 12A",
    "line 12 St Pancras",
    "room 5 Park Hotel",
    "7 Up drive",
    "in the 3 months since March 2024 road works",
    "a la plaça Catalunya hi ha 3 botigues",
    "la tienda de calle Serrano abre 3 días",
    "El bus 24 de plaça Espanya",
    "Zara de la calle Serrano, 2 plantas",
]


def figures(seed: int, each: int = EACH) -> tuple[dict[tuple[str, str], list[int]], list[tuple[str, ...]]]:
    """Return by language and label: wanted, found exactly, false; and what was missed or false."""
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    wrong: list[tuple[str, ...]] = []
    for language, label, text, start, end in positives(seed, each):
        spans = find_identifiers(text)
        counts[language, label][0] += 1
        if any((span.start, span.end) == (start, end) for span in spans):
            counts[language, label][1] += 1
        else:
            wrong.append(
                ("missed", language, label, text[start:end], text, str([text[s.start : s.end] for s in spans]))
            )
        for span in spans:
            if span.end <= start or span.start >= end:
                counts[language, span.label][2] += 1
                wrong.append(("false", language, span.label, text[span.start : span.end], text))
    for language, text in negatives(seed, each * len(KINDS)):
        for span in find_identifiers(text):
            counts[language, span.label][2] += 1
            wrong.append(("false", language, span.label, text[span.start : span.end], text))
    return counts, wrong


@pytest.mark.parametrize("seed", [11, 12])
def test_every_identifier_is_found_exactly_and_little_else(seed):
    counts, wrong = figures(seed)
    assert {(language, label) for language, label in counts} >= {
        (language, label) for language in LEADS for label in KINDS
    }
    for (language, label), (wanted, found, false) in counts.items():
        assert found == wanted, [row for row in wrong if row[:3] == ("missed", language, label)]
        assert found >= 0.97 * (found + false), [row for row in wrong if row[:3] == ("false", language, label)]


def test_the_labelled_set_is_found_in_full():
    path = SHARED / "pii" / "dev.jsonl"
    if not path.is_file():
        pytest.skip("the labelled set is not here")
    missed, false, total = [], [], 0
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        found = find_identifiers(row["text"])
        wanted = {(span["start"], span["end"]) for span in row["spans"] if span["label"] in LABELS}
        missed += [(row["id"], place) for place in wanted - {(span.start, span.end) for span in found}]
        false += [(row["id"], span) for span in found if (span.start, span.end) not in wanted]
        total += len(wanted)
    assert total == 66
    assert not missed
    assert not false


@pytest.mark.parametrize("marked", HELD)
def test_what_is_marked_is_found_exactly(marked):
    text = re.sub(r"\[\[|]]", "", marked)
    assert [text[span.start : span.end] for span in find_identifiers(text)] == re.findall(r"\[\[(.*?)]](?!])", marked)


@pytest.mark.parametrize("text", CLEAR)
def test_what_only_looks_like_an_identifier_is_none_in_any_case(text):
    for written in (text, text.lower(), text.upper()):
        assert [written[span.start : span.end] for span in find_identifiers(written)] == []


@pytest.mark.parametrize(
    "lead", ["🙂🙂 ", "👩‍👩‍👧 ", "🇪🇸 ", "e\N{COMBINING ACUTE ACCENT} ", "\N{ZERO WIDTH SPACE}", "שלום "]
)
def test_places_count_code_points_whatever_stands_before(lead):
    text = f"{lead}Truqueu al 612 345 678 🙂"
    assert [text[span.start : span.end] for span in find_identifiers(text)] == ["612 345 678"]


def test_texts_in_decomposed_letters_are_read_alike():
    for *_, text, start, end in positives(13, 4):
        apart = unicodedata.normalize("NFD", text)
        value = unicodedata.normalize("NFD", text[start:end])
        assert value in [apart[span.start : span.end] for span in find_identifiers(apart)], apart


@pytest.mark.parametrize(
    "blank",
    ["\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "\N{THIN SPACE}", "\N{NON-BREAKING HYPHEN}", "\N{EN DASH}"],
)
def test_blanks_and_dashes_of_all_kinds_part_a_number(blank):
    number = f"612{blank}345{blank}678"
    assert [span.end - span.start for span in find_identifiers(f"tel {number}.")] == [len(number)]


def test_a_number_with_unseen_signs_within_is_found():
    text = "tel 612\N{ZERO WIDTH SPACE}345\N{SOFT HYPHEN}678 ara"
    (span,) = find_identifiers(text)
    assert text[span.start : span.end] == text[4:-4]
