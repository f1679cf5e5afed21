"""The rules of the cross-check, state by state, and the faults of a rule file."""

from __future__ import annotations

import polars as pl
import pytest
from claiming import evidence_of, item

import cjtools as cj
from cjtools.crosscheck import (
    Rule,
    behaviour_state,
    check_touchpoints,
    interview_states,
    load_crosscheck,
    load_rules,
    social_state,
    unreachable,
)
from cjtools.intervals import wilson
from cjtools.words import load_words

BASELINE = {"exit_rate": (0.24, 0.25), "many_views": (0.05, 0.06), "repeats": (0.01, 0.02)}
SIGNALS = ("many_views", "repeats")


def verdict(behaviour: str, interviews: str, social: str) -> str:
    return next(
        rule.verdict for rule in load_rules() if rule.fits(behaviour=behaviour, interviews={interviews}, social=social)
    )


@pytest.mark.parametrize(
    ("behaviour", "interviews", "social", "expected"),
    [
        ("high_exit", "pain", "negative", "friction_confirmed"),
        ("high_exit", "pain", "silent", "friction_confirmed"),
        ("high_exit", "goal", "negative", "natural_end"),
        ("high_exit", "goal", "positive", "natural_end"),
        ("terminal", "pain", "negative", "expected_exit"),
        ("high_exit", "silent", "negative", "friction_likely"),
        ("high_exit", "not_asked", "silent", "undetermined"),
        ("many_clicks", "comparing", "positive", "interest"),
        ("many_clicks", "comparing", "silent", "interest"),
        ("many_clicks", "lost", "negative", "confusion"),
        ("many_clicks", "lost", "silent", "confusion"),
        ("many_clicks", "torn", "positive", "dissonant"),
        ("normal", "pain", "negative", "blind_spot"),
        ("normal", "pain", "silent", "heard_only"),
        ("not_instrumented", "pain", "negative", "no_behaviour"),
        ("not_instrumented", "gain", "positive", "no_behaviour"),
        ("normal", "gain", "positive", "strength"),
        ("normal", "silent", "silent", "no_signal"),
    ],
)
def test_the_table_of_the_design_is_the_table_of_the_rules(behaviour, interviews, social, expected):
    assert verdict(behaviour, interviews, social) == expected


def test_every_combination_of_states_has_a_verdict_with_a_word_in_every_language():
    words = [load_words(language) for language in ("ca", "en", "es", "it", "ro")]
    for rule in load_rules():
        assert all(speech[f"verdict_{rule.verdict}"] for speech in words)
    assert load_rules()[-1] == Rule(verdict="no_signal")


@pytest.mark.parametrize(
    ("low", "terminal", "instrumented", "state"),
    [
        (0.26, False, True, "high_exit"),
        (0.25, False, True, "normal"),
        (0.26, True, True, "terminal"),
        (0.26, False, False, "not_instrumented"),
    ],
)
def test_high_means_that_the_interval_lies_above_the_sites_own(low, terminal, instrumented, state):
    figures = {"exit_rate": {"low": low}, "many_views": {"low": 0.0}}
    found = behaviour_state(figures, baseline=BASELINE, signals=SIGNALS, terminal=terminal, instrumented=instrumented)
    assert found == (state, None)


@pytest.mark.parametrize(
    ("views", "repeats", "state"),
    [(0.07, 0.0, ("many_clicks", "many_views")), (0.01, 0.03, ("many_clicks", "repeats")),
     (0.07, 0.03, ("many_clicks", "many_views")), (0.06, 0.02, ("normal", None))],
)  # fmt: skip
def test_many_clicks_are_told_by_any_of_the_signals_when_exits_are_not_high(views, repeats, state):
    figures = {"exit_rate": {"low": 0.1}, "many_views": {"low": views}, "repeats": {"low": repeats}}
    found = behaviour_state(figures, baseline=BASELINE, signals=SIGNALS, terminal=False, instrumented=True)
    assert found == state


def test_which_measures_are_signals_is_said_in_the_rule_file(folder):
    rule = '[[rule]]\nverdict = "no_signal"\n'
    (folder / "crosscheck.toml").write_text(f'[signals]\nmany_clicks = ["repeats"]\n{rule}')
    assert load_crosscheck(folder).signals.many_clicks == ("repeats",)
    (folder / "crosscheck.toml").write_text(f'[signals]\nmany_clicks = ["repeats", "clicks"]\nmuch = 1\n{rule}')
    with pytest.raises(cj.ClientError) as caught:
        load_crosscheck(folder)
    assert [fault.where for fault in caught.value.faults] == ["signals.many_clicks[2]", "signals.much"]
    (folder / "crosscheck.toml").write_text(rule)
    assert load_crosscheck(folder).signals == load_crosscheck().signals


def test_a_touchpoint_with_events_but_no_pages_is_observed_and_never_called_normal():
    found = behaviour_state({}, baseline=BASELINE, signals=SIGNALS, terminal=False, instrumented=True)
    assert found == ("observed", None)


def talk(**people: int) -> pl.DataFrame:
    rows = [(kind, f"P{number}") for kind, count in people.items() for number in range(count)]
    return pl.DataFrame(rows, schema={"type": pl.String, "person": pl.String}, orient="row")


@pytest.mark.parametrize(
    ("people", "asked", "states"),
    [
        ({"pain": 5}, 9, ["pain"]),
        ({"pain": 1}, 9, ["neutral"]),
        ({"goal": 3, "pain": 1}, 9, ["goal"]),
        ({"goal": 4, "pain": 3}, 9, ["both"]),
        ({"gain": 4, "pain": 2}, 9, ["gain"]),
        ({"comparing": 2, "lost": 2}, 9, ["torn"]),
        ({"pain": 3, "lost": 2}, 9, ["pain", "lost"]),
        ({}, 9, ["silent"]),
        ({}, 0, ["not_asked"]),
    ],
)
def test_what_interviews_say_is_counted_in_people(people, asked, states):
    assert interview_states(talk(**people), minimum=3, asked=asked) == states


def test_one_talkative_participant_is_one_person():
    many = pl.DataFrame({"type": ["pain"] * 9, "person": ["P1"] * 9})
    assert interview_states(many, minimum=3, asked=5) == ["neutral"]


@pytest.mark.parametrize(
    ("valences", "has_source", "state"),
    [
        ([-2, -2, -1, -1, -1], True, "negative"),
        ([2, 2, 1, 1, 1], True, "positive"),
        ([-1, 1, -1, 1], True, "mixed"),
        ([-1, -1], True, "silent"),
        ([], True, "silent"),
        ([], False, "no_source"),
        ([None, None, None, None], True, "silent"),
    ],
)
def test_what_public_voices_say_needs_an_interval_that_excludes_zero(valences, has_source, state):
    posts = pl.DataFrame({"valence": valences}, schema={"valence": pl.Float64})
    assert social_state(posts, minimum=3, has_source=has_source)[1] == state


def test_a_clients_own_rules_replace_the_kits(folder):
    (folder / "crosscheck.toml").write_text('[[rule]]\nbehaviour = ["high_exit"]\nverdict = "undetermined"\n')
    assert [rule.verdict for rule in load_rules(folder)] == ["undetermined"]


def test_a_faulty_rule_file_lists_every_fault(folder):
    text = '[[rule]]\nbehaviour = ["hihg"]\nverdict = "friction"\n[[rule]]\nverdct = "interest"\n'
    (folder / "crosscheck.toml").write_text(text)
    with pytest.raises(cj.ClientError) as caught:
        load_rules(folder)
    places = [fault.where for fault in caught.value.faults]
    assert places == ["rule[1].behaviour[1]", "rule[1].verdict", "rule[2].verdict", "rule[2].verdct"]


def test_a_rule_that_earlier_ones_hide_is_a_fault_that_names_them(tmp_path):
    (tmp_path / "crosscheck.toml").write_text(
        '[[rule]]\nbehaviour = ["high_exit"]\nverdict = "undetermined"\n'
        '[[rule]]\nbehaviour = ["high_exit"]\ninterviews = ["pain"]\nverdict = "friction_confirmed"\n'
        '[[rule]]\nverdict = "no_signal"\n[[rule]]\nsocial = ["negative"]\nverdict = "blind_spot"\n',
        "utf-8",
    )
    with pytest.raises(cj.ClientError) as caught:
        load_rules(tmp_path)
    said = str(caught.value)
    assert "rule[2]: never reached: rule 1 fits all that it fits" in said
    assert "rule[4]: never reached: rule 1, 3 fits all that it fits" in said
    assert "rule[3]" not in said


def test_the_kits_own_rules_can_all_be_reached():
    assert unreachable(load_rules()) == []


def clicked(touchpoint: str, metric: str, n: int, of: int) -> dict:
    value, low, high = pl.DataFrame({"n": [n], "of": [of]}).select(wilson(pl.col("n"), pl.col("of"))).row(0)
    figures = {"value": value, "low": low, "high": high, "n": of, "unit": "sessions", "metric": metric}
    nobody = dict.fromkeys(("type", "valence", "person", "text", "language", "said_on"))
    where = {"touchpoint": touchpoint, "stage": None, "basis": "observed", "family": "web", "method": "none"}
    return item(f"{metric}.{touchpoint}", **nobody, **where, **figures, consent="none", verbatim=False, voice=False)


@pytest.mark.parametrize(("said", "expected"), [("lost", "confusion"), ("comparing", "interest")])
def test_odd_clicks_decide_between_interest_and_confusion_and_are_named_in_the_evidence(client, said, expected):
    rows = [clicked("website", "repeats", 40, 100), clicked("checkout", "repeats", 1, 900)]
    rows += [
        clicked(name, metric, 10, 100) for name in ("website", "checkout") for metric in ("exit_rate", "many_views")
    ]
    rows += [clicked("website", "entry_rate", 50, 100)]
    rows += [item(f"q{n}.website", touchpoint="website", type=said, person=f"P0{n}") for n in (1, 2)]
    labels = {"website": "Website", "checkout": "Checkout"}
    found = check_touchpoints(
        evidence_of(*rows), client=client, labels=labels, instrumented=set(labels), rules=load_crosscheck()
    )
    web, checkout = found.to_dicts()
    assert (web["behaviour"], web["interviews"], web["verdict"]) == ("many_clicks", said, expected)
    assert (web["clicks"], web["clicks_value"], web["clicks_n"], web["clicks_baseline"]) == ("repeats", 0.4, 100, 0.041)
    # What was looked at stands there, what was not does not.
    assert web["evidence"] == ["exit_rate.website", "many_views.website", "q1.website", "q2.website", "repeats.website"]
    assert (checkout["behaviour"], checkout["clicks"], checkout["clicks_value"]) == ("normal", None, None)
