"""The ways of answering: each has versions(), order(what), prepare(folder, what, threads) and ask(state, op).

An answer is a mapping from the name of a table to its rows, lists of whole numbers, floats and texts. `what` is a
string of the letters of the operations.
"""

from __future__ import annotations

OPERATIONS = {
    "A": "sessions by entry channel",
    "B": "events by stage",
    "C": "lengths of stage paths, first touch of each stage",
    "D": "stage → stage, page → page",
    "E": "funnel within 7 days, closed and open",
    "F": "exits by page",
    "G": "step matrix, 20 steps",
    "H": "times between stages",
    "I": "attribution, six models",
    "J": "20 most common stage paths of sessions",
    "K": "events, profiles and revenue by day",
    "L": "research online, collect, try and buy",
}
ALL = "".join(OPERATIONS)

# What each operation reads, beside user and time.
COLUMNS = {
    "A": ("channel",), "B": ("event", "page"), "C": ("event", "page"), "D": ("event", "page"), "E": ("event", "page"),
    "F": ("page",), "G": ("event",), "H": ("event", "page"), "I": ("event", "channel"), "J": ("event", "page"),
    "K": ("revenue",), "L": ("event", "channel"),
}  # fmt: skip
# Exact duplicates are told by these, so every way reads them; the generator never makes two events that agree in them.
ALWAYS = ("user_id", "ts", "event", "page", "channel")
WITH_STAGE = "BCDEHJ"
FUNNEL = ("consideration", "cart", "checkout", "purchase")
PAUSE, WEEK, MONTH, DAY = 1_800_000, 604_800_000, 2_592_000_000, 86_400_000  # milliseconds
TOP_PAGES, TOP_PATHS, TOP_STEPS, STEPS = 50, 20, 10, 20
OTHERS, ENDED = "<OTHERS>", "path_end"
LEVELS = (0.25, 0.5, 0.75, 0.9)


def fold(cells: list[tuple[int, str, int]], users: int) -> list[list[object]]:
    """Return the cells of a step matrix with its ten most frequent events, the others together, and who ended."""
    totals: dict[str, int] = {}
    for _, event, n in cells:
        totals[event] = totals.get(event, 0) + n
    shown = sorted(totals, key=lambda event: (-totals[event], event))[:TOP_STEPS]
    folded: dict[tuple[int, str], int] = {}
    for place, event, n in cells:
        key = place, event if event in shown else OTHERS
        folded[key] = folded.get(key, 0) + n
    for place in range(1, STEPS + 1):
        there = sum(n for (at, _), n in folded.items() if at == place)
        if there < users:
            folded[place, ENDED] = users - there
    return [[place, step, n] for (place, step), n in sorted(folded.items())]
