"""Invented sentences of five languages with identifiers, by a seed; check digits are right, people are none."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from stdnum import iban as iban_numbers
from stdnum import luhn
from stdnum.es import dni, nie
from stdnum.it import codicefiscale
from stdnum.ro import cnp

# {} is where the identifier stands.
LEADS = {
    "ca": {
        "phone": ["Truqueu-me al {}", "El meu telèfon és el {}", "tel. {}", "Mòbil: {}", "el meu número és {}"],
        "email": ["Escriviu-me a {}", "El meu correu és {}", "correu: {}"],
        "id": ["El meu DNI és {}", "Amb el NIF {} no em deixa entrar", "document {}"],
        "handle": ["Soc {}", "us parlo com a {}"],
        "iban": ["El compte és {}", "IBAN: {}", "Us deixo el compte {}"],
        "card": ["Vaig pagar amb la targeta {}", "targeta: {}", "Visa {}"],
        "address": ["Visc al {}", "La meva adreça és {}", "Envieu-ho a {}"],
        "birth": ["Vaig néixer el {}", "Data de naixement: {}", "Soc nascuda a Vic el {}"],
        "plate": ["La matrícula del cotxe és {}", "matrícula {}"],
        "ip": ["La meva IP és {}", "L'adreça IP que surt és {}"],
        "link": ["El meu perfil: {}", "Mireu {}"],
    },
    "es": {
        "phone": ["Llámame al {}", "Mi móvil es el {}", "tlf {}", "teléfono: {}", "mi número es {}"],
        "email": ["Escríbeme a {}", "Mi correo es {}", "email: {}"],
        "id": ["Mi DNI es {}", "con NIE {} no puedo entrar", "documento {}"],
        "handle": ["Soy {}", "os escribo como {}"],
        "iban": ["La cuenta es {}", "IBAN {}", "Mi cuenta: {}"],
        "card": ["Pagué con la tarjeta {}", "tarjeta: {}", "Visa {}"],
        "address": ["Vivo en {}", "Mi dirección es {}", "Enviadlo a {}"],
        "birth": ["Nací el {}", "Fecha de nacimiento: {}", "nacido en Soria el {}"],
        "plate": ["El coche con matrícula {}", "matrícula: {}"],
        "ip": ["Mi IP es {}", "La dirección IP {} sale en el registro"],
        "link": ["Mi perfil: {}", "Mirad {}"],
    },
    "it": {
        "phone": ["Chiamatemi al {}", "Il mio cellulare è {}", "tel. {}", "telefono: {}", "il mio numero è {}"],
        "email": ["Scrivetemi a {}", "La mia email è {}", "posta: {}"],
        "id": ["Il mio codice fiscale è {}", "con il codice fiscale {} non entro", "C.F. {}"],
        "handle": ["Sono {}", "vi scrivo come {}"],
        "iban": ["Il conto è {}", "IBAN: {}", "Il mio conto {}"],
        "card": ["Ho pagato con la carta {}", "carta: {}", "Visa {}"],
        "address": ["Abito in {}", "Il mio indirizzo è {}", "Spedite a {}"],
        "birth": ["Sono nato il {}", "Data di nascita: {}", "Sono nata a Bari il {}"],
        "plate": ["L'auto targata {}", "targa {}"],
        "ip": ["Il mio IP è {}", "L'indirizzo IP {} appare nel registro"],
        "link": ["Il mio profilo: {}", "Guardate {}"],
    },
    "ro": {
        "phone": ["Sunați-mă la {}", "Numărul meu este {}", "tel. {}", "telefon: {}", "mobil {}"],
        "email": ["Scrieți-mi la {}", "Adresa mea de e-mail este {}", "mail: {}"],
        "id": ["CNP-ul meu este {}", "cu CNP {} nu pot intra", "CNP: {}"],
        "handle": ["Sunt {}", "vă scriu ca {}"],
        "iban": ["Contul este {}", "IBAN {}", "Contul meu: {}"],
        "card": ["Am plătit cu cardul {}", "card: {}", "Visa {}"],
        "address": ["Stau pe {}", "Adresa mea este {}", "Locuiesc pe {}"],
        "birth": ["M-am născut pe {}", "Data nașterii: {}", "născută la Cluj pe {}"],
        "plate": ["Mașina cu numărul {}", "număr de înmatriculare {}"],
        "ip": ["IP-ul meu este {}", "Adresa IP {} apare în jurnal"],
        "link": ["Profilul meu: {}", "Vedeți {}"],
    },
    "en": {
        "phone": ["Call me on {}", "My number is {}", "tel. {}", "mobile: {}", "text me at {}"],
        "email": ["Write to me at {}", "My email is {}", "e-mail: {}"],
        "id": ["My National Insurance number is {}", "with NI number {} it fails", "NINO {}"],
        "handle": ["I am {}", "this is {}"],
        "iban": ["The account is {}", "IBAN: {}", "my account {}"],
        "card": ["I paid with card {}", "card: {}", "Visa {}"],
        "address": ["I live at {}", "My address is {}", "Deliver it to {}"],
        "birth": ["I was born on {}", "Date of birth: {}", "born in Leeds on {}"],
        "plate": ["The car registered {}", "number plate {}"],
        "ip": ["My IP is {}", "The IP address {} shows in the log"],
        "link": ["My profile: {}", "Look at {}"],
    },
}
BARE = {"phone", "email", "handle", "iban", "card", "link"}
TAILS = {
    "ca": [" i no em contesta ningú", ", gràcies", ".", "!", "", " des de fa 3 dies", " 🙂"],
    "es": [" y nadie contesta", ", gracias", ".", "?", "", " desde hace 3 días", " 🙂"],
    "it": [" e nessuno risponde", ", grazie", ".", "!", "", " da 3 giorni", " 🙂"],
    "ro": [" și nu răspunde nimeni", ", mulțumesc", ".", "!", "", " de 3 zile", " 🙂"],
    "en": [" and nobody answers", ", thanks", ".", "!", "", " for 3 days now", " 🙂"],
}
BEFORE = ["", "Hola. ", "🙂🙂 ", "🇪🇸 Bon dia! ", "Cafe\N{COMBINING ACUTE ACCENT}: ", "— ", "P03: "]
FIRST = ["mireia", "rosa", "andrei", "luca", "grace", "iker", "ștefan", "josep", "maria"]
LAST = ["puig", "o'brien", "ionescu", "rossi", "hughes", "garcía", "muntean", "de.luca"]


def digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))


def grouped(number: str, *sizes: int, by: str = " ") -> str:
    parts, place = [], 0
    for size in sizes:
        parts.append(number[place : place + size])
        place += size
    return by.join(parts)


def phone(chance: random.Random, language: str) -> str:
    by = chance.choice(" .-")
    spanish = chance.choice(["6", "6", "71", "93", "91"])
    spanish += digits(chance, 9 - len(spanish))
    italian = f"3{chance.choice('2349')}{digits(chance, 8)}"
    romanian = f"07{chance.choice('2345')}{digits(chance, 7)}"
    british = f"07{chance.choice('45789')}{digits(chance, 8)}"
    ways = {
        "es": [
            spanish,
            grouped(spanish, 3, 3, 3, by=by),
            grouped(spanish, 3, 2, 2, 2, by=by),
            grouped(spanish, 2, 3, 2, 2, by=" "),
            f"+34 {grouped(spanish, 3, 2, 2, 2)}",
            f"+34{spanish}",
            f"0034 {grouped(spanish, 3, 3, 3)}",
            f"0034{spanish}",
            f"(+34) {grouped(spanish, 3, 3, 3, by=by)}",
            f"+34-{grouped(spanish, 3, 3, 3, by='-')}",
            grouped(spanish, 3, 3, 3, by="\N{NO-BREAK SPACE}"),
            f"+376 {grouped('3' + digits(chance, 5), 3, 3)}",
            f"+52 55 {grouped('1' + digits(chance, 7), 4, 4)}",
            f"+54 9 11 {grouped('5' + digits(chance, 7), 4, 4, by='-')}",
        ],
        "it": [
            italian,
            grouped(italian, 3, 7),
            grouped(italian, 3, 3, 4, by=by),
            f"+39 {grouped(italian, 3, 3, 4)}",
            f"+39{italian}",
            f"0039 {grouped(italian, 3, 7)}",
            f"{italian[:3]}/{italian[3:]}",
            f"06 {grouped('6' + digits(chance, 7), 4, 4)}",
            f"02-{'4' + digits(chance, 7)}",
            f"+39 06 6{digits(chance, 6)}",
        ],
        "ro": [
            romanian,
            grouped(romanian, 4, 3, 3, by=by),
            f"+40 {grouped(romanian[1:], 3, 3, 3)}",
            f"+40{romanian[1:]}",
            f"0040 {grouped(romanian[1:], 3, 3, 3, by=by)}",
            f"021 {grouped('3' + digits(chance, 6), 3, 4)}",
            grouped(romanian, 4, 2, 2, 2),
            f"+373 69 {grouped(digits(chance, 6), 3, 3)}",
            f"+373 69{digits(chance, 6)}",
        ],
        "en": [
            british,
            grouped(british, 5, 6),
            grouped(british, 5, 3, 3, by=by),
            f"+44 {grouped(british[1:], 4, 6)}",
            f"+44 (0){grouped(british[1:], 4, 6)}",
            "+44 (0)20 7946 0" + digits(chance, 3),
            "(020) 7946 0" + digits(chance, 3),
            "020 7946 0" + digits(chance, 3),
            "0161 496 0" + digits(chance, 3),
            f"0044 {grouped(british[1:], 4, 3, 3)}",
            "(212) 736-" + digits(chance, 4),
            "212-736-" + digits(chance, 4),
            "212.736." + digits(chance, 4),
            "+1 (415) 736-" + digits(chance, 4),
            "+1 415 736 " + digits(chance, 4),
        ],
    }
    return chance.choice(ways["es" if language == "ca" else language])


def email(chance: random.Random, _: str) -> str:
    first, last = chance.choice(FIRST), chance.choice(LAST)
    host = chance.choice(["mail.example", "gmail.com", "correu.example.cat", "uni-lab.example.co.uk", "posta.it"])
    plain = last.replace("'", "")
    return chance.choice([
        f"{first}.{last}@{host}",
        f"{first}_{plain}{digits(chance, 2)}@{host}",
        f"{first[0]}{plain}+botiga@{host}",
        f"{first}-{plain}@{host}".upper(),
        f"{first.title()}@{host}",
        f"{first}.{plain} @ {host}",
        f"{first}.{plain} at {host}",
        f"{first}.{plain} (at) {host}",
        f"{first}.{plain}[at]{host}",
        f"{first} arroba gmail punto com",
        f"{first} at gmail dot com",
        f"{first}.{plain} chiocciola posta punto it",
    ])  # fmt: skip


def personal_id(chance: random.Random, language: str) -> str:
    if language in {"ca", "es"}:
        number = digits(chance, 8)
        letter = dni.calc_check_digit(number)
        foreign = chance.choice("XYZ") + digits(chance, 7)
        return chance.choice([
            number + letter,
            f"{number}-{letter}",
            f"{number} {letter}",
            f"{grouped(number, 2, 3, 3, by='.')}-{letter}",
            f"{foreign}{nie.calc_check_digit(foreign)}",
            f"{foreign[0]}-{foreign[1:]}-{nie.calc_check_digit(foreign)}",
        ])  # fmt: skip
    if language == "it":
        letters = "BCDFGLMNPRSTVZ"
        name = "".join(chance.choice(letters) for _ in range(6))
        base = f"{name}{digits(chance, 2)}{chance.choice('ABCDEHLMPRST')}{chance.randint(10, 28)}H{digits(chance, 3)}"
        code = base + codicefiscale.calc_check_digit(base)
        return chance.choice([code, grouped(code, 3, 3, 5, 5)])
    if language == "ro":
        born = f"{digits(chance, 2)}{chance.randint(10, 12)}{chance.randint(10, 28)}"
        base = f"{chance.choice('1256')}{born}40{digits(chance, 3)}"
        return base + cnp.calc_check_digit(base)
    number = f"{chance.choice(['AB', 'JK', 'SE', 'PX'])}{digits(chance, 6)}{chance.choice('ABCD')}"
    return chance.choice([number, grouped(number, 2, 2, 2, 2, 1)])


def handle(chance: random.Random, _: str) -> str:
    first, last = chance.choice(FIRST), chance.choice(LAST).replace("'", "")
    return "@" + chance.choice(
        [f"{first}_{last}", f"{first}.{last}", f"{first}{digits(chance, 2)}", f"{first}_{last}_off"]
    )


def iban(chance: random.Random, _: str) -> str:
    country, bank = chance.choice([
        ("ES", digits(chance, 20)),
        ("IT", f"X{digits(chance, 22)}"),
        ("RO", f"RNCB{digits(chance, 16)}"),
        ("GB", f"NWBK{digits(chance, 14)}"),
        ("AD", digits(chance, 20)),
        ("MD", f"AG{digits(chance, 18)}"),
        ("FR", digits(chance, 23)),
        ("DE", digits(chance, 18)),
    ])  # fmt: skip
    number = country + iban_numbers.calc_check_digits(f"{country}00{bank}") + bank
    fours = " ".join(number[place : place + 4] for place in range(0, len(number), 4))
    return chance.choice([number, fours, fours.replace(" ", "-"), f"{number[:4]} {number[4:]}"])


def card(chance: random.Random, _: str) -> str:
    base = chance.choice(["4", "51", "54", "23"])
    base += digits(chance, 15 - len(base))
    number = base + luhn.calc_check_digit(base)
    american = "37" + digits(chance, 12)
    american += luhn.calc_check_digit(american)
    four = (4, 4, 4, 4)
    return chance.choice([
        number, grouped(number, *four), grouped(number, *four, by="-"), grouped(number, *four, by="."),
        grouped(american, 4, 6, 5), american,
    ])  # fmt: skip


def address(chance: random.Random, language: str) -> str:
    number = chance.randint(1, 320)
    ways = {
        "ca": [
            "C/ Major {}, 2n 1a",
            "C/Major, {}",
            "carrer Major, {}",
            "carrer de la Font {}",
            "Av. Diagonal, {}",
            "avinguda del Paral·lel {}, 3r 2a",
            "plaça de la Vila, {}",
            "Pg. de Gràcia {}",
            "carrer d'Aragó {}, àtic",
            "Gran Via de les Corts Catalanes, {}",
            "Rambla Catalunya {}, 4t",
            "carrer 11 de Setembre, {}",
            "Ctra. de Vic, {}",
            "passeig de Sant Joan núm. {}",
            "C. Nou, {}, baixos",
            "travessera de Gràcia {}",
        ],
        "es": [
            "calle Mayor, {}, 2º B",
            "C/ Alcalá {}",
            "calle de Alcalá nº {}",
            "Avda. de la Constitución, {}, 3º izq.",
            "avenida América {}",
            "plaza de España, {}",
            "Pza. Mayor {}",
            "paseo de la Castellana {}, piso 2, puerta 3",
            "C/ San Juan, {}, bajo A",
            "calle Dos de Mayo {}",
            "C/Serrano {}, 4º 2ª",
            "ronda de Toledo, {}",
            "Ctra. de Burgos, km {}",
            "calle Ancha s/n",
        ],
        "it": [
            "via Roma {}",
            "via Roma, {}",
            "corso Buenos Aires, {}",
            "viale dei Mille {}, int. 4",
            "piazza Garibaldi {}",
            "P.zza Duomo, {}",
            "V.le Monza {}",
            "via XX Settembre, {}/B",
            "largo Augusto {}",
            "vicolo del Gallo {}",
            "via G. Verdi n. {}",
            "C.so Italia {}, scala B",
            "via 4 Novembre, {}",
            "via della Libertà {} bis",
        ],
        "ro": [
            "Str. Lungă nr. {}",
            "strada Mihai Eminescu nr. {}, bl. C3, ap. 22",
            "bd. Unirii {}",
            "Bulevardul Magheru, nr. {}",
            "calea Victoriei {}",
            "Aleea Rozelor nr. {}, sc. A, et. 2, ap. 14",
            "șos. Kiseleff {}",
            "str. Florilor {}",
            "Piața Amzei nr. {}",
            "B-dul Iuliu Maniu nr. {}, bloc 5",
            "intrarea Teilor nr. {}",
            "str. 1 Decembrie 1918 nr. {}",
            "Splaiul Unirii nr. {}",
        ],
        "en": [
            "{} High Street",
            "Flat 2, {} Station Rd",
            "{} Kings Close",
            "{}a Victoria Road",
            "{} St Mary's Lane",
            "{} Old Mill Drive",
            "Apt 3B, {} Queen Street",
            "{}, Park Avenue",
            "{} The Grove",
            "{} Church Terrace, Flat 4",
            "{} O'Connell Square",
            "Unit 5, {} Abbey Gardens",
        ],
    }
    return chance.choice(ways[language]).format(number)


MONTHS = {
    "ca": "de gener,de febrer,de març,d'abril,de maig,de juny,de juliol,d'agost,de setembre,d'octubre,de desembre",
    "es": "de febrero,de marzo,de abril,de mayo,de junio,de julio,de agosto,de septiembre,de octubre,de diciembre",
    "it": "gennaio,febbraio,marzo,aprile,maggio,giugno,luglio,agosto,settembre,ottobre,novembre,dicembre",
    "ro": "ianuarie,februarie,martie,aprilie,mai,iunie,iulie,august,septembrie,octombrie,noiembrie,decembrie",
    "en": "January,February,March,April,May,June,July,August,September,October,November,December",
}
OF_YEAR = {"ca": [" de ", " del "], "es": [" de ", " del "], "it": [" "], "ro": [" "], "en": [" ", ", "]}


def birth(chance: random.Random, language: str) -> str:
    day, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.randint(1935, 2008)
    name = chance.choice(MONTHS[language].split(","))
    ways = [f"{day:02}{by}{month:02}{by}{year}" for by in "/.-"] + [
        f"{day}/{month}/{year % 100:02}",
        f"{year}-{month:02}-{day:02}",
    ]
    ways += [f"{day} {name}{chance.choice(OF_YEAR[language])}{year}"] * 3
    ways += [f"{name} {day}, {year}", f"{day}th {name} {year}"] if language == "en" else []
    return chance.choice(ways)


def plate(chance: random.Random, language: str) -> str:
    def three() -> str:
        return "".join(chance.choice("BCDFGHJKLMNPRSTVWXYZ") for _ in range(3))

    number = digits(chance, 4)
    ways = {
        "es": [f"{number} {three()}", f"{number}{three()}", f"{number}-{three()}", f"B-{number}-TX", f"GI {number} AK"],
        "it": [f"BG{number[:3]}YV", f"AB {number[:3]} CD", f"FZ-{number[:3]}-KL"],
        "ro": [f"B {number[:2]} TVR", f"B{number[:3]}XYZ", f"CJ-{number[:2]}-ABC", f"IS {number[:2]} RTV"],
        "en": [f"XN{number[:2]} {three()}", f"LB{number[:2]}{three()}", f"A{number[:3]} {three()}"],
    }
    return chance.choice(ways["es" if language == "ca" else language])


def ip(chance: random.Random, _: str) -> str:
    four = ".".join(str(chance.randint(11, 250)) for _ in range(4))
    return chance.choice(
        [four, four, "2001:db8::1f", "fe80::a1b2:3c4d:5e6f:7a8b", "2001:0db8:85a3:0000:0000:8a2e:0370:7334"]
    )


def link(chance: random.Random, _: str) -> str:
    first, last = chance.choice(FIRST).replace("ș", "s"), chance.choice(["puig", "rossi", "hughes"])
    return chance.choice([
        f"https://x.example/{first}.{last}",
        f"https://www.instagram.example/{first}_{last}",
        f"https://facebook.com/{first}.{last}.{digits(chance, 3)}",
        f"https://www.linkedin.com/in/{first}-{last}",
        f"instagram.com/{first}{last}",
        f"https://forum.example/user/{first}{digits(chance, 2)}",
        f"https://www.tiktok.com/@{first}.{last}",
        f"https://wa.me/34612{digits(chance, 6)}",
        f"www.facebook.com/{first}{last}/",
    ])  # fmt: skip


KINDS = {
    "phone": phone, "email": email, "id": personal_id, "handle": handle, "iban": iban, "card": card,
    "address": address, "birth": birth, "plate": plate, "ip": ip, "link": link,
}  # fmt: skip
NEGATIVES = {
    "ca": [
        "La comanda {4}-{3} no ha arribat",
        "Comanda núm. 6{8} encara en trànsit",
        "Vam tenir {1}.{3} visites",
        "La versió {1}.{2}.{1} falla",
        "El preu és de {2},90 € l'any",
        "El codi 08{3} és de l'Eixample",
        "Obrim de 9.00 a 13.30 i de 16.30 a 20.00",
        "Horari: 09.00-13.30",
        "Entre el 01/02/2024 i el 15/03/2024",
        "Vaig entrar a https://www.botiga-exemple.cat/pagament",
        "mireu https://www.botiga.cat/sabates/sabata-vermella-{2}.html",
        "Amb mercè o sense, la cua era de {2} minuts",
        "Roca i fusta: són els materials",
        "La cua del carrer feia {2} metres",
        "Al carrer Major hi ha {1} botigues",
        "via web, {1} vegades",
        "La plaça amb {3} persones",
        "factura 2024/{5}",
        "referència AB{6}C",
        "Del 3 al 15 de març de 2024",
        "Fa {1} anys que compro aquí",
        "Ens vam veure el 12 de maig de 2023",
        "EAN 84{11}",
        "la rosa i la mar",
        "talla 38-40-42",
        "El model XR{4}",
        "12.{3} € de pressupost",
        "Costa 1.{3}.{3} euros",
        "el botó @ no funciona",
        "La botiga obre el 24/12/2024",
    ],
    "es": [
        "El pedido 2024-{6} sigue en reparto",
        "pedido nº 6{8} sin entregar",
        "En mayo subimos de 1.{3} a 2.{3} sesiones",
        "Son {2},50 € al mes",
        "La versión 2.0.{2} salió el 01/02/2024",
        "El código postal 28{3} no lo reconoce",
        "Se cobra en 24-48 horas",
        "Entré en https://www.tienda-ejemplo.es/carrito?paso=2",
        "Abren de 10:00 a 14:00 y de 17:00 a 20:30",
        "a lo largo de {2} días",
        "A lo largo de los últimos {2} días",
        "En la calle había {2} personas",
        "la segunda ronda de {1} preguntas",
        "La rosa del catálogo no es igual",
        "Dolores de cabeza me da este formulario",
        "referencia 7{8}",
        "ticket 9{8}",
        "El envío nacional sale el 12/03/2024",
        "La nata caduca el 12/03/2024",
        "código de seguimiento 6{8}",
        "Pulsé {1} veces",
        "La factura F-2024-{4}",
        "tallas 36/38/40",
        "Cuesta 1200 GBP",
        "reunión el 5 de mayo de 2023",
        "unas {3}.{3} unidades",
        "pagué por Bizum 20 euros",
        "cupón SUMMER{2}",
        "el modelo {4}-X",
        "vía Internet {1} veces",
        "de 9 a 14 y de 16 a 20",
    ],
    "it": [
        "L'ordine 7{3}/24 risulta in consegna",
        "ordine n. 3{9} in ritardo",
        "A maggio da 1.{3} a 1.{3} visite",
        "Costa {1},90 € al mese",
        "La versione 5.1.{1} è uscita",
        "Il CAP 20{3} non va",
        "Consegna in 24-48 ore",
        "Sono entrato su https://www.negozio-esempio.it/carrello",
        "nel corso di {1} mesi",
        "Nel corso dei primi {2} giorni",
        "via mail {1} volte",
        "via WhatsApp {1} volte",
        "strada lunga {2} km",
        "Una villa con giardino",
        "fattura {4}/2024",
        "aperto dalle 9.00 alle 12.30",
        "orario 09.00-12.30",
        "codice sconto ROSA{2}",
        "ci vediamo il 3 maggio 2024",
        "taglie 40-42-44",
        "il modello AB{3}",
        "riferimento 34{8}",
        "la piazza con {3} persone",
        "pagato 1.{3},00 euro",
        "La luce è fissa",
        "I bianchi costano {2} euro",
        "tracking 3{9}",
        "ho chiamato {1} volte",
        "la nata è del 12/03/2024",
        "bonifico di {3} euro",
        "in via di chiusura da {2} giorni",
    ],
    "ro": [
        "Comanda {3}-{4} nu a ajuns",
        "comanda nr. 07{8} nu apare",
        "În martie am avut 1.{3} de vizite",
        "Costă 39,99 lei pe lună",
        "Versiunea 4.2.{1} a apărut pe 01.02.2024",
        "Codul poștal 40{4} nu este recunoscut",
        "Se livrează în 24-48 de ore",
        "Am intrat pe https://www.magazin-exemplu.ro/cos",
        "Am apăsat de {1} ori",
        "program 09.00-17.30",
        "factura seria AB {6}",
        "Drumul e lung de {2} km",
        "strada are {2} magazine",
        "pe 12 mai 2023 am comandat",
        "AWB {9}",
        "cod de reducere MAI{2}",
        "piața cu {3} de oameni",
        "Lumina e roșie",
        "mărimi 38-40-42",
        "a costat 1500 RON",
        "ROSA COSTA 12 LEI",
        "modelul X{3}",
        "între 01.02.2024 și 03.02.2024",
        "Mihai Eminescu e numele străzii",
        "aproape {3}.{3} de accesări",
        "bon fiscal {4}",
        "comanda cu numărul 07{8}",
        "pe stradă sunt {2} grade",
        "în piață din {1} în {1} zile",
        "am dat {3} lei",
        "tichet #{6}",
    ],
    "en": [
        "Order {4}-{4} is out for delivery",
        "order number 7{9} is late",
        "We went from 1,{3} to 1,{3} sessions",
        "It costs £9.99 a month",
        "Version 6.0.{1} came out on 01/02/2024",
        "Postcode LS1 4DY is not recognised",
        "Delivery takes 24-48 hours",
        "I opened https://www.shop-example.co.uk/basket",
        "https://shop.example/search?q=red+shoes&page=2",
        "open 9.00-17.30",
        "I clicked {1} times on the street view",
        "{1} minutes on the way",
        "{2} hours in a row",
        "Since 2019 Oxford Street is dead",
        "I will mark the box and hope",
        "invoice INV-2024-{4}",
        "tracking {9}",
        "the meeting was on 12 May 2023",
        "Sizes 10-12-14",
        "firmware 10.2.{1}.4",
        "By the grace of support",
        "{3},{3} visits",
        "I bought it at zara.com",
        "Look at shop.example for more",
        "the price is 1200 GBP",
        "room 101",
        "model XR{4}",
        "It was 5 star service all the way",
        "from 9am to 5pm",
        "SKU 8{8}",
        "{2} items in the row",
        "I waited {2} minutes at the till",
        "coupon SAVE{2}",
        "the shop was born on the web",
    ],
}


def sentence(chance: random.Random, language: str, label: str, value: str) -> tuple[str, int, int]:
    """Return a sentence that holds a value, and where."""
    lead = chance.choice(LEADS[language][label])
    if label in BARE and chance.random() < 0.25:
        lead = "{}"
    elif label in BARE and chance.random() < 0.2:
        lead = chance.choice(["({})", "Bon dia ({})", "«{}»"])
    head, tail = lead.split("{}")
    ending = "." if tail else chance.choice(TAILS[language])
    if label in {"link", "email"} and ending in {"?"}:
        ending = ""
    start = chance.choice(BEFORE)
    return f"{start}{head}{value}{tail}{ending}", len(start + head), len(start + head + value)


def positives(seed: int, each: int) -> Iterator[tuple[str, str, str, int, int]]:
    """Yield language, label, text and where the identifier stands in it, in three cases."""
    chance = random.Random(seed)
    for language in LEADS:
        for label, make in KINDS.items():
            for number in range(each):
                text, start, end = sentence(chance, language, label, make(chance, language))
                case = (str, str, str.lower, str.upper)[number % 4]
                if len(case(text)) == len(text):
                    text = case(text)
                yield language, label, text, start, end


def negatives(seed: int, each: int) -> Iterator[tuple[str, str]]:
    """Yield language and a text without identifiers."""
    chance = random.Random(seed)
    for language, templates in NEGATIVES.items():
        for number in range(each):
            filled = re.sub(
                r"\{(\d+)\}", lambda found: "1" + digits(chance, int(found[1]) - 1), templates[number % len(templates)]
            )
            yield language, (str, str, str.lower, str.upper)[chance.randrange(4)](chance.choice(BEFORE) + filled)
