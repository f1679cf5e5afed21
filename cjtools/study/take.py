"""From the texts of a client to the study of them."""

from __future__ import annotations

import polars as pl

from cjtools.client import Client, in_language
from cjtools.privacy import known_audience
from cjtools.provenance import made_from
from cjtools.settings import OTHER, Wave
from cjtools.sources import read_sources
from cjtools.study import Study
from cjtools.study.coders import coder_agreement, codes_in_use, said_by_people, saturation_of
from cjtools.study.crossing import cross_themes
from cjtools.study.tables import TextLanguage, ThemePeople
from cjtools.tables import Machine, Tables, shape_of
from cjtools.text.codebook import Codebook, load_codebook
from cjtools.text.codings import languages_given, load_codings, orphans, settle
from cjtools.text.encoders import Encoder
from cjtools.text.language import detect_languages
from cjtools.text.redact import redact
from cjtools.text.suggest import KINDS, suggest_codes
from cjtools.text.theme_file import Themes, load_themes
from cjtools.text.themes import find_themes
from cjtools.text.understand import own_encoder, told_of, understand
from cjtools.text.understand import said as voices_of
from cjtools.words import Words, load_words


def study_texts(
    client: Client,
    *,
    wave: str = "",
    language: str = "",
    audience: str = "",
    tables: Tables | None = None,
    encoder: Encoder | None = None,
) -> Study:
    """Return what is understood of a client's texts: everything that its files hold; the themes are those of the wave.

    Empty words mean what client.toml says. `tables` (from read_sources) and `encoder` may be given when they are there
    already. Raises ParameterError for a language or audience that does not exist, ClientError for a wave that does
    not, SourceError with every fault of every file.
    """
    words = load_words(language or client.client.language)
    audience = known_audience(audience or client.report.audience)
    period = client.wave_named(wave)
    encoder = encoder or own_encoder(client)
    read = read_sources(client) if tables is None else tables
    decided, book = load_codings(client), load_codebook(client)
    done = understand(read, client=client)
    said = said_by_people(read, decided).join(read.quotes, on="quote_id", how="semi", maintain_order="left")
    accepted = said.filter(pl.col("accepted"))
    found = themes_of(done.quotes, client=client, wave=period, encoder=encoder)
    themes = themes_by_people(found, done.quotes, words=words)
    named = {code.id: in_language(code.label, words.language) for code in book.of("stage")}
    stages = {row.id: named[row.id] or row.id for row in client.journey}
    least = 1 if audience == "team" else client.privacy.minimum_group
    return Study(
        client_id=client.client.id,
        client_name=client.client.name,
        wave=period,
        audience=audience,
        words=words,
        minimum_group=client.privacy.minimum_group,
        sources=read.sources,
        texts=read.quotes.height,
        coded=accepted["quote_id"].n_unique(),
        coders=accepted["coder"].n_unique(),
        orphans=orphans(decided, read.quotes).height,
        languages=languages_of(read.quotes, languages_given(decided)),
        machine=machine_of(done, decided, client=client, book=book, encoder=encoder),
        agreement=coder_agreement(said),
        saturation=saturation_of(read, said),
        themes=themes,
        theme_stages=cross_themes(found.rows, themes, done, client=client, stages=stages, least=least),
        codes=codes_in_use(book, said, read.quotes, client=client, words=words),
        found=found,
        provenance=made_from(client, read.sources, wave=period.name, language=words.language, audience=audience),
    )


def languages_of(quotes: pl.DataFrame, given: dict[str, str]) -> pl.DataFrame:
    """Return how many texts are in each language, and who said so. Rows as TextLanguage."""
    of_basis = {basis: (pl.col("basis") == basis).sum() for basis in ("person", "source", "text", "document")}
    found = detect_languages(quotes, given=given).group_by("language").agg(texts=pl.len(), **of_basis)
    order = (pl.col("language").is_null(), pl.col("language") == OTHER, -pl.col("texts").cast(pl.Int64), "language")
    placed = found.sort(order, nulls_last=True).with_columns(position=pl.int_range(pl.len()))
    return TextLanguage.validate(placed.select(list(shape_of(TextLanguage))), cast=True)


def machine_of(
    done: Tables, decided: pl.DataFrame, *, client: Client, book: Codebook, encoder: Encoder
) -> pl.DataFrame:
    """Return what the machine said: as it counts on the map, then what it would suggest of the other kinds of code."""
    codings, voices = settle(done.codings, decided), voices_of(done.quotes)
    rows = [
        told_of(
            suggest_codes(voices, kind=kind, client=client, codings=codings, book=book, encoder=encoder),
            voices.height,
        )
        for kind in KINDS
        if kind not in client.text.machine_codes and (kind != "factor" or len(book.of("factor")) > 1)
    ]
    # Off in [text] machine_codes: however well it agrees, it does not count.
    silent = pl.DataFrame(rows, schema=shape_of(Machine), orient="row").with_columns(counts=pl.lit(value=False))
    return Machine.validate(pl.concat([done.machine, silent]), cast=True)


def themes_of(quotes: pl.DataFrame, *, client: Client, wave: Wave, encoder: Encoder) -> Themes:
    """Return the themes of what was said in a wave; identifiers are masked before, copies and the brand left out."""
    day = pl.col("local_date")
    spoken = (
        voices_of(quotes)
        .filter((day.is_null() | day.is_between(wave.from_, wave.to)) & pl.col("repost_of").is_null())
        .select(
            "quote_id",
            "language",
            text=redact(pl.col("text")),
            person=pl.coalesce("participant_id", "author_hash", "doc_id"),
        )
    )
    previous = load_themes(client, encoder=encoder.name)
    return find_themes(spoken, encoder=encoder, previous=previous, minimum=client.privacy.minimum_group)


def themes_by_people(found: Themes, quotes: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return themes with their label in the language of the page, most people first. Rows as ThemePeople."""
    spoken = found.rows.drop_nulls("theme").join(quotes.select("quote_id", "language"), on="quote_id")
    languages = dict(spoken.group_by("theme").agg(pl.col("language").unique().sort()).iter_rows())
    rows = [
        (theme.id, place, in_language(dict(theme.label), words.language) or theme.id, theme.people, theme.quotes,
         languages.get(theme.id, []))
        for place, theme in enumerate(found.themes)
    ]  # fmt: skip
    return ThemePeople.validate(pl.DataFrame(rows, schema=shape_of(ThemePeople), orient="row"), cast=True)
