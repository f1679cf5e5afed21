"""What was read of a client, as text: sources, periods, coverage, joins, what was left out, what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

# Through the package, whose names load when first used: `cjtools report` must not pay for polars to say what is wrong.
import cjtools as cj
from cjtools.client import OWN_FILES, Client, files_at, load_client
from cjtools.commands.progress import progress_over
from cjtools.commands.text import Column, strip, table, wrapped
from cjtools.errors import CjtoolsError, Fault
from cjtools.whole_file import write_whole

if TYPE_CHECKING:
    from cjtools.claims import Stated
    from cjtools.inventory import Inventory
    from cjtools.text.decided import Decided

LANGUAGE = "en"
ENVIRONMENTS = ("online", "offline", "untied")
SHARE_DIGITS = 1


def check_client(folder: str | Path, *, rejected: Path | None = None) -> tuple[str, list[Fault]]:
    """Return the account of a client's sources, of decisions and claims, and every fault of its files.

    `rejected` is the CSV file that every row left out is listed in. Raises ClientError with all faults of client.toml
    itself; a file that cannot be read is a fault of the account. Only where nothing else is wrong are the claims held
    against the evidence: of half of it they would seem to be at fault.
    """
    client = load_client(folder)
    cj.load_rules(client.folder)
    with progress_over(None, what="reading"):
        tables, faults = cj.check_sources(client)
        made = cj.take_inventory(client, language=LANGUAGE, tables=tables)
        decided, of_texts = cj.check_decisions(client, tables.quotes)
        stated, of_claims = cj.claims.check_claims(client)
        remarks, of_remarks = cj.remarks.check_remarks(client) if not of_claims else (None, [])
        faults += [*of_texts, *of_claims, *of_remarks]
        if stated.claims and not faults:
            faults += map_faults(client, tables)
    if rejected is not None:
        write_rejected(made, rejected, client=client)
    parts = [f"{client.client.name} · {client.wave.name} · cjtools {cj.__version__}", ""]
    parts += account(made, tables) if made.sources.height else [nothing_read(client)]
    told = [*decisions(decided), *claims(stated), *([f"remarks {remarks:,}"] if remarks else [])]
    parts += ["", *told] if told else []
    if made.left_out.height and rejected is None:
        parts += [
            "",
            "every row of these as a table:",
            f"  cjtools check {Path(folder).as_posix()} --rejected FILE.csv",
        ]
    for what, files in (
        ("in the folder, but named by no source", cj.unlisted_files(client)),
        ("locks and leftovers of programs, never read", cj.skipped_files(client)),
    ):
        parts += ["", *wrapped(f"{what}: {', '.join(files)}")] if files else []
    count = len(faults)
    parts += ["", f"{count} fault{'' if count == 1 else 's'}" + (":" if faults else "")]
    return "\n".join([*parts, *(f"  {fault}" for fault in faults)]), faults


def nothing_read(client: Client) -> str:
    """Return why there is no account."""
    return (
        "no file could be read" if client.sources else "no file was read; name your files as [[sources]] in client.toml"
    )


def decisions(decided: Decided) -> list[str]:
    """Return a line on the decisions, codes and themes beside client.toml; nothing where there are none."""
    gone = f" ({decided.orphans:,} of texts that are no longer there)" if decided.orphans else ""
    held = {"decisions": decided.decisions, "codes in the codebook": decided.codes, "themes": decided.themes}
    told = [f"{what} {count:,}{gone * (what == 'decisions')}" for what, count in held.items() if count is not None]
    return wrapped(" · ".join(told))


def map_faults(client: Client, tables: Any) -> list[Fault]:
    """Return what keeps the claims from a map of what was read: evidence that is gone, a number that differs."""
    findings = cj.gather_evidence(tables, client=client, wave=client.wave)
    try:
        cj.map_journey(client, findings=findings)
    except CjtoolsError as error:
        return list(error.faults)
    return []


def claims(stated: Stated) -> list[str]:
    """Return a line on the claims and links beside client.toml; nothing where there are none."""
    by_status = ", ".join(f"{count:,} {status}" for status, count in (stated.claims or {}).items())
    whole = f"claims {sum(stated.claims.values()):,} ({by_status})" if stated.claims else ""
    return wrapped(" · ".join(filter(None, [whole, f"links {stated.links:,}" if stated.links else ""])))


def write_rejected(made: Inventory, path: Path, *, client: Client) -> None:
    """Write every row that is left out to a CSV file: its place and the reason, none of its values."""
    own = (client.folder / name for name in OWN_FILES)
    inputs = [*own, *(file for row in client.sources for file in files_at(row.path, client.folder))]
    # The mark at the beginning is how spreadsheets know UTF-8.
    write_whole(path, ["\ufeff", cj.as_csv(made.rows_left_out)], inputs=inputs)


def account(made: Inventory, tables: Any) -> list[str]:
    """Return the sections of the account, a blank line between two."""
    sections = [sources(made), totals(made, tables), periods(made), coverage(made), joins(made), left_out(made)]
    return [line for section in sections if section for line in ("", *section)][1:]


def sources(made: Inventory) -> list[str]:
    """Return a line a file: format, rows, period, flags in words."""
    numbers = [Column(name, right=True) for name in ("rows in", "used", "rejected", "merged")]
    columns = [Column("file", least=24), Column("format", least=9), *numbers, Column("period", least=10),
               Column("flags", least=24)]  # fmt: skip
    counts = ("rows_in", "rows_used", "rows_rejected", "rows_merged")
    rows = [
        (row["source_file"], row["format"], *(f"{row[key]:,}" for key in counts),
         days(row["period_from"], row["period_to"]), ", ".join(row["flags"]))
        for row in made.lines.sort("source_id", "source_file").to_dicts()
    ]  # fmt: skip
    return table(columns, rows)


def days(first: Any, last: Any) -> str:
    """Return a period as two days, or one."""
    return "" if first is None else f"{first} – {last}" if first != last else f"{first}"


def totals(made: Inventory, tables: Any) -> list[str]:
    """Return the sum of rows, and how many rows of each table there are."""
    rows_in, used, rejected, merged = (
        int(made.sources[name].sum()) for name in ("rows_in", "rows_used", "rows_rejected", "rows_merged")
    )
    events = sum(row["denominator"] for row in made.matches.to_dicts() if row["match"] == "events_followed")
    names = ("quotes", "codings", "participants", "events", "orders", "answers", "observations", "profiles")
    counts = {name: events if name == "events" else getattr(tables, name).height for name in names}
    return [
        *wrapped(f"rows in {rows_in:,} = used {used:,} + rejected {rejected:,} + merged {merged:,}"),
        *wrapped(" · ".join(f"{name} {count:,}" for name, count in counts.items() if count) or "nothing in any table"),
    ]


def periods(made: Inventory) -> list[str]:
    """Return a line a source: period, days with rows, a calendar of the whole period, gaps."""
    words, spans = made.words, made.spans
    if spans.is_empty():
        return [words["calendar_none"]]
    first, last = min(spans["first"].to_list()), max(spans["last"].to_list())
    own = {
        source: [row for row in spans.to_dicts() if row["source_id"] == source] for source in made.periods["source_id"]
    }
    columns = [Column("source", least=8), Column("period", least=10), Column("days with rows", right=True),
               Column(f"{first} to {last}"), Column("gaps", least=12)]  # fmt: skip
    rows = [
        (row["source_id"], days(row["first"], row["last"]) or words["rhythm_undated"],
         f"{row['days_with']:,} of {row['days']:,}" if row["days_with"] else "",
         strip(own[row["source_id"]], first=first, last=last), gaps(row, words=words))
        for row in made.periods.to_dicts()
    ]  # fmt: skip
    key = "█ rows every day   ▒ some days   ─ totals of a period   · none"
    return [words["calendar_title"], *table(columns, rows), *wrapped(key)]


def gaps(row: dict[str, Any], *, words: Any) -> str:
    """Return how many gaps a source has and the longest of them; of one that comes now and then, just that."""
    undated = f"{words['src_undated'].lower()}: {row['undated']:,}" if row["undated"] else ""
    if not row["longest_days"]:
        said = "" if row["rhythm"] in ("daily", "undated") else words[f"rhythm_{row['rhythm']}"]
    else:
        longest = f"longest {words.count('days', row['longest_days'])}, {days(row['longest_from'], row['longest_to'])}"
        said = f"{words.count('gaps', row['gaps'])}; {longest}"
    return "; ".join(part for part in (said, undated) if part)


def coverage(made: Inventory) -> list[str]:
    """Return what there is of each kind of evidence online and offline, and which families have no source."""
    words = made.words
    kinds: dict[str, dict[str, str]] = {}
    for row in made.coverage.to_dicts():
        cells = kinds.setdefault(f"cov_{row['basis']}_{row['side']}", {})
        missing = "missing" if row["environment"] != "untied" else ""
        people = (
            f" ({row['people']:,} {'people' if row['basis'] == 'reported' else 'profiles'})" if row["people"] else ""
        )
        cells[row["environment"]] = f"{row['items']:,}{people}" if row["items"] else missing
    columns = [Column("evidence", least=20), *(Column(words[f"environment_{name}"], least=14) for name in ENVIRONMENTS)]
    rows = [(words[kind], *(cells[name] for name in ENVIRONMENTS)) for kind, cells in kinds.items()]
    names = {
        row["family"]: words[f"family_{row['family']}"] for row in made.families.to_dicts() if row["state"] == "missing"
    }
    absent = wrapped("no source of: " + ", ".join(name.lower() for name in names.values())) if names else []
    return [words["section_source_coverage"], *table(columns, rows), *absent]


def joins(made: Inventory) -> list[str]:
    """Return every join with its share, what it is a share of, and what that means."""
    words = made.words
    if made.matches.is_empty():
        return []
    columns = [
        Column("join", least=20),
        Column("share", right=True),
        Column("of", right=True),
        Column("meaning", least=24),
    ]
    rows, before = [], ""
    for row in made.matches.to_dicts():
        again, scope = row["match"] == before, row["scope"]
        label = words[f"match_{row['match']}"]
        name = f"  {scope}" if again else label if scope == "all" else f"{label}: {scope}"
        note = "" if again else words[f"match_note_{row['match']}"]
        rows.append(
            (
                name,
                words.percent(row["share"], digits=SHARE_DIGITS),
                f"{row['numerator']:,} of {row['denominator']:,}",
                note,
            )
        )
        before = row["match"]
    return [words["section_match_rates"], *table(columns, rows)]


def left_out(made: Inventory) -> list[str]:
    """Return the rows that are not used by file and reason, with the first of them."""
    words = made.words
    if made.left_out.is_empty():
        return []
    meanings = dict(made.rows_left_out.select("reason", "meaning").unique().iter_rows())
    columns = [
        Column("file", least=16),
        Column("fate"),
        Column("reason", least=16),
        Column("rows", right=True),
        Column("first rows", least=10),
    ]
    rows = [
        (row["source_file"], row["fate"], meanings[row["why"]], f"{row['rows']:,}",
         ", ".join(map(str, row["examples"])) + (", …" if row["rows"] > len(row["examples"]) else ""))
        for row in made.left_out.to_dicts()
    ]  # fmt: skip
    return [words["section_left_out"], *table(columns, rows)]
