"""Presets: what is known of a tool's export, as data; what client.toml says itself has the last word.

A preset is one TOML file in `presets/`, named as client.toml names the format. Adding one needs no code.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from cjtools.errors import Fault, nearest
from cjtools.settings import Kind, Metric, SourceSection
from cjtools.sources.opening.delimited import column_key
from cjtools.sources.reader import said_in
from cjtools.words import fold


def one_or_several(value: Any) -> Any:
    """Return a name alone as the only one of several."""
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(one_or_several)]

# What a preset says and client.toml may say otherwise, as it stands.
PLAIN = ("timezone", "encoding", "delimiter", "decimal", "rating_scale", "currency", "language")


class PresetMetric(BaseModel):
    """One column of totals, by the names that it has in different years and languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: Names
    unit: str = "count"
    n: Names = ()


class Preset(BaseModel):
    """What is known of one tool's export. A column is a list of names (other years, other languages); the first wins.

    `signature` are the columns by which the export is known, all of which must be there, and none of `absent`.
    `records` is where the list stands in a JSON file (`data`, `reviews`, `a.b`), `members` the pattern of the names
    of the files that are read of a zip, `html` the columns whose markup is taken away, `sheet` that of a workbook.
    `date_format` are the forms that the tool's times have in different years, all with the same order of day and month;
    ISO 8601 comes first. `moment_patterns` find the columns of times that a tool names by the client's own words, such
    as the stages of a sale: the act is the key and what the pattern's first group holds. `flags` are told of files
    that have one of the moments or metrics behind them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    about: str
    kind: Kind
    signature: tuple[Names, ...]
    absent: Names = ()
    records: str = ""
    members: str = ""
    sheet: Names = ()
    html: Names = ()
    family: str = ""
    timezone: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    decimal: Literal[".", ","] | None = None
    date_format: Names = ()
    rating_scale: tuple[float, float] | None = None
    currency: str | None = None
    language: str | None = None
    mapping: dict[str, Names] = {}
    moments: dict[str, Names] = {}
    moment_patterns: dict[str, str] = {}
    flags: dict[str, Names] = {}
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    dimensions: dict[str, Names] = {}
    metrics: dict[str, PresetMetric] = {}

    @property
    def known_columns(self) -> frozenset[str]:
        """Every name of a column that the preset knows, as names are compared."""
        metrics = [names for metric in self.metrics.values() for names in (metric.column, metric.n)]
        groups = (*self.signature, *self.mapping.values(), *self.moments.values(), *self.dimensions.values(), *metrics)
        return frozenset(column_key(name) for names in groups for name in names)


@cache
def load_presets() -> Mapping[str, Preset]:
    """Return the presets by their names, in the order of the names."""
    folder = resources.files("cjtools.sources") / "presets"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return {
        name: Preset.model_validate({"name": name, **tomllib.loads(file.read_text("utf-8"))})
        for file in files
        for name in [file.name.removesuffix(".toml")]
    }


def match_header(preset: Preset, header: Iterable[str]) -> bool:
    """Say whether a header has the signature of a preset.

    >>> columns = ["Name", "Email", "Financial Status", "Lineitem quantity", "Lineitem name"]
    >>> match_header(load_presets()["shopify"], columns)
    True
    """
    there = {column_key(name) for name in header}
    return all(any(column_key(name) in there for name in names) for names in preset.signature) and not any(
        column_key(name) in there for name in preset.absent
    )


def apply_preset(preset: Preset, section: SourceSection, header: Iterable[str]) -> SourceSection:
    """Return the section of a source with what a preset knows of a file with this header.

    Columns that the file has not are left out; what client.toml says itself stays as it is.
    """
    header = list(header)
    there = {column_key(name): name for name in reversed(header)}

    def found(names: Names) -> str | None:
        return next((there[column_key(name)] for name in names if column_key(name) in there), None)

    def columns(known: Mapping[str, Names], given: Mapping[str, str], taken: Iterable[str] = ()) -> dict[str, str]:
        matched = {field: found(names) for field, names in known.items() if field not in (*given, *taken)}
        return {**{field: column for field, column in matched.items() if column is not None}, **given}

    metrics = {
        name: Metric(column=column, unit=metric.unit, n=found(metric.n))
        for name, metric in preset.metrics.items()
        if name not in section.metrics and (column := found(metric.column)) is not None
    }
    mapping = columns(preset.mapping, section.mapping, section.constants)
    constants = {name: text for name, text in preset.constants.items() if name not in mapping}
    moments = columns(preset.moments, section.moments)
    plain = {
        name: getattr(preset, name)
        for name in PLAIN
        if getattr(preset, name) is not None and name not in section.model_fields_set
    }
    return section.model_copy(
        update={
            **plain,
            "kind": preset.kind,
            "mapping": mapping,
            "keys": own_keys(preset, section, mapping),
            "moments": {**moments, **pattern_moments(preset, header, taken=moments)},
            "constants": {**constants, **section.constants},
            "values": {**preset.values, **section.values},
            "dimensions": columns(preset.dimensions, section.dimensions),
            "metrics": {**metrics, **section.metrics},
        }
    )


def own_keys(preset: Preset, section: SourceSection, mapping: Mapping[str, str]) -> dict[str, str]:
    """Return the keys of a source by the column that its file has: any name that the preset knows of it, or profile."""
    known = {column_key(name) for name in (*preset.mapping.get("profile", ()), "profile")}
    return {
        mapping["profile"] if "profile" in mapping and column_key(name) in known else name: space
        for name, space in section.keys.items()
    }


def pattern_moments(preset: Preset, header: Iterable[str], *, taken: Mapping[str, str]) -> dict[str, str]:
    """Return the columns of times that a preset knows by a pattern, by their acts; two of one name have both groups."""
    found: dict[str, str] = {}
    for name in header:
        for act, pattern in preset.moment_patterns.items():
            match = re.fullmatch(pattern, " ".join(name.split()), re.IGNORECASE)
            if match and name not in taken.values():
                words = [fold(group).replace("-", "_") for group in match.groups() if group]
                short, long = "_".join([act, *words[:1]]), "_".join([act, *words])
                found.setdefault(long if short in found or short in taken else short, name)
    return found


def preset_faults(preset: Preset, section: SourceSection) -> Iterator[Fault]:
    """Yield what client.toml says of a source that a preset knows better."""
    if section.kind not in (None, preset.kind):
        yield Fault(
            said_in(section, "kind"), f"{preset.name} are {preset.kind}, not {section.kind}", "", "take it away"
        )


def signature_fault(preset: Preset, header: Iterable[str], where: str) -> Fault:
    """Return the fault of a file that has not the columns by which a preset knows its export."""
    header = list(header)
    there = {column_key(name) for name in header}
    missing = [names[0] for names in preset.signature if not any(column_key(name) in there for name in names)]
    unwanted = [name for name in preset.absent if column_key(name) in there]
    if not missing:
        return Fault(where, f"the column {unwanted[0]!r} is not of {preset.name}", "", "leave format out to detect it")
    hint = nearest(missing[0], [name for name in header if name][:40])
    step = 'or read it with format = "table" and [sources.mapping]'
    return Fault(where, f"not {preset.name}: there is no column {', '.join(map(repr, missing))}", hint, step)
