"""Behaviour, interviews and public voices held against each other, by rules that a consultant can read and change."""

from cjtools.crosscheck.rules import (
    FILE,
    OPEN,
    Behaviour,
    Interviews,
    Rule,
    Rules,
    Signal,
    Signals,
    Social,
    Verdict,
    load_crosscheck,
    load_rules,
    unreachable,
)
from cjtools.crosscheck.states import behaviour_state, interview_states, social_state
from cjtools.crosscheck.verdicts import check_touchpoints

__all__ = [
    "FILE",
    "OPEN",
    "Behaviour",
    "Interviews",
    "Rule",
    "Rules",
    "Signal",
    "Signals",
    "Social",
    "Verdict",
    "behaviour_state",
    "check_touchpoints",
    "interview_states",
    "load_crosscheck",
    "load_rules",
    "social_state",
    "unreachable",
]
