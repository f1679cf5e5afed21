import datetime as dt
import itertools
from collections import Counter, defaultdict

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from questioning import (
    DAY,
    MINUTE,
    Event,
    Told,
    collapsed,
    events,
    follows,
    journeys,
    levels_through,
    local_day,
    names_at,
    ordered_of,
)

from cjtools.errors import ParameterError
from cjtools.journeys import questions as q
from cjtools.journeys.questions.times import ERROR

FUNNEL = ("see", "look", "cart")
WEEK = 7 * DAY
few = settings(max_examples=60, deadline=None)


def answer(rows, question, *, given_sessions=False):
    return q.ask([ordered_of(rows, given=given_sessions)], [question], threads=1)[question.name]


def table(frame, *columns):
    return sorted(frame.select(columns).iter_rows(), key=lambda row: [(cell is None, cell) for cell in row])


def tally(counter):
    return sorted(((*key, *value) for key, value in counter.items()), key=lambda row: [(c is None, c) for c in row])


@given(rows=events(given=True), sessions_given=st.booleans())
@few
def test_sessions_are_counted_by_the_channel_of_their_first_event(rows, sessions_given):
    expected = defaultdict(lambda: np.zeros(4, dtype=int))
    for session in Told(rows, sessions_given).sessions:
        counts = (1, len(session), len(session) == 1, session[-1].at - session[0].at)
        expected[session[0].channel,] += counts
    found = answer(rows, q.visits(), given_sessions=sessions_given)["visits"]
    time = (pl.col("seconds") * pl.col("n") * 10**6).round().cast(pl.Int64).alias("time")
    kept = found.with_columns(time)
    assert [row[:-1] for row in table(kept, "channel", "n", "events", "alone", "time")] == [
        row[:-1] for row in tally(expected)
    ]
    np.testing.assert_allclose(
        sorted(found["seconds"] * found["n"]), sorted(row[-1] / 10**6 for row in tally(expected)), atol=1e-6
    )
    assert found["events"].sum() == len(rows)


@given(rows=events())
@few
def test_events_are_counted_by_stage(rows):
    expected = Counter((row.stage,) for row in rows)
    found = answer(rows, q.stages())["stages"]
    assert table(found, "stage", "n") == tally({key: (n,) for key, n in expected.items()})


@given(rows=events())
@few
def test_paths_are_as_long_as_they_are_and_come_to_a_stage_when_they_do(rows):
    lengths, reach = Counter(), defaultdict(lambda: np.zeros(2, dtype=int))
    for path in Told(rows).profiles:
        stages = collapsed(names_at(path, "stage"))
        lengths[len(stages),] += 1 if stages else 0
        for name in {name for name, _ in stages}:
            reach[name,] += (1, min(at for other, at in stages if other == name) - path[0].at)
    found = answer(rows, q.paths())
    assert table(found["lengths"], "length", "n") == tally({key: (n,) for key, n in lengths.items() if n})
    assert table(found["reach"], "stage", "n", "time") == tally(reach)


@given(rows=events(), repeats=st.booleans())
@few
def test_transitions_of_stages_are_counted_with_the_profiles_that_make_them(rows, repeats):
    n, paths, time = Counter(), Counter(), Counter()
    for path in Told(rows).profiles:
        stages = names_at(path, "stage") if repeats else collapsed(names_at(path, "stage"))
        if stages:
            stages = [("path_start", stages[0][1]), *stages, ("path_end", stages[-1][1])]
        pairs = [(one, other, then - at) for (one, at), (other, then) in itertools.pairwise(stages)]
        n.update((one, other) for one, other, _ in pairs)
        paths.update({(one, other) for one, other, _ in pairs})
        for one, other, between in pairs:
            time[one, other] += between
    found = answer(rows, q.moves(repeats=repeats))["moves"]
    assert table(found, "source", "target", "n", "paths") == tally({key: (n[key], paths[key]) for key in n})
    np.testing.assert_allclose(
        [row[2] for row in table(found, "source", "target", "seconds")],
        [row[2] for row in tally({key: (time[key] / n[key] / 10**6,) for key in n})],
        rtol=1e-9,
        atol=1e-9,
    )


@given(rows=events(), top=st.integers(1, 5))
@few
def test_the_most_frequent_steps_from_page_to_page_come_first_and_the_others_last(rows, top):
    n = Counter()
    for path in Told(rows).profiles:
        n.update(itertools.pairwise(name for name, _ in names_at(path, "page")))
    ranked = sorted((-count, *pair) for pair, count in n.items())
    shown = [(one, other, 1, -count) for count, one, other in ranked[:top]]
    rest = ranked[top:]
    if rest:
        shown.append(("<OTHERS>", "<OTHERS>", len(rest), -sum(row[0] for row in rest)))
    found = answer(rows, q.page_moves(top=top))["page_moves"]
    assert found.select("source", "target", "pairs", "n").rows() == shown
    assert set(found["of"]) <= {n.total()}


@given(rows=events())
@few
def test_a_funnel_counts_who_gets_so_far_within_a_week_and_never_grows(rows):
    paths = [names_at(path, "stage") for path in Told(rows).profiles]
    levels = [levels_through(path, FUNNEL, WEEK) for path in paths]
    everybody = sum(bool(path) for path in paths)
    closed = [sum(level > place for level in levels) for place in range(3)]
    here = [sum(any(name == step for name, _ in path) for path in paths) for step in FUNNEL]
    came = [here[0], *(sum(follows(path, *pair, WEEK) for path in paths) for pair in itertools.pairwise(FUNNEL))]
    found = answer(rows, q.funnel(FUNNEL))
    for name, wanted, of in (("closed", closed, "all"), ("open", here, "all"), ("open", came, "prior")):
        part = found[name].filter(share_of=of)
        assert part["n"].to_list() == wanted
        assert part["step"].to_list() == list(FUNNEL)
    assert set(found["closed"].filter(share_of="all")["of"]) == {everybody}
    assert closed == sorted(closed, reverse=True)
    assert all(one <= other for one, other in zip(closed, here, strict=True))


@given(rows=events(given=True), sessions_given=st.booleans())
@few
def test_exits_count_the_sessions_of_a_page_and_those_that_end_there(rows, sessions_given):
    counts = defaultdict(lambda: np.zeros(5, dtype=int))
    for session in Told(rows, sessions_given).sessions:
        pages = [name for name, _ in names_at(session, "page")]
        for place, page in enumerate(pages):
            first, last = place == 0, place == len(pages) - 1
            counts[page,] += (page not in pages[:place], 1, first, last, first and last)
    found = answer(rows, q.exits(), given_sessions=sessions_given)["pages"]
    assert table(found, "step", "sessions", "views", "entries", "exits", "alone") == tally(counts)


@given(rows=events())
@few
def test_the_step_matrix_has_every_profile_at_every_place(rows):
    cells = Counter()
    for path in Told(rows).profiles:
        cells.update((place, event.event) for place, event in enumerate(path[:4], start=1))
    totals = Counter()
    for (_, name), n in cells.items():
        totals[name] += n
    shown = sorted(totals, key=lambda name: (-totals[name], name))[:2]
    folded = Counter()
    for (place, name), n in cells.items():
        folded[place, name if name in shown else "<OTHERS>"] += n
    profiles = len(Told(rows).profiles)
    for place in range(5):
        here = sum(n for (at, _), n in folded.items() if at == place)
        folded[place, "path_end" if place else "path_start"] += profiles - here
    found = answer(rows, q.steps(steps=4, top=2))["steps"]
    assert table(found, "place", "step", "n") == tally({key: (n,) for key, n in folded.items() if n})
    assert set(found["of"]) <= {profiles}


@given(rows=events(), exact=st.booleans())
@few
def test_times_between_stages_have_the_quantiles_of_numpy_or_are_off_by_what_is_stated(rows, exact):
    times = defaultdict(list)
    for path in Told(rows).profiles:
        for (one, at), (other, then) in itertools.pairwise(collapsed(names_at(path, "stage"))):
            times[one, other].append((then - at) / 10**6)
    found = answer(rows, q.times(exact=exact))["times"]
    assert table(found, "source", "target", "n") == tally({key: (len(some),) for key, some in times.items()})
    for one, other, _, mean, *quartiles, error in found.iter_rows():
        some = times[one, other]
        assert error == (0 if exact else ERROR)
        assert mean == pytest.approx(np.mean(some), rel=1e-9, abs=1e-9)
        wanted = np.quantile(some, [0.25, 0.5, 0.75, 0.9])
        np.testing.assert_allclose(quartiles, wanted, rtol=error + 1e-9, atol=1e-6)


def credit_of(found, model):
    rows = found.filter(pl.col("model") == model, pl.col("conversions") != 0)
    return dict(rows.select("channel", "conversions").iter_rows())


def rule(journey, model):
    channels, n = journey.channels, len(journey.channels)
    if not n:
        return {None: 1.0}
    shares = {
        "first": [place == 0 for place in range(n)],
        "last": [place == n - 1 for place in range(n)],
        "linear": [1 / n] * n,
        "position": [1 / n] * n if n <= 2 else [0.4 if place in (0, n - 1) else 0.2 / (n - 2) for place in range(n)],
        "shapley": [1 / len(set(channels)) / channels.count(name) for name in channels],
    }[model]
    given_to = Counter()
    for name, share in zip(channels, shares, strict=True):
        given_to[name] += float(share)
    return given_to


@given(rows=events(given=True), sessions_given=st.booleans(), lookback=st.sampled_from([None, DAY]))
@few
def test_credit_by_rule_is_given_to_the_channels_of_sessions(rows, sessions_given, lookback):
    all_ = journeys(Told(rows, sessions_given), "buy", lookback=lookback)
    won = [journey for journey in all_ if journey.won]
    question = q.credit({"event": ["buy"]}, lookback=lookback)
    found = answer(rows, question, given_sessions=sessions_given)["credit"]
    for model in ("first", "last", "linear", "position", "shapley"):
        expected, worth = Counter(), Counter()
        for journey in won:
            for name, share in rule(journey, model).items():
                expected[name] += share
                worth[name] += share * journey.cents / 100
        assert credit_of(found, model) == pytest.approx({name: n for name, n in expected.items() if n}, abs=1e-6)
        values = dict(found.filter(pl.col("model") == model).select("channel", "worth").iter_rows())
        assert {name: value for name, value in values.items() if value} == pytest.approx(
            {name: value for name, value in worth.items() if abs(value) > 1e-9}, abs=1e-6
        )
    assert set(found["of"]) <= {len(won)}


def chance(all_, without=None):
    """Return the probability to convert in the chain of the journeys, by solving for each state."""
    moves = defaultdict(Counter)
    for journey in all_:
        for one, other in itertools.pairwise(["start", *journey.channels, "won" if journey.won else "lost"]):
            moves[one][other] += 1
    states = [name for name in moves if name != without]
    system, wins = np.eye(len(states)), np.zeros(len(states))
    for row, name in enumerate(states):
        for other, n in moves[name].items():
            if other in states:
                system[row, states.index(other)] -= n / moves[name].total()
            wins[row] += (other == "won") * n / moves[name].total()
    return np.linalg.solve(system, wins)[states.index("start")]


@given(rows=events())
@few
def test_credit_by_removal_is_what_would_be_lost_without_the_channel(rows):
    all_ = [journey for journey in journeys(Told(rows), "buy") if journey.channels]
    found = answer(rows, q.credit({"event": ["buy"]}, models=["markov"]))["credit"]
    names = sorted({name for journey in all_ for name in journey.channels})
    won = sum(journey.won for journey in all_)
    if won:
        effects = {name: 1 - chance(all_, name) / chance(all_) for name in names}
        expected = {name: effect / sum(effects.values()) * won for name, effect in effects.items()}
        assert credit_of(found, "markov") == pytest.approx({k: v for k, v in expected.items() if v}, abs=1e-6)
    assert found["channel"].drop_nulls().to_list() == names


@given(rows=events(), top=st.integers(1, 4))
@few
def test_the_most_common_routes_of_sessions_come_first(rows, top):
    n = Counter(tuple(name for name, _ in collapsed(names_at(path, "stage"))) for path in Told(rows).sessions)
    del n[()]
    ranked = sorted((-count, list(route)) for route, count in n.items())
    expected = [(route, -count) for count, route in ranked[:top]]
    if ranked[top:]:
        expected.append((["<OTHERS>"], -sum(row[0] for row in ranked[top:])))
    assert answer(rows, q.routes(top=top))["routes"].select("route", "n").rows() == expected


@given(rows=events(), zone=st.sampled_from(["UTC", "Europe/Madrid", "America/St_Johns", "Pacific/Kiritimati"]))
@few
def test_days_count_events_profiles_and_worth(rows, zone):
    n, who, worth = Counter(), defaultdict(set), Counter()
    for row in rows:
        day = local_day(row.at, zone)
        n[day] += 1
        who[day].add(row.profile)
        worth[day] += row.cents or 0
    found = answer(rows, q.days(zone=zone))["days"]
    assert found.rows() == [(day, n[day], len(who[day]), worth[day] / 100) for day in sorted(n)]


def test_a_day_that_comes_twice_is_one_day_of_a_profile():
    # Clocks in St John's went back from 00:01 to 23:01 of the day before, until 2011.
    at = [dt.datetime(2010, 11, 7, 2, minute, tzinfo=dt.UTC).timestamp() * 10**6 for minute in (30, 31, 45)]
    at.append(at[0] + 60 * MINUTE)
    rows = [row._replace(at=int(time)) for row, time in zip(four_of_one(), at, strict=True)]
    assert len({local_day(row.at, "America/St_Johns") for row in rows}) == 2
    assert answer(rows, q.days(zone="America/St_Johns"))["days"].rows() == [
        (dt.date(2010, 11, 6), 2, 1, 0.0),
        (dt.date(2010, 11, 7), 2, 1, 0.0),
    ]


def four_of_one():
    return [Event(1, 0, row, "view", None, None, None, None) for row in range(4)]


@given(rows=events(), after=st.booleans())
@few
def test_ways_look_at_the_nearest_other_event_within_the_window(rows, after):
    way = q.Way("ropo", {"event": ["store", "view"]}, {"event": ["view", "chat"]}, dt.timedelta(days=8), after=after)
    total, near, by = 0, 0, Counter()
    for path in Told(rows).profiles:
        for place, event in enumerate(path):
            if event.event in ("store", "view"):
                total += 1
                others = path[place + 1 :] if after else path[:place][::-1]
                other = next((row for row in others if row.event in ("view", "chat")), None)
                if other and abs(other.at - event.at) <= 8 * DAY:
                    near += 1
                    by[other.channel] += 1
    found = answer(rows, q.ways([way]))
    assert found["ways"].select("way", "n", "of").rows() == [("ropo", near, total)]
    assert table(found["ways_by"], "channel", "n") == tally({(name,): (n,) for name, n in by.items()})


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(ParameterError, match="did you mean 'shapley'"):
        q.credit({"event": ["buy"]}, models=["shaply"])
    with pytest.raises(ParameterError, match="two are called 'stages'"):
        q.ask([], [q.stages(), q.stages()])
    with pytest.raises(ParameterError, match="did you mean 'channel'"):
        answer(four_of_one(), q.visits(level="chanel"))


def test_exactly_thirty_minutes_stay_in_the_session():
    at = (0, 30 * MINUTE, 60 * MINUTE, 90 * MINUTE + 1)
    rows = [row._replace(at=time) for row, time in zip(four_of_one(), at, strict=True)]
    assert answer(rows, q.visits())["visits"]["n"].sum() == 2
