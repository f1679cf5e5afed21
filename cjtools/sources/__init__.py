"""Reading: every file that client.toml names becomes declared tables; one reader a format family, and this index."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from cjtools.client import FILE, Client, files_at, is_litter, is_own
from cjtools.errors import Fault, SourceError, cut, nearest, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.combine import combine, combined_faults, count_purchases_once, declared_faults, sort_tables
from cjtools.sources.opening.files import head_of, shown_name
from cjtools.sources.reader import Reader, said_in
from cjtools.sources.readers import (
    access_log,
    bluesky,
    captions,
    ga4_bigquery,
    ga4_data_api,
    ga4_report,
    google_business,
    google_forms,
    highlights,
    interview_notes,
    limesurvey,
    mailchimp_report,
    mastodon,
    matomo_report,
    matomo_visits,
    meta_export,
    meta_graph,
    plausible_events,
    plausible_export,
    posthog,
    preset_table,
    qualtrics,
    reddit,
    refi_qda,
    search_console,
    snowplow,
    surveymonkey,
    table,
    transcript,
    typeform,
    umami,
    x_api,
    youtube,
)
from cjtools.tables import Tables

__all__ = ["READERS", "Reader", "check_sources", "combine", "read_sources", "skipped_files", "unlisted_files"]

SURE = 0.8
ALIKE = ("ga4_report", "matomo_report", "plausible_export")  # totals of a site, which call many things alike

READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        interview_notes.READER,
        transcript.READER,
        captions.READER,
        highlights.READER,
        refi_qda.READER,
        table.READER,
        ga4_bigquery.READER,
        search_console.READER,
        access_log.READER,
        matomo_visits.READER,
        plausible_events.READER,
        posthog.READER,
        snowplow.READER,
        umami.READER,
        mailchimp_report.READER,
        ga4_report.READER,
        ga4_data_api.READER,
        plausible_export.READER,
        matomo_report.READER,
        surveymonkey.READER,
        qualtrics.READER,
        typeform.READER,
        google_forms.READER,
        limesurvey.READER,
        bluesky.READER,
        google_business.READER,
        mastodon.READER,
        meta_export.READER,
        meta_graph.READER,
        reddit.READER,
        x_api.READER,
        youtube.READER,
    )
} | preset_table.readers()


def read_sources(client: Client) -> Tables:
    """Return everything that client.toml names, as declared tables in a fixed order.

    Raises SourceError that lists every fault of every source; then nothing is read.

    >>> from cjtools.client import load_client
    >>> read_sources(load_client("data/example")).sources["source_id"].first()
    'interviews'
    """
    tables, faults = check_sources(client)
    raise_if_any(SourceError, (client.folder / FILE).as_posix(), faults)
    return tables


def check_sources(client: Client) -> tuple[Tables, list[Fault]]:
    """Return what can be read, and every fault: a broken file stops no other one.

    >>> from cjtools.client import load_client
    >>> check_sources(load_client("data/example"))[1]
    []
    """
    parts: list[Tables] = []
    faults: list[Fault] = []
    for order, section in enumerate(client.sources):
        read, wrong = read_source(section, client=client, order=order)
        parts += read
        faults += wrong
    tables = combine(parts)
    faults += combined_faults(tables)
    faults += [] if faults else declared_faults(tables)
    return sort_tables(count_purchases_once(tables), client), faults


def read_source(section: SourceSection, *, client: Client, order: int) -> tuple[list[Tables], list[Fault]]:
    """Return the tables of one source, or of those of its files that can be read alone, and its faults."""
    files = files_at(section.path, client.folder)
    try:
        check_links(files, section, client)
        reader = find_reader(files, section, client)
        tables = reader.read(files, section=section, client=client, order=order)
        raise_if_any(SourceError, section.path, list(alike_faults(files, section, client)))
        return [tables], []
    except SourceError as error:
        faults = list(error.faults)
        if len(files) < 2 or section.format not in READERS:
            return [], faults
    return list(readable(files, section=section, client=client, order=order)), faults


def readable(files: list[Path], *, section: SourceSection, client: Client, order: int) -> Iterator[Tables]:
    """Yield the tables of the files that can be read alone."""
    for file in files:
        try:
            yield READERS[section.format].read([file], section=section, client=client, order=order)
        except SourceError:
            continue  # its faults are known: they made the whole source fail


def check_links(files: list[Path], section: SourceSection, client: Client) -> None:
    """Raise SourceError for links that lead to other files than client.toml says.

    A path that stays in the client's folder must end there, whatever it goes through; one that leaves it by `..` names
    its folder itself, and the files must lie in that.
    """
    fixed = Path(re.split(r"[*?\[]", section.path)[0])
    base = client.folder / fixed.parent if ".." in fixed.parts or fixed.is_absolute() else client.folder
    raise_if_any(SourceError, section.path, [
        Fault(file.name, "a link that leads out of the client's folder", "", "put the file itself there")
        for file in files
        if not file.resolve().is_relative_to(base.resolve())
    ])  # fmt: skip


def find_reader(files: list[Path], section: SourceSection, client: Client) -> Reader:
    """Return the reader that client.toml names, or the one that is sure of every file."""
    if section.format == "detect":
        found = {detect_reader(file, section, client).name for file in files}
        if len(found) == 1:
            return READERS[found.pop()]
        names = ", ".join(sorted(found))
        raise SourceError(
            section.path, [Fault(said_in(section), f"files of several formats: {names}", "one format a source")]
        )
    if section.format not in READERS:
        known = nearest(section.format, READERS)
        raise SourceError(
            section.path, [Fault(said_in(section, "format"), f"{cut(section.format)} is not a format", known)]
        )
    return READERS[section.format]


def alike_faults(files: Iterable[Path], section: SourceSection, client: Client) -> Iterator[Fault]:
    """Yield the files that another reader is sure of, and the one that client.toml names sees nothing of its own in.

    They could be read, as tools call many things alike. What client.toml says of columns makes them known.
    """
    for file in files if section.format in ALIKE and not (section.metrics or section.dimensions) else ():
        head = head_of(file)
        if READERS[section.format].detect(file, head):
            continue
        for name, reader in sorted(READERS.items()):
            if reader.detect(file, head) >= SURE:
                found = f"its columns are those of {name}, not of {section.format}"
                yield Fault(shown_name(file, client), found, "", f'write format = "{name}" in this source')
                break


def detect_reader(file: Path, section: SourceSection, client: Client) -> Reader:
    """Return the reader that knows a file by its content. Raises SourceError when none is sure, or two are."""
    head = head_of(file)
    sure = sorted(
        ((reader.detect(file, head), name) for name, reader in READERS.items()), key=lambda pair: (-pair[0], pair[1])
    )
    (best, name), (second, other) = sure[:2]
    if best >= SURE and best > second:
        return READERS[name]
    if best == 0:
        found, step = "no reader knows this content", "the README lists the formats"
    elif best == second:
        found, step = f"may be {name} or {other}", f'add format = "{name}" or format = "{other}" to this source'
    else:
        found, step = f"perhaps {name}, but not surely", f'add format = "{name}" to this source if it is'
    raise SourceError(section.path, [Fault(f"{shown_name(file, client)}, source {section.id!r}", found, "", step)])


def unlisted_files(client: Client) -> list[str]:
    """Return the files of the client's folder that no source names; settings, scripts and read-mes aside.

    >>> from cjtools.client import load_client
    >>> unlisted_files(load_client("data/example"))
    ['web/events_20260915.ndjson']
    """
    listed = {file.resolve() for section in client.sources for file in files_at(section.path, client.folder)}
    listed |= {(client.folder / section.lookup.path).resolve() for section in client.sources if section.lookup}
    return sorted(
        file.relative_to(client.folder).as_posix()
        for file in client.folder.rglob("*")
        if file.is_file() and file.resolve() not in listed and not is_aside(file.relative_to(client.folder))
    )


def skipped_files(client: Client) -> list[str]:
    """Return what operating systems and office programs left in the client's folder, which no pattern reads.

    >>> from cjtools.client import load_client
    >>> skipped_files(load_client("data/example"))
    []
    """
    found = (file.relative_to(client.folder) for file in client.folder.rglob("*") if file.is_file())
    return sorted(
        file.as_posix()
        for file in found
        if is_litter(file.name) and not any(part.startswith(".") for part in file.parent.parts)
    )


def is_aside(path: Path) -> bool:
    """Say whether a file of a client's folder is no evidence: settings, the kit's own files, scripts, read-mes."""
    hidden = is_litter(path.name) or any(part.startswith((".", "__pycache__")) for part in path.parts)
    return (
        hidden
        or is_own(path, Path())
        or path.suffix in (".toml", ".py", ".pyc")
        or path.name.upper().startswith("README")
    )
