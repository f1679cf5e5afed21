"""What the columns of a report are: metrics, dimensions, the one that tells when; by name, else by what they hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cjtools.errors import Fault
from cjtools.settings import SourceSection
from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.parsing.vocabulary import Vocabulary, found_in, header_key, own_name

NUMBER = r"^[+\-−]?(?:\d[\d.,\s\x{a0}\x{202f}]*|[.,]\d+)(?:[eE][+-]?\d+)?\s*%?$|^\d+:[0-5]?\d:[0-5]?\d(?:\.\d+)?$"
CODES = re.compile(r"(^|[-_ ])(id|ids|code|codi|codigo|codice|cod|zip|sku|ean)($|[-_ ])")
PERCENT = r"\s*%$"
MARK = "\0"  # stands before the place of a repeated name; see unique_names


@dataclass(frozen=True)
class MetricColumn:
    """A column that is measured: our name, the file's, the unit, what it is counted on, whether rows add up.

    `hundredths` says that a share is written as its percentage, without the sign.
    """

    name: str
    header: str
    unit: str
    n: str | None = None
    sums: bool = False
    hundredths: bool = False


@dataclass(frozen=True)
class Roles:
    """The columns of a sheet by what they are; `time` is the kind of the column that tells when, and its name."""

    metrics: tuple[MetricColumn, ...] = ()
    dimensions: dict[str, str] = field(default_factory=dict)
    time: tuple[str, str] | None = None


def roles_of(
    sheet: Sheet, vocabulary: Vocabulary, section: SourceSection, *, given: Mapping[str, str | None] | None = None
) -> Roles:
    """Return what the columns of a sheet are: as client.toml says, else by their names, else by what they hold.

    `given` says of columns that they are dimensions (None) or metrics of a unit, where the file itself tells.
    """
    kinds: dict[str, tuple[str, str]] = {}
    for header in sheet.header:
        known = said_role(header, section) or known_role(header, vocabulary)
        if known is not None and (known[0] != "time" or all(kind != "time" for kind, _ in kinds.values())):
            kinds[header] = known
    if given is None:
        kinds |= dict(roles_by_content(sheet, kinds))
    else:
        kinds |= dict(roles_given(given, kinds))
    dimensions: dict[str, str] = {}
    for header in sheet.header:
        kind, name = kinds.get(header, ("", ""))
        if kind == "dimension":
            dimensions[free_name(name, header, dimensions)] = header
    measured = [(header, kinds[header][1]) for header in sheet.header if kinds.get(header, ("",))[0] == "metric"]
    metrics = metric_columns(measured, sheet, vocabulary, section, units=given or {})
    times = [(name, header) for header, (kind, name) in kinds.items() if kind == "time"]
    return Roles(tuple(metrics), dimensions, times[0] if times else None)


def roles_given(
    given: Mapping[str, str | None], known: Mapping[str, tuple[str, str]]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield what the file itself says of columns, where the vocabulary does not say the same in our words."""
    for header, unit in given.items():
        kind = "dimension" if unit is None else "metric"
        if known.get(header, ("",))[0] not in (kind, "time" if unit is None else kind):
            yield header, (kind, own_name(header.partition(MARK)[0]))


def said_role(header: str, section: SourceSection) -> tuple[str, str] | None:
    """Return what client.toml says of a column."""
    if header == section.mapping.get("observed_at"):
        return "time", "date"
    for name, column in section.dimensions.items():
        if column == header:
            return "dimension", name
    return next((("metric", name) for name, metric in section.metrics.items() if metric.column == header), None)


def known_role(header: str, vocabulary: Vocabulary) -> tuple[str, str] | None:
    """Return what a tool's vocabulary says of a column."""
    bare = header.partition(MARK)[0]
    for kind, known in (
        ("time", vocabulary.known_times),
        ("dimension", vocabulary.known_dimensions),
        ("metric", vocabulary.known_metrics),
    ):
        name = found_in(known, bare)
        if name is not None:
            return kind, name
    return None


def foreign_fault(sheet: Sheet, vocabulary: Vocabulary, section: SourceSection, expected: str) -> Fault | None:
    """Return the fault of a table that is not of a tool: none of its metrics is known, or less than half its columns.

    What client.toml says of a column is known. `expected` are some of the tool's own names.
    """
    roles = [said_role(header, section) or known_role(header, vocabulary) for header in sheet.header]
    known = [role for role in roles if role is not None]
    if any(kind == "metric" for kind, _ in known) and len(known) * 2 >= len(roles):
        return None
    found = f"not a report of {vocabulary.about}: {len(known)} of its {len(roles)} columns are known"
    step = 'or read it with format = "table", kind = "observations" and [sources.mapping]'
    return Fault(sheet.where(sheet.header_line), found, f"columns such as {expected}", step)


def roles_by_content(sheet: Sheet, known: dict[str, tuple[str, str]]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield what the other columns are: numbers are metrics, texts and codes dimensions; an empty column is nothing.

    A whole number before the last known dimension is one too, as is the first column of several rows without another.
    """
    places = [place for place, header in enumerate(sheet.header) if known.get(header, ("metric",))[0] != "metric"]
    for place, header in enumerate(sheet.header):
        if header in known:
            continue
        texts = sheet.rows[header].str.strip_chars()
        texts = texts.filter(texts != "")
        bare = header.partition(MARK)[0]
        if texts.is_empty():
            continue
        first = place == 0 and not places and sheet.rows.height > 1
        amid = place < max(places, default=-1) and texts.str.contains(r"^\d+$").all()
        named = amid or first or CODES.search(header_key(bare))
        kind = "dimension" if named or not texts.str.contains(NUMBER).all() else "metric"
        yield header, (kind, own_name(bare))


def metric_columns(
    found: Sequence[tuple[str, str]],
    sheet: Sheet,
    vocabulary: Vocabulary,
    section: SourceSection,
    *,
    units: Mapping[str, str | None],
) -> Iterator[MetricColumn]:
    """Yield the columns that are measured, each with a name of its own."""
    headers = {name: header for header, name in reversed(found)}
    taken: dict[str, str] = {}
    for header, name in found:
        said, listed = section.metrics.get(name), vocabulary.metrics.get(name)
        said = said if said is not None and said.column == header else None
        # Of a count that is shown as a percentage, nothing but the share is known.
        percent = said is None and listed is not None and listed.unit != "share" and shows_percents(sheet, header)
        free = free_name(*((f"{name}_share", f"{name}_share") if percent else (name, header)), taken)
        taken[free] = header
        if said is not None:
            yield MetricColumn(free, header, said.unit, said.n)
        elif listed is not None and not percent:
            base = headers.get(listed.n)
            yield MetricColumn(free, header, listed.unit, base, sums=listed.sums, hundredths=listed.hundredths)
        else:
            yield MetricColumn(free, header, units.get(header) or unit_by_content(sheet, header))


def shows_percents(sheet: Sheet, header: str) -> bool:
    """Say whether a cell of a column ends in a percent sign."""
    return bool(sheet.rows[header].str.contains(PERCENT).any())


def unit_by_content(sheet: Sheet, header: str) -> str:
    """Return the unit that the cells of a column show: a share by its sign, seconds by the colons of a clock."""
    if shows_percents(sheet, header):
        return "share"
    return "seconds" if sheet.rows[header].str.contains(":", literal=True).any() else "number"


def free_name(name: str, header: str, taken: Mapping[str, str]) -> str:
    """Return a name that no other column of the sheet has: ours, the file's own, or ours with a number.

    >>> free_name("users", "Active users", {"users": "Users"}), free_name("users", "Users", {"users": "Users"})
    ('active_users', 'users_2')
    """
    own = own_name(header.partition(MARK)[0])
    numbered = (f"{name}_{count}" for count in range(2, len(taken) + 3))
    return next(each for each in (name, own, *numbered) if each not in taken)


def decimal_of(sheet: Sheet, metrics: Sequence[MetricColumn], section: SourceSection) -> dict[str, str]:
    """Return a decimal comma where nothing else can be meant: a cell that it divides as no thousands are divided.

    Another mark must stand between the cells, and no number may have a point that divides it so. It is no guess then,
    and is empty where client.toml says which mark is which.
    """
    if "decimal" in section.model_fields_set or sheet.delimiter == ",":
        return {}
    cells = [sheet.rows[metric.header].str.strip_chars().str.replace(PERCENT, "") for metric in metrics]

    def divides(mark: str) -> bool:
        number, grouped = rf"^-?\d+{mark}\d+$", rf"^-?\d{{1,3}}(?:{mark}\d{{3}})+$"
        return any((texts.str.contains(number) & ~texts.str.contains(grouped)).any() for texts in cells)

    return {"decimal": ","} if divides(",") and not divides(r"\.") else {}
