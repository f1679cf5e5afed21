"""The rules of the cross-check, which a consultant can read and change: crosscheck.toml as a checked value."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import product
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from cjtools.errors import ClientError, Fault, cut, raise_if_any

FILE = "crosscheck.toml"
Behaviour = Literal["terminal", "high_exit", "many_clicks", "normal", "observed", "not_instrumented", "any"]
Interviews = Literal[
    "pain", "goal", "gain", "both", "comparing", "lost", "torn", "neutral", "silent", "not_asked", "any"
]
Social = Literal["negative", "positive", "mixed", "silent", "no_source", "any"]
Verdict = Literal[
    "expected_exit", "friction_confirmed", "natural_end", "friction_likely", "undetermined", "interest", "confusion",
    "dissonant", "blind_spot", "heard_only", "no_behaviour", "strength", "no_signal",
]  # fmt: skip
# Measures of visits that may say that people click more than elsewhere, by their name in the evidence.
Signal = Literal["many_views", "back_and_forth", "repeats", "wandering"]
# Verdicts that leave a question open: they go to the research list.
OPEN = ("undetermined", "friction_likely", "no_behaviour", "dissonant")


class Rule(BaseModel):
    """One line of the rule table; what is left out does not matter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    behaviour: tuple[Behaviour, ...] = ("any",)
    interviews: tuple[Interviews, ...] = ("any",)
    social: tuple[Social, ...] = ("any",)
    verdict: Verdict

    def fits(self, *, behaviour: str, interviews: set[str], social: str) -> bool:
        """Say whether this rule speaks of these states."""
        return (
            ("any" in self.behaviour or behaviour in self.behaviour)
            and ("any" in self.interviews or bool(interviews & set(self.interviews)))
            and ("any" in self.social or social in self.social)
        )


class Signals(BaseModel):
    """What stands for what in the table: any of these measures above the site's own counts as many clicks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    many_clicks: tuple[Signal, ...] = get_args(Signal)


class Rules(BaseModel):
    """crosscheck.toml as a whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    signals: Signals = Signals()
    rule: tuple[Rule, ...]


def load_rules(folder: Path | None = None) -> tuple[Rule, ...]:
    """Return the rules of load_crosscheck.

    >>> load_rules()[0].verdict
    'expected_exit'
    """
    return load_crosscheck(folder).rule


def load_crosscheck(folder: Path | None = None) -> Rules:
    """Return the client's own crosscheck.toml when the folder has one, else the kit's.

    Raises ClientError with every fault of the file.

    >>> load_crosscheck().signals.many_clicks
    ('many_views', 'back_and_forth', 'repeats', 'wandering')
    """
    own = folder / FILE if folder is not None else None
    if own is None or not own.is_file():
        return kit_rules()
    try:
        rules = Rules.model_validate(tomllib.loads(own.read_text("utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise ClientError(own.as_posix(), [Fault(FILE, f"not valid TOML: {error}")]) from None
    except ValidationError as error:
        raise ClientError(own.as_posix(), [rule_fault(item) for item in error.errors(include_url=False)]) from None
    raise_if_any(ClientError, own.as_posix(), unreachable(rules.rule))
    return rules


def unreachable(rules: Sequence[Rule]) -> list[Fault]:
    """Return the rules that can never give a verdict, as earlier ones fit whatever they fit.

    One state of the interviews at a time is enough: a touchpoint with two is fitted by whatever fits one of them.
    """
    states = [[name for name in get_args(kind) if name != "any"] for kind in (Behaviour, Interviews, Social)]
    faults = []
    for place, rule in enumerate(rules, start=1):
        cases = [case for case in product(*states) if fits(rule, case)]
        hidden_by = [
            next((n for n, one in enumerate(rules[: place - 1], start=1) if fits(one, case)), 0) for case in cases
        ]
        if all(hidden_by):
            earlier = ", ".join(str(number) for number in sorted(set(hidden_by)))
            found = f"never reached: rule {earlier} fits all that it fits"
            faults.append(Fault(f"rule[{place}]", found, "", "move it up, or take it out"))
    return faults


def fits(rule: Rule, case: tuple[str, ...]) -> bool:
    """Say whether a rule speaks of one state of behaviour, interviews and social."""
    behaviour, interviews, social = case
    return rule.fits(behaviour=behaviour, interviews={interviews}, social=social)


@cache
def kit_rules() -> Rules:
    """Return the rules that come with the kit."""
    return Rules.model_validate(tomllib.loads((resources.files("cjtools") / FILE).read_text("utf-8")))


def rule_fault(error: Any) -> Fault:
    """Return one fault of the rule file: which rule, which key, what was found."""
    where = ".".join(f"{part}" if isinstance(part, str) else f"[{part + 1}]" for part in error["loc"]).replace(
        ".[", "["
    )
    return Fault(where, f"found {cut(error['input'])}", error["msg"])
