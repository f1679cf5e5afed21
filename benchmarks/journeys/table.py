"""The results as tables of Markdown: what each way costs, each operation, and the aims with whether they are met."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ways import ALL, OPERATIONS

Line = Mapping[str, object]
NONE = "–"


@dataclass(frozen=True, eq=False)
class Results:
    """Results of one code, by rows, way and what was asked; a list a round."""

    lines: Mapping[tuple[int, str, str], Sequence[Line]]

    def median(self, rows: int, way: str, what: str, value: str) -> float | None:
        """Return the median over the rounds, or None where the way did not finish."""
        found = [float(str(line[value])) for line in self.lines.get((rows, way, what), ()) if value in line]
        return statistics.median(found) if found else None

    def ratio(self, rows: int, one: tuple[str, str], other: tuple[str, str], value: str) -> float | None:
        """Return the median of the ratios within each round."""
        rounds = [
            {line["round"]: float(str(line[value])) for line in self.lines.get((rows, *side), ()) if value in line}
            for side in (one, other)
        ]
        ratios = [rounds[0][number] / rounds[1][number] for number in rounds[0] if number in rounds[1]]
        return statistics.median(ratios) if ratios else None

    def failed(self, rows: int, way: str, what: str) -> str | None:
        """Return why a way did not finish."""
        said = [str(line["failed"]) for line in self.lines.get((rows, way, what), ()) if "failed" in line]
        return said[-1] if said else None

    def inside(self, rows: int, way: str, what: str, op: str, value: str) -> float | None:
        """Return the median of one operation within a process that answered several."""
        ops = [line["ops"] for line in self.lines.get((rows, way, what), ()) if "ops" in line]
        found = [part[op][value] for part in ops if isinstance(part, dict) and op in part]
        return statistics.median(found) if found else None


def results_of(lines: Sequence[Line]) -> Results:
    """Return the results by what they are of."""
    groups: dict[tuple[int, str, str], list[Line]] = {}
    for line in lines:
        groups.setdefault((int(str(line["rows"])), str(line["way"]), str(line["what"])), []).append(line)
    return Results(groups)


NAMES = {
    ("floor", "S"): "floor: scan of 6 columns",
    ("floor", "T"): "floor: scan and one sort (user, time)",
    ("ours", ALL): "**ours, all of A–L** from Parquet",
    ("kept", "+"): "ours, order the events and keep them",
    ("careful", ALL): "polars, careful (one sort, shifts)",
    ("naive", ALL): "polars, naive (`over`)",
    ("duckdb", ALL): "DuckDB SQL, staged table",
    ("ours", "ADEGH"): "ours, A D E G H",
    ("retentioneering", "ADEGH"): "retentioneering, A D E G H",
    ("ours", "DHJ"): "ours, D H J",
    ("pm4py", "DHJ"): "pm4py, D H J",
}


def markdown(lines: Sequence[Line]) -> str:
    """Return everything that the results tell."""
    out: list[str] = []
    for ties in (False, True):
        results = results_of([line for line in lines if line["ties"] == ties])
        sizes = sorted({rows for rows, _, _ in results.lines})
        for rows in sizes:
            out += [f"### {rows:,} events{', with ties' if ties else ''}", "", *whole(results, rows), ""]
            out += [*operations(results, rows), ""]
        if sizes:
            out += [f"### Aims{', with ties' if ties else ''}", "", *aims(results, sizes), ""]
    return "\n".join(out) if out else "nothing was run yet"


def number(value: float | None, form: str = ",.2f") -> str:
    """Return a number, or a dash."""
    return NONE if value is None else format(value, form)


def whole(results: Results, rows: int) -> Iterator[str]:
    """Yield the table of the ways."""
    heads = (
        "way",
        "wall s",
        "CPU s",
        "of it load",
        "peak MB",
        "× scan wall",
        "× scan CPU",
        "ours ÷ it wall",
        "ours ÷ it CPU",
    )
    yield f"| {' | '.join([*heads, 'rounds'])} |"
    yield "|---" * (len(heads) + 1) + "|"
    for (way, what), name in NAMES.items():
        if (rows, way, what) not in results.lines:
            continue
        why = results.failed(rows, way, what)
        if why and results.median(rows, way, what, "wall") is None:
            yield f"| {name} | {why} | | | | | | | | |"
            continue
        cells = [results.median(rows, way, what, value) for value in ("wall", "cpu")]
        load = [
            float(str(line["prepare"]["wall"]))
            for line in results.lines[rows, way, what]
            if isinstance(line.get("prepare"), dict)
        ]
        ratios = [results.ratio(rows, (way, what), ("floor", "S"), value) for value in ("wall", "cpu")]
        against = ("ours", what if way in ("retentioneering", "pm4py") else ALL)
        mine = (
            [results.ratio(rows, against, (way, what), value) for value in ("wall", "cpu")]
            if way not in ("ours", "floor", "kept")
            else [None, None]
        )
        peak = number(results.median(rows, way, what, "peak"), ",.0f")
        texts = [
            *map(number, cells),
            number(statistics.median(load) if load else None),
            peak,
            *(number(x, ",.1f") for x in ratios),
        ]
        yield f"| {' | '.join([name, *texts, *map(number, mine), str(len(results.lines[rows, way, what]))])} |"


COLUMNS: tuple[tuple[str, Callable[[Results, int, str, str], float | None]], ...] = (
    ("ours alone", lambda results, rows, op, value: results.median(rows, "ours", op, value)),
    ("ours within all", lambda results, rows, op, value: results.inside(rows, "ours", ALL, op, value)),
    ("ours, kept store", lambda results, rows, op, value: results.median(rows, "kept", op, value)),
    ("polars careful alone", lambda results, rows, op, value: results.median(rows, "careful", op, value)),
    ("careful within all", lambda results, rows, op, value: results.inside(rows, "careful", ALL, op, value)),
    ("naive", lambda results, rows, op, value: results.inside(rows, "naive", ALL, op, value)),
    ("DuckDB alone", lambda results, rows, op, value: results.median(rows, "duckdb", op, value)),
    ("DuckDB within all", lambda results, rows, op, value: results.inside(rows, "duckdb", ALL, op, value)),
    ("retentioneering", lambda results, rows, op, value: results.inside(rows, "retentioneering", "ADEGH", op, value)),
    ("pm4py", lambda results, rows, op, value: results.inside(rows, "pm4py", "DHJ", op, value)),
)


def operations(results: Results, rows: int) -> Iterator[str]:
    """Yield the table of the operations: wall seconds and processor seconds."""
    table = {
        op: [(read(results, rows, op, "wall"), read(results, rows, op, "cpu")) for _, read in COLUMNS]
        for op in OPERATIONS
    }
    shown = [place for place in range(len(COLUMNS)) if any(row[place][0] is not None for row in table.values())]
    if not shown:
        return
    yield "| wall s / CPU s | " + " | ".join(COLUMNS[place][0] for place in shown) + " |"
    yield "|---" * (len(shown) + 1) + "|"
    for op, row in table.items():
        cells = [
            NONE if row[place][0] is None else f"{number(row[place][0])} / {number(row[place][1])}" for place in shown
        ]
        yield f"| {op}: {OPERATIONS[op]} | {' | '.join(cells)} |"


@dataclass(frozen=True)
class Aim:
    """One aim: at how many rows, what is measured, the bound, and whether to stay below it."""

    text: str
    rows: int
    measure: Callable[[Results, int], float | None]
    bound: float
    below: bool = True


def peer_speed(way: str, what: str) -> Callable[[Results, int], float | None]:
    """Return how many times slower a peer is than ours on what it has, load included."""
    return lambda results, rows: results.ratio(rows, (way, what), ("ours", what), "wall")


def peer_memory(way: str, what: str) -> Callable[[Results, int], float | None]:
    """Return our share of the memory of a peer."""
    return lambda results, rows: results.ratio(rows, ("ours", what), (way, what), "peak")


def slowest_kept(results: Results, rows: int) -> float | None:
    """Return the wall seconds of the slowest second question."""
    found = [value for op in OPERATIONS if (value := results.median(rows, "kept", op, "wall")) is not None]
    return max(found) if found else None


def against(way: str, what: str, value: str) -> Callable[[Results, int], float | None]:
    """Return ours, all together, as a share of another way."""
    return lambda results, rows: results.ratio(rows, ("ours", ALL), (way, what), value)


AIMS = (
    Aim("all together ÷ scan floor, wall", 10_000_000, against("floor", "S", "wall"), 12),
    Aim("all together ÷ scan floor, CPU", 10_000_000, against("floor", "S", "cpu"), 12),
    Aim("all together ÷ DuckDB SQL, wall", 10_000_000, against("duckdb", ALL, "wall"), 0.2),
    Aim("all together ÷ DuckDB SQL, CPU", 10_000_000, against("duckdb", ALL, "cpu"), 0.2),
    Aim("all together ÷ careful polars, wall", 10_000_000, against("careful", ALL, "wall"), 0.33),
    Aim("all together ÷ careful polars, CPU", 10_000_000, against("careful", ALL, "cpu"), 0.33),
    Aim("retentioneering ÷ ours, A D E G H, wall", 10_000_000, peer_speed("retentioneering", "ADEGH"), 20, below=False),
    Aim("pm4py ÷ ours, D H J, wall", 10_000_000, peer_speed("pm4py", "DHJ"), 20, below=False),
    Aim("our memory ÷ retentioneering's", 10_000_000, peer_memory("retentioneering", "ADEGH"), 1 / 9),
    Aim("our memory ÷ pm4py's", 10_000_000, peer_memory("pm4py", "DHJ"), 1 / 9),
    Aim("peak MB, all together", 100_000_000, lambda results, rows: results.median(rows, "ours", ALL, "peak"), 1024),
    Aim("slowest second question on the kept store, wall s", 100_000_000, slowest_kept, 1),
    Aim("all together ÷ careful polars, wall", 10_000, against("careful", ALL, "wall"), 1),
)


def aims(results: Results, sizes: Sequence[int]) -> Iterator[str]:
    """Yield the aims with what was measured: whether one is met is said only where it was run at its own size."""
    yield "| aim | at | bound | measured | met |"
    yield "|---|---|---|---|---|"
    for aim in AIMS:
        run = [rows for rows in sizes if aim.measure(results, rows) is not None]
        rows = min(run, key=lambda size: abs(size - aim.rows)) if run else aim.rows
        value = aim.measure(results, rows)
        met = value is not None and (value <= aim.bound if aim.below else value >= aim.bound)
        said = NONE if value is None or rows != aim.rows else "yes" if met else "**no**"
        where = "" if rows == aim.rows else f" at {rows:,}"
        sign = "≤" if aim.below else "≥"
        yield f"| {aim.text} | {aim.rows:,} | {sign} {aim.bound:,.4g} | {number(value, ',.3g')}{where} | {said} |"
    yield from flatness(results, [rows for rows in sizes if rows >= 1_000_000])


def flatness(results: Results, sizes: Sequence[int]) -> Iterator[str]:
    """Yield the processor time an event at each size, and by how much it grows from the cheapest to the dearest."""
    costs = [
        (rows, cpu / rows * 1e6) for rows in sizes if (cpu := results.median(rows, "ours", ALL, "cpu")) is not None
    ]
    if costs:
        said = ", ".join(f"{cost:.2f} at {rows:,}" for rows, cost in costs)
        grows = max(cost for _, cost in costs) / min(cost for _, cost in costs)
        met = NONE if len(costs) < 2 else "yes" if grows <= 1.15 else "**no**"
        yield f"| CPU µs an event, all together | 1 to 100 million | flat (within 15 %) | {said} | {met} |"
