"""An invented journey map, as the pipeline would give it: six stages, twelve touchpoints, five languages."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from cjtools.journey_map import Header, JourneyMap
from cjtools.map_tables import ALL, MAP_TABLES, Evidence, checked
from cjtools.tables import Source, shape_of
from cjtools.words import load_words

STAGES = [
    # id, band, question, information, participants, voices, profiles
    (
        "awareness",
        "before",
        "Who could help me with this room?",
        "That the shop exists and what it sells",
        9,
        84,
        12440,
    ),
    (
        "consideration",
        "before",
        "Does it suit me, and is it worth the price?",
        "Sizes, materials, prices, where to touch it",
        15,
        131,
        8120,
    ),
    (
        "decision",
        "during",
        "What will it cost me in the end, and when will I have it?",
        "Total with delivery, before the last step",
        14,
        96,
        2310,
    ),
    (
        "purchase",
        "during",
        "Did it go through, and how do I get it?",
        "Confirmation and a collection or delivery time",
        12,
        61,
        905,
    ),
    (
        "loyalty",
        "after",
        "What if it is not right, and what is in it for me next time?",
        "How to return it, news that fits",
        8,
        40,
        212,
    ),
    ("advocacy", "after", "Would I send a friend there?", "A place to say so", 2, 22, 0),
]
TOUCHPOINTS = [
    # id, label, stage, environment, owner, kind, terminal, participants, voices, sessions
    ("search", "Search engine", "awareness", "online", "independent", "information", False, 4, 11, None),
    ("social", "Social networks", "awareness", "online", "independent", "information", False, 6, 58, 2140),
    ("blog", "Blog", "awareness", "online", "brand", "information", False, 2, 9, 1310),
    ("catalogue", "Catalogue pages", "consideration", "online", "brand", "site_visit", False, 9, 22, 7421),
    ("product", "Product page", "consideration", "online", "brand", "site_visit", False, 13, 74, 6015),
    ("hours", "Shops and opening hours", "consideration", "online", "brand", "information", False, 5, 8, 1902),
    ("cart", "Basket", "decision", "online", "brand", "transaction", False, 7, 19, 1480),
    ("checkout", "Checkout", "decision", "online", "brand", "transaction", False, 12, 66, 1015),
    ("confirmation", "Order confirmation", "purchase", "online", "brand", "transaction", True, 3, 4, 612),
    ("store", "Shop", "purchase", "offline", "brand", "service", False, 10, 41, None),
    ("collection", "Collection counter", "purchase", "offline", "brand", "service", False, 6, 14, None),
    ("returns", "Returns page", "loyalty", "online", "brand", "service", False, 7, 31, 402),
]
PERSONAS = [
    (
        "comparer",
        "The comparer",
        "Buys online, compares three shops before the basket",
        "The whole price at once, and measures that can be trusted",
        "Show delivery cost on the product page",
        "online",
        ["website", "search", "social"],
        6,
        ["ca", "es", "it"],
    ),
    (
        "toucher",
        "The toucher",
        "Looks it up at home, buys in the shop",
        "To know that it is there before the trip",
        "Show opening hours and stock of each shop",
        "offline",
        ["website", "store"],
        7,
        ["ca", "ro", "en"],
    ),
    (
        "collector",
        "The collector",
        "Orders online, collects on the way home",
        "A quick counter and an easy return",
        "Take back online orders at the counter",
        "both",
        ["website", "email", "store"],
        2,
        ["es"],
    ),
]
# stage, touchpoint, type, valence, language, text
SAID: list[tuple[str, str | None, str, float | None, str, str]] = [
    (
        "awareness",
        "social",
        "gain",
        1,
        "ca",
        "Els vaig trobar per un vídeo d'Instagram on ensenyaven com muntaven una sala petita.",
    ),
    ("awareness", "social", "need", 0, "es", "Necesitaba ideas para una habitación de ocho metros, nada más."),
    ("awareness", "search", "need", 0, "it", "Ho cercato su Google «tende su misura» e sono usciti al terzo posto."),
    ("awareness", "blog", "gain", 1, "en", "Their article about wool rugs was the first honest one I read."),
    ("awareness", "social", "expectation", 0, "ro", "Mă așteptam să văd și prețurile, nu doar fotografii frumoase."),
    ("awareness", None, "question", 0, "ca", "Tenen botiga a prop o només venen per internet?"),
    ("consideration", "product", "pain", -1, "ca", "Les mides no quadren: el text diu 140 i el dibuix en posa 135."),
    ("consideration", "product", "pain", -1, "es", "La foto engaña, el color de la tela no se parece en nada."),
    ("consideration", "product", "gain", 2, "it", "Le recensioni con le foto dei clienti mi hanno convinta del tutto."),
    (
        "consideration",
        "product",
        "comparing",
        1,
        "en",
        "I had three tabs open and went back and forth between the sizes.",
    ),
    (
        "consideration",
        "catalogue",
        "comparing",
        1,
        "ro",
        "Am comparat cu alte două magazine, aici filtrele sunt cele mai bune.",
    ),
    (
        "consideration",
        "catalogue",
        "pain",
        -1,
        "ca",
        "Quan tornes enrere del producte et fa començar la llista des del principi.",
    ),
    (
        "consideration",
        "hours",
        "goal",
        1,
        "es",
        "Miré el horario, vi que abrían el sábado y cerré la página: ya lo tenía.",
    ),
    ("consideration", "hours", "goal", 1, "ca", "Només volia saber si obrien al migdia, i sí."),
    (
        "consideration",
        "product",
        "need",
        0,
        "ro",
        "Vreau să ating materialul înainte să cumpăr ceva de trei sute de euro.",
    ),
    ("consideration", "product", "factor", 0, "it", "Per me decide il tessuto, il prezzo viene dopo."),
    ("consideration", "store", "gain", 1, "ca", "A la botiga em van deixar endur-me una mostra de roba a casa."),
    (
        "decision",
        "checkout",
        "pain",
        -2,
        "es",
        "El coste de envío aparece al final, cuando ya has puesto la tarjeta en la mano.",
    ),
    ("decision", "checkout", "pain", -2, "ca", "Les despeses d'enviament surten a l'últim pas i t'enfades."),
    (
        "decision",
        "checkout",
        "pain",
        -2,
        "it",
        "Diciannove euro di spedizione scoperti all'ultimo clic: ho chiuso tutto.",
    ),
    ("decision", "checkout", "pain", -1, "ro", "Costul livrării nu era nicăieri până la ultimul pas."),
    (
        "decision",
        "checkout",
        "pain",
        -2,
        "en",
        "Delivery was nineteen euros and I only saw it after typing my address twice.",
    ),
    ("decision", "checkout", "suggestion", -1, "ca", "Que posin l'enviament a la pàgina del producte i s'ha acabat."),
    ("decision", "cart", "pain", -1, "es", "Si no acabas en una hora te vacía la cesta."),
    ("decision", "cart", "need", 0, "en", "I need to know the total before I decide, not after."),
    ("decision", "cart", "question", 0, "it", "Se lo prenoto in negozio me lo tengono da parte?"),
    ("decision", None, "emotion", -1, "ca", "Em va fer mandra i ho vaig deixar per un altre dia."),
    ("purchase", "store", "gain", 2, "ca", "La noia de la botiga em va trobar la peça en dos minuts."),
    ("purchase", "store", "gain", 1, "ro", "La magazin totul a mers repede și mi-au arătat cum se montează."),
    ("purchase", "collection", "gain", 1, "es", "Recogerlo fue llegar, enseñar el código y marcharme."),
    ("purchase", "collection", "pain", -1, "it", "Al banco ritiri c'era una sola persona per tutti."),
    ("purchase", "confirmation", "goal", 1, "en", "The confirmation told me when to come, so I was done."),
    ("purchase", "store", "pain", -1, "ca", "Deien que n'hi havia i quan hi vaig anar no n'hi havia."),
    ("purchase", "store", "expectation", 0, "es", "Esperaba que el precio de la web valiera también en tienda."),
    ("loyalty", "returns", "pain", -2, "ca", "Per retornar-ho has d'imprimir una etiqueta: qui té impressora a casa?"),
    ("loyalty", "returns", "pain", -1, "es", "Lo compré en la web y en la tienda no me lo aceptaban de vuelta."),
    ("loyalty", "returns", "lost", -1, "it", "Ho fatto cinque giri tra aiuto e resi senza capire da dove partire."),
    ("loyalty", "returns", "pain", -1, "ro", "Pagina de retur te plimbă între trei formulare."),
    ("loyalty", None, "desire", 1, "en", "A small discount next time would have brought me back sooner."),
    ("advocacy", None, "gain", 1, "ca", "Hi enviaria la meva germana, però a la botiga, no al web."),
]
PUBLIC: list[tuple[str, str | None, float, str, str]] = [
    ("awareness", "social", 1, "es", "qué bonito el rincón de lectura que han montado @▮▮▮"),
    ("awareness", "social", 0, "it", "qualcuno conosce questo negozio? sembra carino"),
    ("consideration", "product", 1, "en", "Rug exactly as described, thick and soft."),
    ("consideration", "product", -1, "ca", "El color de la coixinera no té res a veure amb la foto, llàstima"),
    ("consideration", "product", -1, "ro", "Dimensiunile de pe site sunt greșite, atenție"),
    ("decision", "checkout", -2, "es", "19 € de envío por dos cojines. DIECINUEVE. Cesta cerrada."),
    ("decision", "checkout", -2, "it", "Spese di spedizione che compaiono solo alla fine, pessimo"),
    ("decision", "checkout", -1, "en", "abandoned my order when I saw the delivery fee, again"),
    ("decision", "checkout", -1, "ca", "l'enviament val més que la tovallola, en sèrio?"),
    ("purchase", "store", 2, "ca", "Servei de deu a la botiga del centre"),
    ("purchase", "store", 1, "es", "En tienda, encantadores. Volveré."),
    ("purchase", "collection", 1, "ro", "Ridicare în zece minute, foarte comod"),
    ("loyalty", "returns", -2, "en", "Returns page is a maze. Gave up."),
    ("loyalty", "returns", -1, "it", "tre settimane per un rimborso"),
    ("advocacy", None, 2, "es", "La recomiendo a todo el mundo, el lino es de verdad"),
    ("advocacy", None, 1, "ca", "ja hi he enviat tres amics"),
    ("awareness", "blog", 1, "en", "their blog post on linen care saved my curtains"),
    ("consideration", "catalogue", 0, "es", "¿han quitado el filtro por tamaño?"),
    ("purchase", "store", -1, "it", "in negozio mancava proprio quello che il sito dava disponibile"),
    ("decision", "cart", -1, "ro", "mi s-a golit coșul de două ori"),
]
DAY = dt.date(2026, 7, 14)


def frame(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Return a declared table of the map from rows."""
    schema = MAP_TABLES[name]
    return checked(name, pl.DataFrame(rows, schema=shape_of(schema), strict=False)) if rows else schema.create_empty()


def example_map(*, language: str = "en", audience: str = "team") -> JourneyMap:
    """Return the invented map."""
    words = load_words(language)
    labels = {row[0]: words.stage(row[0]) for row in STAGES}
    names = {row[0]: row[1] for row in TOUCHPOINTS}
    position = {row[0]: number for number, row in enumerate(STAGES)}
    return JourneyMap(
        header=head(language, audience),
        words=words,
        stages=frame(
            "stages",
            [
                {
                    "stage": row[0],
                    "position": place,
                    "band": row[1],
                    "label": labels[row[0]],
                    "question": row[2],
                    "information": row[3],
                    "participants": row[4],
                    "voices": row[5],
                    "profiles": row[6],
                }
                for place, row in enumerate(STAGES)
            ],
        ),
        personas=frame(
            "personas",
            [
                dict(
                    zip(
                        ("persona", "name", "who", "needs", "help", "buys", "channels", "participants", "languages"),
                        row,
                        strict=True,
                    ),
                    position=place,
                )
                for place, row in enumerate(PERSONAS)
            ],
        ),
        touchpoints=frame("touchpoints", touchpoint_rows()),
        statements=frame("statements", statement_rows(names)),
        quotes=frame("quotes", quote_rows(names)),
        experience=frame("experience", experience_rows(labels)),
        sentiment=frame("sentiment", sentiment_rows(labels, names)),
        behaviour=frame("behaviour", behaviour_rows(names)),
        drop_off=frame(
            "drop_off",
            [
                {
                    "stage": stage,
                    "position": position[stage],
                    "label": labels[stage],
                    "instrumented": stage != "advocacy",
                    "profiles": profiles,
                    "went_on": on,
                    "conversion": on / profiles if on is not None else None,
                    "low": on / profiles - 0.012 if on is not None else None,
                    "high": on / profiles + 0.012 if on is not None else None,
                    "of_all": profiles / 12440,
                }
                for stage, profiles, on in (
                    ("awareness", 12440, 7012),
                    ("consideration", 8120, 2204),
                    ("decision", 2310, 868),
                    ("purchase", 905, 188),
                    ("loyalty", 212, None),
                    ("advocacy", 0, None),
                )
            ],
        ),
        patterns=frame(
            "patterns",
            [
                pattern("ropo", 118, 402, 352, 0.71, 30),
                pattern("click_collect", 201, 612, None, None, None),
                pattern("try_buy", 44, 612, 340, 0.56, 30),
                pattern("repeat_buyers", 142, 905, None, None, None),
                pattern("repeat_other_route", 61, 142, None, None, None),
            ],
        ),
        verdicts=frame("verdicts", verdict_rows(names, position)),
        opportunities=frame(
            "opportunities",
            [
                {
                    "rank": rank,
                    "stage": stage,
                    "touchpoint": point,
                    "label": names[point],
                    "verdict": verdict,
                    "people": people,
                    "asked": asked,
                    "reach": people / asked,
                    "severity": severity,
                    "score": round(people / asked * severity, 3),
                    "quote_id": quote,
                    "evidence": [quote],
                }
                for rank, (stage, point, verdict, people, asked, severity, quote) in enumerate(
                    [
                        ("decision", "checkout", "friction_confirmed", 12, 14, 1.8, "i-17"),
                        ("loyalty", "returns", "confusion", 6, 8, 1.4, "i-34"),
                        ("consideration", "product", "dissonant", 7, 15, 1.0, "i-6"),
                        ("purchase", "store", "blind_spot", 4, 12, 1.1, "i-32"),
                        ("decision", "cart", "friction_likely", 3, 14, 1.0, "i-23"),
                        ("consideration", "catalogue", "interest", 3, 15, 0.9, "i-11"),
                    ],
                    start=1,
                )
            ],
        ),
        questions=frame(
            "questions",
            [
                {"position": place, "kind": kind, "stage": stage, "touchpoint": point, "label": label, "n": n}
                for place, (kind, stage, point, label, n) in enumerate(
                    [
                        ("stage_no_behaviour", "advocacy", None, labels["advocacy"], None),
                        ("stage_not_asked", "advocacy", None, labels["advocacy"], None),
                        ("few_people", "advocacy", None, labels["advocacy"], 2),
                        ("verdict_undetermined", "awareness", "blog", "Blog", 2),
                        ("verdict_no_behaviour", "purchase", "collection", "Collection counter", 6),
                        ("verdict_dissonant", "consideration", "product", "Product page", 13),
                    ]
                )
            ],
        ),
        coverage=frame("coverage", coverage_rows(labels, position)),
        surveys=frame(
            "surveys",
            [
                {
                    "question_id": "nps",
                    "instrument": "nps",
                    "wording": "How likely are you to recommend us to a friend?",
                    "stage": "advocacy",
                    "touchpoint": None,
                    "scale_min": 0,
                    "scale_max": 10,
                    "value": 0.18,
                    "low": 0.09,
                    "high": 0.27,
                    "n": 318,
                },
                {
                    "question_id": "ces",
                    "instrument": "ces",
                    "wording": "The shop made it easy for me to finish my order.",
                    "stage": None,
                    "touchpoint": "checkout",
                    "scale_min": 1,
                    "scale_max": 7,
                    "value": 3.42,
                    "low": 3.2,
                    "high": 3.65,
                    "n": 304,
                },
            ],
        ),
        totals=frame(
            "totals",
            [
                {
                    "family": family,
                    "metric": metric,
                    "name": name,
                    "stage": stage,
                    "touchpoint": point,
                    "value": value,
                    "share": share,
                    "n": n,
                    "unit": unit,
                }
                for family, metric, name, stage, point, value, share, n, unit in [
                    ("search", "query", "linen curtains", "awareness", "search", 186.0, 0.096, None, "clicks"),
                    ("search", "query", "wool rug", "awareness", "search", 140.0, 0.072, None, "clicks"),
                    ("orders", "payment", "card", "purchase", None, 611.0, 0.675, 905.0, "orders"),
                    ("orders", "payment", "wallet", "purchase", None, 180.0, 0.199, 905.0, "orders"),
                    ("orders", "ordered", "collect", "purchase", None, 201.0, 0.222, 905.0, "orders"),
                    ("email", "campaigns", "sent", "loyalty", None, 14210.0, None, None, "messages"),
                    ("email", "campaigns", "opened", "loyalty", None, 4020.0, 0.283, 14210.0, "people"),
                    ("email", "campaigns", "clicked", "loyalty", None, 512.0, 0.036, 14210.0, "people"),
                ]
            ],
        ),
        objectives=frame(
            "objectives",
            [
                {
                    "position": 0,
                    "stage": "decision",
                    "label": labels["decision"],
                    "statement": "More baskets reach the confirmation",
                    "metric": "stage_conversion",
                    "baseline": 0.25,
                    "target": 0.4,
                    "due": dt.date(2026, 12, 31),
                    "current": 0.376,
                    "low": 0.356,
                    "high": 0.396,
                    "n": 2310,
                    "attainment": 0.84,
                },
            ],
        ),
        machine=frame("machine", machine_rows()),
        accuracy=frame("accuracy", [{"language": code, "macro_f1": 0.7} for code in ("ca", "en")]),
        sources=source_rows(),
        evidence=Evidence.create_empty(),
        provenance=made_of(language, audience),
    )


def empty_map(*, language: str = "en", audience: str = "team") -> JourneyMap:
    """Return a map of a client without any evidence, any stage, any declared thing."""
    tables = {name: schema.create_empty() for name, schema in MAP_TABLES.items()}
    return JourneyMap(
        header=head(language, audience, evidence=""),
        words=load_words(language),
        **tables,
        sources=Source.create_empty(),
        evidence=Evidence.create_empty(),
        provenance={},
    )


def machine_rows() -> list[dict[str, Any]]:
    """Return what the machine did: estimated some sentiments, learned stages well and types badly."""
    keys = ("kind", "method", "texts", "of", "codes", "agreement", "counts")
    rows = [
        ("sentiment", "small 0badcafe", 88, 99, None, None, True),
        ("stage", "small", 310, 512, 64, 0.78, True),
        ("type", "small", 350, 512, 41, 0.58, False),
        ("evidence", None, 398, 700, None, None, True),
    ]
    return [{"position": place, **dict(zip(keys, row, strict=True))} for place, row in enumerate(rows)]


def made_of(language: str, audience: str) -> dict[str, object]:
    """Return what the invented map says it was made from."""
    return {
        "parameters": {"client": "example", "wave": "2026-Q3", "language": language, "audience": audience},
        "inputs": [{"file": "mentions.csv", "sha256": "ab" * 32}, {"file": "orders.csv", "sha256": "cd" * 32}],
        "rows": {"rows_in": 10, "rows_used": 9, "rows_rejected": 1, "rows_merged": 0},
        "versions": {"cjtools": "0.1.0", "polars": "2.1.0"},
    }


def head(
    language: str,
    audience: str,
    evidence: str = "15 interviews ca/en/es/it/ro · 600 mentions and reviews · "
    "21,480 sessions, Jul–Sep 2026 · 1 stage without behaviour data",
) -> Header:
    """Return the header of the invented map."""
    return Header(
        client_id="example",
        client_name="Terra i Fil",
        wave="2026-Q3",
        period_from=dt.date(2026, 7, 1),
        period_to=dt.date(2026, 9, 30),
        language=language,
        audience=audience,
        objective="Find where shoppers give up between the basket and the door, and what to mend first.",
        products=("home textiles", "small furniture"),
        segments=("households of the region", "online shoppers abroad"),
        scenario="Furnishing or refreshing a room, from the first idea to the next purchase.",
        goal="purchase",
        state="current",
        status="in_review",
        contact="Research desk",
        review_due=dt.date(2026, 12, 31),
        minimum_group=3,
        evidence_line=evidence,
    )


def touchpoint_rows() -> list[dict[str, Any]]:
    """Return the touchpoints; two of them also stand at a second stage."""
    keys = (
        "touchpoint",
        "label",
        "stage",
        "environment",
        "owner",
        "kind",
        "terminal",
        "participants",
        "voices",
        "sessions",
    )
    main = [
        dict(zip(keys, row, strict=True), main=True, position=place, channel="website")
        for place, row in enumerate(TOUCHPOINTS)
    ]
    second = [
        {**row, "stage": stage, "main": False, "participants": 1, "voices": 0, "sessions": None}
        for row in main
        for point, stage in (("store", "consideration"), ("social", "advocacy"))
        if row["touchpoint"] == point
    ]
    return [*main, *second]


LANES = {
    "need": "needs",
    "desire": "needs",
    "expectation": "needs",
    "pain": "pains",
    "lost": "pains",
    "gain": "gains",
    "goal": "gains",
    "question": "questions",
    "factor": "factors",
    "suggestion": "suggestions",
}


def statement_rows(names: dict[str, str]) -> list[dict[str, Any]]:
    """Return one statement a stage, lane and touchpoint, from what was said."""
    asked = {row[0]: row[4] for row in STAGES}
    groups: dict[tuple[str, str, str | None], list[int]] = {}
    for number, (stage, point, kind, *_) in enumerate(SAID):
        if kind in LANES:
            groups.setdefault((stage, LANES[kind], point), []).append(number)
    rows, ranks = [], {}
    for (stage, lane, point), found in sorted(
        groups.items(), key=lambda item: (item[0][:2], -len(item[1]), str(item[0][2]))
    ):
        ranks[stage, lane] = ranks.get((stage, lane), 0) + 1
        rows.append(
            {
                "statement_id": f"{stage}/{lane}/{point}",
                "stage": stage,
                "persona": ALL,
                "lane": lane,
                "type": SAID[found[0]][2],
                "touchpoint": point,
                "label": names.get(point or ""),
                "rank": ranks[stage, lane],
                "people": min(len(found) * 2, asked[stage]),
                "asked": asked[stage],
                "valence": SAID[found[0]][3],
                "quote_id": f"i-{found[0]}",
                "evidence": [f"i-{number}" for number in found],
            }
        )
    return rows


def quote_rows(names: dict[str, str]) -> list[dict[str, Any]]:
    """Return what was said in interviews and in public."""
    persona = [row[0] for row in PERSONAS]
    interviews = [
        {
            "evidence_id": f"i-{number}",
            "family": "interview",
            "stage": stage,
            "touchpoint": point,
            "touchpoint_label": names.get(point or ""),
            "persona": persona[number % 2],
            "type": kind,
            "valence": valence,
            "method": "person",
            "who": f"P{number % 15 + 1:02d}",
            "text": text,
            "language": language,
            "verbatim": number % 5 != 4,
            "said_on": DAY + dt.timedelta(days=number),
            "platform": None,
            "source_id": "interviews",
            "source_file": f"interviews/P{number % 15 + 1:02d}.md",
            "source_row": 12 + number,
        }
        for number, (stage, point, kind, valence, language, text) in enumerate(SAID)
    ]
    public = [
        {
            "evidence_id": f"m-{number}",
            "family": "mention" if number % 3 else "review",
            "stage": stage,
            "touchpoint": point,
            "touchpoint_label": names.get(point or ""),
            "persona": None,
            "type": None,
            "valence": valence,
            "method": "source",
            "who": None,
            "text": text,
            "language": language,
            "verbatim": True,
            "said_on": DAY + dt.timedelta(days=3 * number),
            "platform": "X" if number % 3 else "Google",
            "source_id": "mentions",
            "source_file": "mentions.csv",
            "source_row": 2 + number,
        }
        for number, (stage, point, valence, language, text) in enumerate(PUBLIC)
    ]
    return [*interviews, *public]


def experience_rows(labels: dict[str, str]) -> list[dict[str, Any]]:
    """Return scores by stage, for everybody and for each persona; advocacy is below the minimum."""
    values = {
        "awareness": (0.8, 0.3, 9),
        "consideration": (0.15, -0.4, 15),
        "decision": (-1.42, -1.75, 14),
        "purchase": (0.7, 0.1, 12),
        "loyalty": (-0.9, -1.5, 8),
        "advocacy": (None, None, 2),
    }
    rows = []
    for place, (stage, (value, low, n)) in enumerate(values.items()):
        for persona, shift, part in (
            (ALL, 0.0, 1.0),
            ("comparer", -0.3, 0.4),
            ("toucher", 0.25, 0.45),
            ("collector", 0, 0.15),
        ):
            people = int(n * part)
            shown = value is not None and people >= 3
            middle = max(min((value or 0) + shift, 2), -2)
            rows.append(
                {
                    "scope": "stage",
                    "name": stage,
                    "persona": persona,
                    "position": place,
                    "label": labels[stage],
                    "persona_label": persona,
                    "value": middle if shown else None,
                    "low": max(middle - ((value or 0) - (low or 0)) / part**0.5, -2) if shown else None,
                    "high": min(middle + ((value or 0) - (low or 0)) / part**0.5, 2) if shown else None,
                    "n": people,
                    "shown": shown,
                }
            )
    return rows


def sentiment_rows(labels: dict[str, str], names: dict[str, str]) -> list[dict[str, Any]]:
    """Return public voices by stage and over all."""
    counts = {
        "awareness": (41, 30, 13),
        "consideration": (48, 40, 43),
        "decision": (6, 18, 72),
        "purchase": (38, 12, 11),
        "loyalty": (5, 9, 26),
        "advocacy": (17, 3, 2),
        "all": (155, 112, 167),
    }
    rows = []
    for name, (up, flat, down) in counts.items():
        n = up + flat + down
        net = (up - down) / n
        rows.append(
            {
                "scope": "all" if name == "all" else "stage",
                "name": name,
                "label": labels.get(name, "all"),
                "positive": up,
                "neutral": flat,
                "negative": down,
                "unscored": 4,
                "n": n,
                "reach": 1000 * n,
                "net": net,
                "low": max(net - 0.12, -1),
                "high": min(net + 0.12, 1),
            }
        )
    return rows


def behaviour_rows(names: dict[str, str]) -> list[dict[str, Any]]:
    """Return exit rates and visits by touchpoint."""
    exits = {
        "social": 0.31,
        "blog": 0.52,
        "catalogue": 0.24,
        "product": 0.28,
        "hours": 0.74,
        "cart": 0.33,
        "checkout": 0.57,
        "confirmation": 0.91,
        "returns": 0.45,
    }
    sessions = {row[0]: row[9] for row in TOUCHPOINTS}
    rows = []
    for name, rate in exits.items():
        n = sessions[name] or 0
        rows.append(
            {
                "scope": "touchpoint",
                "name": name,
                "label": names[name],
                "metric": "exit_rate",
                "value": rate,
                "low": rate - 0.02,
                "high": rate + 0.02,
                "numerator": round(n * rate),
                "denominator": n,
                "unit": "sessions",
                "definition": "exit_rate",
            }
        )
        rows.append(
            {
                "scope": "touchpoint",
                "name": name,
                "label": names[name],
                "metric": "many_views",
                "value": 0.08,
                "low": 0.07,
                "high": 0.09,
                "numerator": round(n * 0.08),
                "denominator": n,
                "unit": "sessions",
                "definition": "many_views",
            }
        )
    return rows


def pattern(
    name: str, part: int, whole: int, joined: int | None, coverage: float | None, window: int | None
) -> dict[str, Any]:
    """Return one pattern."""
    share = part / whole
    return {
        "pattern": name,
        "value": share,
        "low": share - 0.03,
        "high": share + 0.03,
        "numerator": part,
        "denominator": whole,
        "joined": joined,
        "coverage": coverage,
        "window_days": window,
        "basis": "observed",
    }


def verdict_rows(names: dict[str, str], position: dict[str, int]) -> list[dict[str, Any]]:
    """Return a verdict on every touchpoint, of nearly every kind."""
    stages = {row[0]: row[2] for row in TOUCHPOINTS}
    heard = {row[0]: (row[7], row[8], row[9]) for row in TOUCHPOINTS}
    rows = [
        ("search", "not_instrumented", "silent", "positive", "no_behaviour", 10, 0, 0, 0.4),
        ("social", "many_clicks", "comparing", "positive", "interest", 6, 0, 2, 0.5),
        ("blog", "high_exit", "silent", "silent", "undetermined", 5, 0, 0, None),
        ("catalogue", "many_clicks", "comparing", "positive", "interest", 6, 3, 1, 0.1),
        ("product", "many_clicks", "both", "mixed", "dissonant", 8, 7, 3, 0.05),
        ("hours", "high_exit", "goal", "silent", "natural_end", 2, 0, 5, None),
        ("cart", "high_exit", "silent", "negative", "friction_likely", 4, 3, 0, -0.5),
        ("checkout", "high_exit", "pain", "negative", "friction_confirmed", 1, 12, 0, -0.69),
        ("confirmation", "high_exit", "goal", "silent", "expected_exit", 3, 0, 3, None),
        ("store", "not_instrumented", "gain", "positive", "strength", None, 4, 8, 0.55),
        ("collection", "normal", "pain", "negative", "blind_spot", 9, 3, 3, -0.2),
        ("returns", "many_clicks", "lost", "negative", "confusion", 7, 6, 0, -0.6),
    ]
    exits = {row["name"]: row for row in behaviour_rows(names) if row["metric"] == "exit_rate"}
    asked = {row[0]: row[4] for row in STAGES}
    return [
        {
            "touchpoint": point,
            "stage": stages[point],
            "position": position[stages[point]],
            "label": names[point],
            "behaviour": behaviour,
            "interviews": interviews,
            "social": social,
            "verdict": verdict,
            "rule": rule,
            "exit_rate": exits[point]["value"] if point in exits else None,
            "exit_low": exits[point]["low"] if point in exits else None,
            "exit_high": exits[point]["high"] if point in exits else None,
            "exit_n": heard[point][2] if point in exits else None,
            "baseline": 0.31 if point in exits else None,
            "pain_people": pains,
            "goal_people": goals,
            "heard": heard[point][0],
            "asked": asked[stages[point]],
            "net": net,
            "voices": heard[point][1] if net is not None else 0,
            "evidence": ["i-17", "i-18", "m-5"] if point == "checkout" else [],
        }
        for point, behaviour, interviews, social, verdict, rule, pains, goals, net in rows
    ]


def coverage_rows(labels: dict[str, str], position: dict[str, int]) -> list[dict[str, Any]]:
    """Return coverage by stage and family."""
    rows = []
    for stage, place in position.items():
        for family in ("interview", "social", "survey", "behaviour", "totals"):
            state, n = "evidence", 9 + place
            if family == "survey" and stage not in ("decision", "advocacy"):
                state, n = "not_asked", 0
            if (family, stage) in (("behaviour", "advocacy"), ("totals", "consideration")):
                state, n = "not_asked", 0
            if (family, stage) == ("social", "loyalty"):
                state, n = "silent", 0
            if family == "totals" and stage in ("decision", "advocacy"):
                state, n = "no_source", 0
            rows.append(
                {"stage": stage, "family": family, "position": place, "label": labels[stage], "state": state, "n": n}
            )
    return rows


def source_rows() -> pl.DataFrame:
    """Return the files that the invented map was made from."""
    files = [
        *[
            (
                "interviews",
                f"interviews/P{number:02d}.md",
                "interview_notes",
                "interview_notes",
                "interview",
                14,
                14,
                0,
                0,
                [],
            )
            for number in range(1, 16)
        ],
        ("mentions", "mentions.csv", "mentions", "table", "mention", 420, 401, 4, 15, []),
        ("reviews", "reviews.csv", "mentions", "table", "review", 180, 180, 0, 0, []),
        ("web", "web/events.parquet", "events", "ga4_bigquery", "web", 30112, 29904, 96, 112, ["thresholded"]),
        ("orders", "orders.csv", "orders", "table", "orders", 912, 905, 7, 0, []),
        (
            "search",
            "search/search_console.zip",
            "observations",
            "search_console",
            "search",
            480,
            480,
            0,
            0,
            ["truncated"],
        ),
    ]
    rows = [
        {
            "source_id": name,
            "source_file": file,
            "kind": kind,
            "format": form,
            "family": family,
            "encoding": "utf-8",
            "delimiter": None,
            "timezone": "UTC",
            "period_from": dt.date(2026, 7, 1),
            "period_to": dt.date(2026, 9, 30),
            "rows_in": read,
            "rows_used": used,
            "rows_rejected": rejected,
            "rows_merged": merged,
            "flags": flags,
            "sha256": f"{number:02x}" * 32,
        }
        for number, (name, file, kind, form, family, read, used, rejected, merged, flags) in enumerate(files)
    ]
    return Source.validate(pl.DataFrame(rows, schema=shape_of(Source), strict=False), cast=True)


def bars(
    *, name: str = "experience_curve", labels: tuple[str, ...] = ("a", "b"), title: str = "A title"
) -> dict[str, Any]:
    """Return the specification of a small chart, as charts give it: title, description, name, table twin, tooltip."""
    import altair as alt

    data = pl.DataFrame({"label": list(labels), "n": list(range(1, len(labels) + 1))})
    chart = (
        alt.Chart(data, title=title, description=f"Bars: {title}", width=600, height=alt.Step(30))
        .mark_bar()
        .encode(x="n:Q", y="label:N", color=alt.Color("label:N"), tooltip=["label:N", "n:Q"])
    )
    table = {"columns": ["label", "n"], "rows": [[label, str(place)] for place, label in enumerate(labels, start=1)]}
    spec: dict[str, Any] = chart.to_dict()
    return {**spec, "usermeta": {"cjtools": {"name": name, "table": table}}}


def notebook_of(journey: JourneyMap, *charts: dict[str, Any]) -> dict[str, Any]:
    """Return an executed notebook with every section of a map and some charts, without a kernel having run."""
    from cjtools.report import views
    from cjtools.report.export import CHART_MIMES

    bundles = [getattr(views, name)(journey)._repr_mimebundle_() for name in views.SECTIONS]
    bundles[2:2] = [{CHART_MIMES[0]: spec, "text/plain": "a chart"} for spec in charts]
    return {"cells": [code_cell(f"cell_{place}()", bundle) for place, bundle in enumerate(bundles)], "metadata": {}}


def code_cell(source: str, *bundles: dict[str, Any], tags: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return an executed code cell with some outputs."""
    outputs = [
        {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1} for data in bundles
    ]
    return {
        "cell_type": "code",
        "source": source,
        "metadata": {"tags": list(tags)},
        "outputs": outputs,
        "execution_count": 1,
    }
