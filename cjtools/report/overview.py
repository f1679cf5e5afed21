"""The page over all reports: which there are, which the last run could not make, what each rests on, what changed."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cjtools.errors import Fault, ReportError
from cjtools.report.inputs import read_manifest
from cjtools.report.job import Outcome
from cjtools.report.page import POLICY, environment
from cjtools.report.publish import error_name, label_of, write_whole
from cjtools.words import Words, load_words

NAME = "index.html"
VERDICTS = "verdicts.csv"


@dataclass(frozen=True)
class Published:
    """One report that is in the folder of all reports: where it lies, and its manifest."""

    folder: Path
    manifest: Mapping[str, Any]
    label: str = ""

    @property
    def page(self) -> Path:
        """Its page."""
        return self.folder / next(str(name) for name in self.manifest["outputs"] if name.endswith(".html"))

    @property
    def kind(self) -> tuple[str, ...]:
        """What two waves must share to be compared."""
        given = self.manifest["parameters"]
        return (*(str(given.get(key, "")) for key in ("client", "language", "audience")), self.manifest["notebook"])

    @property
    def about(self) -> Mapping[str, str]:
        """Whom it is for, from when to when, after which wave."""
        return dict(self.manifest["about"])

    def table(self, name: str) -> list[dict[str, str]]:
        """Return the rows of one of its tables, none when it has no such table."""
        found = [self.folder / place for place in self.manifest["outputs"] if place.endswith(f"/{name}")]
        if not found or not found[0].is_file():
            return []
        with found[0].open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))


def write_overview(reports: Path, outcomes: Sequence[Outcome], *, language: str = "en") -> Path:
    """Write the page over all reports into their folder and return its path; the same reports give the same bytes.

    `outcomes` is what the last run made of each client. Raises ReportError when it cannot be written.
    """
    page = reports / NAME
    html = render_overview(published_in(reports), outcomes, reports=reports, words=load_words(language))
    try:
        write_whole(page, html.encode())
    except OSError as error:
        raise ReportError(page.as_posix(), [Fault("writing", str(error.strerror or error))]) from error
    return page


def published_in(reports: Path) -> list[Published]:
    """Return the reports that are there, by client, wave and name; manifests of older kits say too little."""
    found = []
    for path in sorted(reports.glob("*/*/manifest*.json")):
        manifest = read_manifest(path)
        if {"about", "parameters", "notebook", "outputs"} <= manifest.keys():
            found.append(Published(path.parent, manifest, label_of(path.name)))
    return [item for item in found if any(name.endswith(".html") for name in item.manifest["outputs"])]


def render_overview(found: Sequence[Published], outcomes: Sequence[Outcome], *, reports: Path, words: Words) -> str:
    """Return the page: a table of the reports, and one of what was not made and why."""
    current = {item.page.resolve() for item in outcomes if item.page}
    broken = [item for item in outcomes if item.status == "failed"]
    rows = [row_of(item, earlier_of(item, found), current, reports, words) for item in found]
    lead = words(
        "overview_lead",
        clients=words.number(len({row["client"] for row in rows} | {item.name for item in broken})),
        n=words.number(len(rows)),
        failed=words.number(len(broken)),
    )
    faults = [{"client": item.name, "lines": [str(fault) for fault in item.faults]} for item in broken]
    template = environment().get_template("overview.html.j2")
    policy = POLICY.format(scripts="'none'")
    return template.render(words=words, policy=policy, lead=lead, rows=rows, faults=faults)


def row_of(
    item: Published, earlier: Published | None, current: set[Path], reports: Path, words: Words
) -> dict[str, str]:
    """Return what the page says of one report."""
    about, page = item.about, item.page
    error = (item.folder / error_name(item.label)).is_file()
    run = "current" if page.resolve() in current else "kept" if error else "before"
    return {
        "client": about["name"],
        "wave": str(item.manifest["parameters"].get("wave", item.folder.name)),
        "page": page.relative_to(reports).as_posix(),
        "name": page.name,
        "status": words[f"status_{about['status']}"],
        "run": run,
        "run_word": words[f"overview_{run}"],
        "coverage": coverage(item, words),
        "changes": changes(item, earlier, words),
    }


def coverage(item: Published, words: Words) -> str:
    """Return how many cells of stage and source family have evidence, of those that there are."""
    rows = item.table("coverage.csv")
    there = sum(row.get("state") == "evidence" for row in rows)
    return f"{words.number(there)} / {words.number(len(rows))}" if rows else "–"


def earlier_of(item: Published, found: Sequence[Published]) -> Published | None:
    """Return the report of the wave before: the one that client.toml names, else the last that ended before it."""
    same = [other for other in found if other.kind == item.kind and other.about["to"] < item.about["from"]]
    named = [other for other in same if other.folder.name == item.about["previous"]]
    return next(iter(named), max(same, key=lambda other: (other.about["to"], other.folder.name), default=None))


def changes(item: Published, earlier: Published | None, words: Words) -> str:
    """Return what is different from the wave before: files, tables, verdicts."""
    if earlier is None:
        return words["overview_no_previous"]
    now, then = (each.manifest.get("inputs", {}) for each in (item, earlier))
    files = words(
        "overview_files",
        wave=earlier.folder.name,
        new=words.number(len(now.keys() - then.keys())),
        changed=words.number(sum(now[name] != then[name] for name in now.keys() & then.keys())),
        gone=words.number(len(then.keys() - now.keys())),
    )
    tables = words("overview_tables", names=", ".join(different_tables(item, earlier)) or "–")
    verdicts = words("overview_verdicts", n=words.number(changed_verdicts(item, earlier)))
    return "; ".join([files, tables, verdicts])


def different_tables(item: Published, earlier: Published) -> Iterator[str]:
    """Yield the names of the tables that hold something else."""
    now, then = (tables_of(each) for each in (item, earlier))
    for name in sorted(now.keys() | then.keys()):
        if now.get(name) != then.get(name):
            yield name.removesuffix(".csv")


def tables_of(item: Published) -> dict[str, str]:
    """Return the tables of a report by name, with their hashes."""
    return {Path(name).name: sha for name, sha in item.manifest["outputs"].items() if name.endswith(".csv")}


def changed_verdicts(item: Published, earlier: Published) -> int:
    """Return how many touchpoints of both waves have another verdict now."""
    now, then = ({row["touchpoint"]: row["verdict"] for row in each.table(VERDICTS)} for each in (item, earlier))
    return sum(now[name] != then[name] for name in now.keys() & then.keys())
