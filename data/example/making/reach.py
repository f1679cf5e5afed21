"""Totals without people: Search Console and the mail tool."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import timedelta
from random import Random

from making.wave import CAMPAIGNS, DAYS, FIRST_DAY, LANGUAGES, SITE
from making.web import ARTICLES, CATEGORIES, PRODUCTS, Walk

MEASURES = ("Clics", "Impresiones", "CTR", "Posición")
CAMPAIGN_COLUMNS = (
    "Title",
    "Subject",
    "Send Date",
    "Successful Deliveries",
    "Unique Opens",
    "Unique Clicks",
    "Unsubscribes",
)
COUNTRIES = {"España": 0.74, "Italia": 0.11, "Reino Unido": 0.07, "Rumanía": 0.06, "Andorra": 0.02}
DEVICES = {"Móvil": 0.66, "Ordenador": 0.29, "Tablet": 0.05}
Table = list[tuple[str, ...]]


def measured(rng: Random, clicks: int, rate: float) -> tuple[str, ...]:
    """Return clicks, impressions, rate and position as Search Console writes them."""
    impressions = max(round(clicks / rate), clicks, 4)
    position = rng.uniform(1, 1.6) if rate > 0.15 else max(rng.gauss(13 - 90 * rate, 2.5), 2 + rng.random())
    return (
        str(clicks),
        str(impressions),
        f"{100 * clicks / impressions:.2f}%".replace(".00%", "%"),
        f"{position:.2f}",
    )


def queries(rng: Random, words: dict[str, list[str]]) -> Table:
    """Return the queries, most clicked first: the brand's own name, then what people look for."""
    drawn = [(rng.randint(12, 190), rng.uniform(0.2, 0.5), query) for query in words["brand"]]
    for language in LANGUAGES:
        size = 3.0 if language in ("ca", "es") else 1.4
        drawn += [
            (int(rng.lognormvariate(1, 0.9) * size), rng.uniform(0.006, 0.06), query) for query in words[language]
        ]
    drawn.sort(key=lambda row: (-row[0], row[2]))
    return [(query, *measured(rng, clicks, rate)) for clicks, rate, query in drawn]


def pages(rng: Random) -> Table:
    """Return the landing pages from search."""
    paths = [f"/blog/{name}" for name in ARTICLES] + [f"/c/{name}" for name in CATEGORIES]
    paths += [f"/p/{name}" for name in PRODUCTS] + ["/", "/stores/reus", "/stores/girona"]
    drawn = sorted(((rng.randint(8, 150), path) for path in paths), key=lambda row: (-row[0], row[1]))
    return [(SITE + path, *measured(rng, clicks, rng.uniform(0.01, 0.09))) for clicks, path in drawn]


def shares(rng: Random, total: int, parts: dict[str, float]) -> Table:
    """Return a total split by parts."""
    return [(name, *measured(rng, round(total * part), rng.uniform(0.02, 0.05))) for name, part in parts.items()]


def dates(rng: Random, total: int) -> Table:
    """Return every day of the wave."""
    days = [(FIRST_DAY + timedelta(days=day)).strftime("%Y-%m-%d") for day in range(DAYS)]
    return [(day, *measured(rng, max(int(rng.gauss(total / DAYS, 4)), 1), rng.uniform(0.02, 0.05))) for day in days]


def search_console(rng: Random, words: dict[str, list[str]]) -> bytes:
    """Return the zip that Search Console gives to somebody who reads it in Spanish."""
    by_page = pages(rng)
    total = sum(int(row[1]) for row in by_page)
    tables: dict[str, tuple[tuple[str, ...], Table]] = {
        "Consultas.csv": (("Consultas principales", *MEASURES), queries(rng, words)),
        "Páginas.csv": (("Páginas principales", *MEASURES), by_page),
        "Países.csv": (("País", *MEASURES), shares(rng, total, COUNTRIES)),
        "Dispositivos.csv": (("Dispositivo", *MEASURES), shares(rng, total, DEVICES)),
        "Fechas.csv": (("Fecha", *MEASURES), dates(rng, total)),
        "Filtros.csv": (
            ("Filtro", "Valor"),
            [("Tipo de búsqueda", "Web"), ("Fecha", "2026-07-01 - 2026-09-30")],
        ),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, (header, rows) in tables.items():
            entry = zipfile.ZipInfo(name, date_time=(2026, 10, 1, 8, 0, 0))
            entry.create_system = 3  # the same bytes on every machine
            archive.writestr(entry, csv_text(header, rows))
    return buffer.getvalue()


def campaign_rows(rng: Random, walks: list[Walk]) -> Table:
    """Return the newsletters; clicks are a little above the sessions that they brought."""
    rows, deliveries = [], 1_180
    for campaign in CAMPAIGNS:
        sessions = sum(walk.visit.route.campaign == campaign.slug for walk in walks)
        left = rng.randint(1, 6)
        clicks = sessions + rng.randint(2, 8)
        opens = max(int(deliveries * rng.uniform(0.28, 0.41)), clicks)
        sent = f"{campaign.sent:%Y-%m-%d %H:%M}"
        rows.append((campaign.title, campaign.subject, sent, *map(str, (deliveries, opens, clicks, left))))
        deliveries += rng.randint(4, 30) - left
    return rows


def csv_text(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table as CSV text."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue()
