"""client.toml, the consultant's file, as a checked value."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from cjtools.errors import ClientError, Fault, cut, nearest, raise_if_any
from cjtools.settings import METRICS, Band, Label, Settings, Stage, StageEntry, Wave

FILE = "client.toml"
LISTS = ("personas", "touchpoints", "objectives", "opportunities", "actions", "planned", "sources", "waves")

# What people and the kit itself keep at the top of a client's folder: settings, rules, codes, decisions, themes. None
# of it is evidence. A new file of the kit's own is a name here.
OWN_FILES = (
    *(FILE, "crosscheck.toml", "codebook.toml", "codings.csv", "themes.json", "claims.csv", "links.csv", "remarks.csv"),
    "translations.csv",
)


class Client(Settings):
    """A checked client.toml, its folder, and its stages in full."""

    folder: Path
    journey: tuple[Stage, ...]

    def label_of(self, kind: str, identifier: str, language: str) -> str:
        """Return the label of a stage, persona or touchpoint in a language (the id when none was given)."""
        things: Sequence[Any] = {"stage": self.journey, "persona": self.personas, "touchpoint": self.touchpoints}[kind]
        for thing in things:
            if thing.id == identifier:
                label = thing.name if kind == "persona" else thing.label
                return in_language(label, language, self.client.language) or identifier
        return identifier

    def wave_named(self, name: str) -> Wave:
        """Return the wave of that name; an empty name is the current one."""
        waves = (self.wave, *self.waves)
        for wave in waves:
            if name in ("", wave.name):
                return wave
        known = [wave.name for wave in waves]
        raise ClientError(
            FILE, [Fault("wave", f"no wave is called {cut(name)}", nearest(name, known), "add it as a [[waves]] entry")]
        )

    def wave_before(self, wave: Wave, previous: str = "") -> Wave | None:
        """Return the wave that `wave` is compared with: that of the given name, else what client.toml says; or none.

        Raises ClientError for one that does not exist, or that is not over when `wave` begins.
        """
        name = previous or wave.previous
        if not name:
            return None
        before = self.wave_named(name)
        if before.to >= wave.from_:
            found = f"{cut(before.name)} ends on {before.to}, {cut(wave.name)} begins on {wave.from_}"
            raise ClientError(FILE, [Fault("wave.previous", found, "a wave that was over then")])
        return before


def load_client(folder: str | Path) -> Client:
    """Return the client whose client.toml lies in `folder` (the file itself is taken too).

    Raises ClientError that lists every fault of the file: unknown keys with the nearest valid name,
    values of the wrong kind, stages, personas and touchpoints that do not exist, files that are not there.

    >>> load_client("data/example").client.id
    'example'
    """
    path = find_file(Path(folder))
    tables = read_toml(path)
    settings, faults = parse_settings(tables)
    order, stage_faults = stage_order(tables)
    faults += [*stage_faults, *cross_faults(tables, order), *path_faults(tables, path.parent)]
    raise_if_any(ClientError, path.as_posix(), sorted(set(faults)))
    assert settings is not None
    said = {entry.id: entry for entry in settings.stages.stage}
    journey = tuple(complete_stage(name, band, said.get(name)) for name, band in order.items())
    values = {name: getattr(settings, name) for name in Settings.model_fields}
    return Client.model_construct(**values, folder=path.parent, journey=journey)


def find_file(folder: Path) -> Path:
    """Return where the client.toml of a folder lies: here, or seen from a folder above.

    A notebook runs in the folder it lies in, the command line in the project's: "data/example" means the same in both.
    """
    path = folder if folder.name == FILE else folder / FILE
    if path.is_absolute() or path.is_file():
        return path
    above = [Path(*[".."] * steps) / path for steps in range(1, 4)]
    return next((place for place in above if place.is_file()), path)


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file, or say what keeps it from being one."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        hint = "`cjtools new NAME` makes one"
        raise ClientError(path.as_posix(), [Fault(path.name, "the file is not there", "", hint)]) from None
    except UnicodeDecodeError as error:
        found = f"byte {error.start} is not UTF-8"
        raise ClientError(path.as_posix(), [Fault(path.name, found, "", "save the file as UTF-8")]) from None
    except tomllib.TOMLDecodeError as error:
        raise ClientError(path.as_posix(), [Fault(path.name, f"not valid TOML: {error}")]) from None


def parse_settings(tables: Mapping[str, Any]) -> tuple[Settings | None, list[Fault]]:
    """Return the settings, or every fault of their shape."""
    try:
        return Settings.model_validate(tables), []
    except ValidationError as error:
        return None, sorted({shape_fault(item) for item in error.errors(include_url=False)})


def shape_fault(error: Mapping[str, Any], whole: type[BaseModel] = Settings) -> Fault:
    """Turn one of pydantic's errors on a whole file into ours: the key's path, what was found, what is known there."""
    keys = [part for part in error["loc"] if part not in UNION_BRANCHES]
    where = key_path(keys)
    if error["type"] == "extra_forbidden":
        return Fault(where, "unknown key", nearest(str(keys[-1]), keys_at(keys[:-1], whole)))
    if error["type"] == "missing":
        return Fault(where, "missing", "this key is required")
    if error["type"] == "literal_error":
        expected = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return Fault(where, f"{cut(error['input'])} is not known here", nearest(str(error["input"]), expected))
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "value_error":
        return Fault(where, message)
    return Fault(where, f"found {cut(error['input'])}", message[:1].lower() + message[1:])


# pydantic names the branches of a union in the path of an error; a consultant never wrote them.
UNION_BRANCHES = {"str", "int", "bool", "tuple[union[str,int,bool],...]"}


def key_path(keys: Sequence[str | int]) -> str:
    """Return a path as TOML readers know it: sources[2].path counts tables from 1."""
    path = ""
    for key in keys:
        path += f"[{key + 1}]" if isinstance(key, int) else f".{key}" if path else str(key)
    return path or FILE


def keys_at(keys: Sequence[str | int], whole: type[BaseModel]) -> list[str]:
    """Return the keys that may stand in the table at a path of a file."""
    model: type[BaseModel] | None = whole
    for key in keys:
        if isinstance(key, int) or model is None:
            continue
        field = model.model_fields.get(key)
        model = next(models_in(field.annotation), None) if field else None
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the sections that an annotation holds."""
    if isinstance(annotation, type) and get_origin(annotation) is None and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


@cache
def stage_models() -> dict[str, dict[str, dict[str, str]]]:
    """Return the named stage models: model, stage id, its band."""
    return tomllib.loads((resources.files("cjtools") / "stage_models.toml").read_text("utf-8"))


def stage_order(tables: Mapping[str, Any]) -> tuple[dict[str, Band], list[Fault]]:
    """Return stage and band in order, from the named model or the file's own list, with what is wrong there.

    Works on the raw tables, as all checks across sections do: a fault of shape elsewhere must not hide these.
    """
    section = tables.get("stages", {"model": "six"})
    section = section if isinstance(section, Mapping) else {}
    model, own = section.get("model"), dict(rows_of(section, "stage"))
    faults = list(repeated("stages.stage", own))
    if model is not None:
        bands = stage_models().get(str(model), {})
        order = {name: row["band"] for name, row in bands.items()}
        faults += [
            Fault(
                f"stages.stage[{place}].id",
                f"{cut(row.get('id'))} is not a stage of the model {model!r}",
                nearest(str(row.get("id")), order),
            )
            for place, row in own.items()
            if bands and row.get("id") not in order
        ]
        return {
            **order,
            **{row["id"]: row["band"] for row in own.values() if row.get("id") in order and "band" in row},
        }, faults
    if not own:
        faults.append(Fault("stages", "neither a model nor stages of your own", nearest("", stage_models())))
    faults += [
        Fault(f"stages.stage[{place}].band", "missing", "before, during or after", "or name a model")
        for place, row in own.items()
        if "band" not in row
    ]
    return {str(row.get("id")): row.get("band", "before") for row in own.values()}, faults


def complete_stage(name: str, band: Band, said: StageEntry | None) -> Stage:
    """Return one stage, completed by what client.toml says of it."""
    if said is None:
        return Stage(id=name, band=band)
    values = {key: getattr(said, key) for key in ("label", "question", "information", "entry", "exit")}
    return Stage(id=name, band=band, **values)


def rows_of(table: Mapping[str, Any], name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the tables of a list of tables with their place, counted from 1; anything else is skipped."""
    rows = table.get(name, [])
    for place, row in enumerate(rows if isinstance(rows, list) else [], start=1):
        if isinstance(row, Mapping):
            yield place, row


def repeated(title: str, rows: Mapping[int, Mapping[str, Any]]) -> Iterator[Fault]:
    """Yield the rows whose id an earlier row has."""
    seen: set[Any] = set()
    for place, row in rows.items():
        name = str(row.get("id"))
        if name in seen:
            yield Fault(f"{title}[{place}].id", f"{cut(name)} is there twice", "an id of its own")
        seen.add(name)


def unknown(where: str, kind: str, name: object, known: Iterable[str]) -> Iterator[Fault]:
    """Yield a fault when `name` is given and is none of `known`."""
    known = list(known)
    if name is not None and name not in known:
        yield Fault(where, f"{cut(name)} is not a {kind}", nearest(str(name), known) or f"no {kind} is declared")


def cross_faults(tables: Mapping[str, Any], stages: Iterable[str]) -> Iterator[Fault]:
    """Yield what names a stage, touchpoint or wave that is not there, and ids that stand twice."""
    stages = list(stages)
    lists = {name: dict(rows_of(tables, name)) for name in LISTS}
    for title in ("personas", "touchpoints", "opportunities", "sources"):
        yield from repeated(title, lists[title])
    touchpoints = [str(row.get("id")) for row in lists["touchpoints"].values()]
    for place, row in lists["touchpoints"].items():
        for name in listed(row, "stages"):
            yield from unknown(f"touchpoints[{place}].stages", "stage", name, stages)
        for page in listed(row, "pages"):
            if not str(page).startswith("/"):
                yield Fault(
                    f"touchpoints[{place}].pages", f"{cut(page)} does not begin with /", "a path such as /checkout/*"
                )
    for place, row in lists["personas"].items():
        for name in listed(row, "touchpoints"):
            yield from unknown(f"personas[{place}].touchpoints", "touchpoint", name, touchpoints)
    for title in ("objectives", "opportunities", "actions", "planned"):
        for place, row in lists[title].items():
            yield from unknown(f"{title}[{place}].stage", "stage", row.get("stage"), stages)
            if title != "actions":
                yield from unknown(f"{title}[{place}].touchpoint", "touchpoint", row.get("touchpoint"), touchpoints)
    yield from metric_faults(tables, lists)
    for place, row in lists["sources"].items():
        for where, table in [(f"sources[{place}]", row), *inner_rows(f"sources[{place}].questions", row, "questions")]:
            yield from unknown(f"{where}.stage", "stage", table.get("stage"), stages)
            yield from unknown(f"{where}.touchpoint", "touchpoint", table.get("touchpoint"), touchpoints)
        if row.get("format") == "table" and "kind" not in row:
            kinds = "mentions, reviews, events, orders, observations or answers"
            yield Fault(f"sources[{place}].kind", "missing", f"a table is {kinds}")
    wave = tables.get("wave")
    names = {0: wave if isinstance(wave, Mapping) else {}, **lists["waves"]}
    yield from repeated("waves", {place: row for place, row in names.items() if "id" in row})
    waves = [str(row.get("id") or f"{row.get('from')}_{row.get('to')}") for row in names.values()]
    for place, row in names.items():
        where = f"waves[{place}].previous" if place else "wave.previous"
        yield from unknown(where, "wave", row.get("previous") or None, waves)


def metric_faults(tables: Mapping[str, Any], lists: Mapping[str, Mapping[int, Mapping[str, Any]]]) -> Iterator[Fault]:
    """Yield objectives and actions of a metric that nothing measures, and actions of what is not declared."""
    asked = [
        str(question.get("id"))
        for place, source in lists["sources"].items()
        for _, question in inner_rows(f"sources[{place}]", source, "questions")
    ]
    for title in ("objectives", "actions"):
        for place, row in lists[title].items():
            # A survey that names its own questions may measure what no line of the file names: only slips are faults.
            if nearest(str(row.get("metric", "")), known := [*METRICS, *asked]).startswith("did"):
                yield from unknown(f"{title}[{place}].metric", "metric", row.get("metric"), known)
    opportunities = [str(row.get("id")) for row in lists["opportunities"].values()]
    personas = [str(row.get("id")) for row in lists["personas"].values()]
    for place, row in lists["actions"].items():
        yield from unknown(f"actions[{place}].opportunity", "opportunity", row.get("opportunity"), opportunities)
        yield from unknown(f"actions[{place}].segment", "persona", row.get("segment") or None, personas)


def listed(row: Mapping[str, Any], key: str) -> list[Any]:
    """Return the list under a key, or nothing when it is no list."""
    value = row.get(key, [])
    return value if isinstance(value, list) else []


def inner_rows(where: str, row: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the tables of a list inside a table, with their path."""
    for place, inner in rows_of(row, name):
        yield f"{where}[{place}]", inner


def path_faults(tables: Mapping[str, Any], folder: Path) -> Iterator[Fault]:
    """Yield the sources whose files are not there, with the nearest file name."""
    for place, row in rows_of(tables, "sources"):
        path, lookup = row.get("path"), row.get("lookup")
        if isinstance(path, str) and path and not files_at(path, folder):
            yield missing_file(f"sources[{place}].path", path, folder)
        if isinstance(lookup, Mapping) and not (folder / str(lookup.get("path"))).is_file():
            yield missing_file(f"sources[{place}].lookup.path", str(lookup.get("path")), folder)


def missing_file(where: str, path: str, folder: Path) -> Fault:
    """Return the fault of a file that is not there."""
    there = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())[:500]
    close = nearest(path, there)
    return Fault(
        where, f"no such file: {cut(path)}", close if close.startswith("did") else "paths start at this file's folder"
    )


def files_at(pattern: str, folder: Path) -> list[Path]:
    """Return the files of a path or a pattern with *, in a stable order; `..` may lead out of the folder.

    What operating systems and office programs leave behind (see is_litter) is never one of a pattern's files, nor are
    the kit's own files (see is_own).
    """
    if not re.search(r"[*?\[]", pattern):
        return [folder / pattern] if (folder / pattern).is_file() else []
    base = folder
    while pattern.startswith("../"):
        base, pattern = base / "..", pattern[3:]
    found = (
        path for path in base.glob(pattern) if path.is_file() and not is_litter(path.name) and not is_own(path, folder)
    )
    return sorted(found, key=lambda path: path.as_posix())


def is_litter(name: str) -> bool:
    """Say whether a file's name is that of a lock or a leftover: ~$notes.docx, .DS_Store, ._notes.md, Thumbs.db.

    >>> [name for name in ("~$notes.docx", ".DS_Store", "notes.docx") if is_litter(name)]
    ['~$notes.docx', '.DS_Store']
    """
    return name.startswith(("~$", ".")) or name.casefold() in ("thumbs.db", "desktop.ini")


def is_own(path: Path, folder: Path) -> bool:
    """Say whether a file is one of the kit's own in a client's folder; the codebook is, in any form.

    >>> [is_own(Path(name), Path()) for name in ("codings.csv", "codebook.qdc", "exports/codings.csv")]
    [True, True, False]
    """
    named = path.name in OWN_FILES or path.stem == "codebook"
    return named and path.parent.resolve() == folder.resolve()


def in_language(label: Label, language: str, fallback: str = "en") -> str:
    """Return a label in a language, else in the fallback, else in English, else in the first there is.

    >>> in_language({"en": "Shop", "ca": "Botiga"}, "ca")
    'Botiga'
    """
    if isinstance(label, str):
        return label
    for code in (language, fallback, "en", *sorted(label)):
        if code in label:
            return label[code]
    return ""
