"""The verdicts: behaviour × interviews × social, held against each other by rules that a consultant can read."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import product
from pathlib import Path
from typing import Any, Literal, get_args

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError

from cjtools.client import Client
from cjtools.errors import ClientError, Fault, cut, raise_if_any
from cjtools.intervals import net_share
from cjtools.journeys import baseline_of
from cjtools.map_tables import MapVerdict
from cjtools.tables import shape_of

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


class Rules(BaseModel):
    """crosscheck.toml as a whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: tuple[Rule, ...]


def load_rules(folder: Path | None = None) -> tuple[Rule, ...]:
    """Return the client's own crosscheck.toml when the folder has one, else the kit's rules.

    Raises ClientError with every fault of the file.
    """
    own = folder / FILE if folder is not None else None
    if own is None or not own.is_file():
        return kit_rules()
    try:
        rules = Rules.model_validate(tomllib.loads(own.read_text("utf-8"))).rule
    except tomllib.TOMLDecodeError as error:
        raise ClientError(own.as_posix(), [Fault(FILE, f"not valid TOML: {error}")]) from None
    except ValidationError as error:
        raise ClientError(own.as_posix(), [rule_fault(item) for item in error.errors(include_url=False)]) from None
    raise_if_any(ClientError, own.as_posix(), unreachable(rules))
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
def kit_rules() -> tuple[Rule, ...]:
    """Return the rules that come with the kit."""
    return Rules.model_validate(tomllib.loads((resources.files("cjtools") / FILE).read_text("utf-8"))).rule


def rule_fault(error: Any) -> Fault:
    """Return one fault of the rule file: which rule, which key, what was found."""
    where = ".".join(f"{part}" if isinstance(part, str) else f"[{part + 1}]" for part in error["loc"]).replace(
        ".[", "["
    )
    return Fault(where, f"found {cut(error['input'])}", error["msg"])


def check_touchpoints(
    evidence: pl.DataFrame,
    *,
    client: Client,
    labels: dict[str, str],
    instrumented: set[str],
    rules: tuple[Rule, ...],
) -> pl.DataFrame:
    """Return one verdict a touchpoint, with the figures and the ids of the evidence it rests on.

    `evidence` as gather_evidence gives it; `instrumented` names the touchpoints that any event was placed at.
    """
    spoken = evidence.filter(pl.col("basis") == "reported")
    interviews = spoken.filter(pl.col("family") == "interview")
    public = spoken.filter(pl.col("family").is_in(["mention", "review"]) & pl.col("voice"))
    heard_at = {stage: rows["person"].n_unique() for (stage,), rows in by(interviews, "stage")}
    told = {name: rows for (name,), rows in by(interviews, "touchpoint")}
    posted = {name: rows for (name,), rows in by(public, "touchpoint")}
    baseline = baselines(evidence, client=client)
    rows = []
    for position, touchpoint in enumerate(client.touchpoints):
        stage = touchpoint.stages[0]
        talk = told.get(touchpoint.id, interviews.clear())
        posts = posted.get(touchpoint.id, public.clear())
        figures = behaviour_figures(evidence, touchpoint.id)
        behaviour = behaviour_state(
            figures, baseline=baseline, terminal=touchpoint.terminal, instrumented=touchpoint.id in instrumented
        )
        said = interview_states(talk, minimum=client.privacy.minimum_group, asked=heard_at.get(stage, 0))
        net, social = social_state(posts, minimum=client.privacy.minimum_group, has_source=public.height > 0)
        place, rule = next(
            (number, rule)
            for number, rule in enumerate((*rules, Rule(verdict="no_signal")), start=1)
            if rule.fits(behaviour=behaviour, interviews=set(said), social=social)
        )
        exits = figures.get("exit_rate", {})
        rows.append(
            {
                "touchpoint": touchpoint.id,
                "stage": stage,
                "position": position,
                "label": labels[touchpoint.id],
                "behaviour": behaviour,
                "interviews": next((state for state in said if state in rule.interviews), said[0]),
                "social": social,
                "verdict": rule.verdict,
                "rule": place,
                "exit_rate": exits.get("value"),
                "exit_low": exits.get("low"),
                "exit_high": exits.get("high"),
                "exit_n": exits.get("n"),
                "baseline": baseline["exit_rate"][0],
                "pain_people": people(talk, "pain"),
                "goal_people": people(talk, "goal"),
                "heard": talk["person"].n_unique(),
                "asked": heard_at.get(stage, 0),
                "net": net,
                "voices": posts.height,
                "evidence": sorted([*talk["evidence_id"], *posts["evidence_id"], *figures.get("ids", [])]),
            }
        )
    return MapVerdict.validate(pl.DataFrame(rows, schema=shape_of(MapVerdict)), cast=True)


def by(frame: pl.DataFrame, column: str) -> list[tuple[tuple[Any, ...], pl.DataFrame]]:
    """Return the groups of a column in order, without its nulls."""
    return list(
        frame.filter(pl.col(column).is_not_null()).sort(column, "evidence_id").group_by(column, maintain_order=True)
    )


def people(talk: pl.DataFrame, kind: str) -> int:
    """Return how many distinct participants said something of a type."""
    return talk.filter(pl.col("type") == kind)["person"].n_unique()


def baselines(evidence: pl.DataFrame, *, client: Client) -> dict[str, tuple[float | None, float | None]]:
    """Return the site's own value and upper bound of each behaviour metric, terminal touchpoints left out."""
    terminal = [row.id for row in client.touchpoints if row.terminal]
    found: dict[str, tuple[float | None, float | None]] = {}
    for metric in ("exit_rate", "many_views"):
        rows = evidence.filter(pl.col("metric") == metric)
        counts = rows.select("touchpoint", sessions="n", exits=(pl.col("value") * pl.col("n")).round())
        row = baseline_of(counts, terminal=terminal).to_dicts()[0]
        found[metric] = (row["value"], row["high"])
    return found


def behaviour_figures(evidence: pl.DataFrame, touchpoint: str) -> dict[str, Any]:
    """Return the behaviour metrics of a touchpoint by name, with the ids of their evidence under "ids"."""
    rows = evidence.filter((pl.col("touchpoint") == touchpoint) & (pl.col("basis") == "observed")).to_dicts()
    return {**{row["metric"]: row for row in rows}, "ids": [row["evidence_id"] for row in rows]} if rows else {}


def behaviour_state(
    figures: dict[str, Any],
    *,
    baseline: dict[str, tuple[float | None, float | None]],
    terminal: bool,
    instrumented: bool,
) -> str:
    """Return the state of behaviour: high when the touchpoint's interval lies wholly above the site's."""

    def above(metric: str) -> bool:
        low, high = figures.get(metric, {}).get("low"), baseline[metric][1]
        return low is not None and high is not None and low > high

    if not instrumented:
        return "not_instrumented"
    if not figures:
        return "observed"
    if above("exit_rate"):
        return "terminal" if terminal else "high_exit"
    return "many_clicks" if above("many_views") else "normal"


def interview_states(talk: pl.DataFrame, *, minimum: int, asked: int) -> list[str]:
    """Return what the participants say of a touchpoint, strongest first: satisfaction, then orientation.

    A signal counts from two participants on, or from the minimum group when that is smaller.
    """
    floor = min(2, minimum)
    count = {kind: people(talk, kind) for kind in ("pain", "goal", "gain", "comparing", "lost")}
    heard = {kind: number >= floor for kind, number in count.items()}
    states = []
    if heard["pain"] and heard["goal"] and 2 * min(count["pain"], count["goal"]) > max(count["pain"], count["goal"]):
        states.append("both")
    elif heard["pain"] and count["pain"] >= max(count["goal"], count["gain"]):
        states.append("pain")
    elif heard["goal"] and count["goal"] >= count["gain"]:
        states.append("goal")
    elif heard["gain"]:
        states.append("gain")
    if heard["comparing"] and heard["lost"]:
        states.append("torn")
    elif heard["comparing"] or heard["lost"]:
        states.append("comparing" if heard["comparing"] else "lost")
    return states or ["neutral" if talk.height else "silent" if asked else "not_asked"]


def social_state(posts: pl.DataFrame, *, minimum: int, has_source: bool) -> tuple[float | None, str]:
    """Return net sentiment and what public voices say: negative or positive when the interval excludes zero."""
    scored = posts.filter(pl.col("valence").is_not_null())
    if scored.height < minimum:
        return None, "silent" if has_source else "no_source"
    net, low, high = net_share(
        positive=scored.filter(pl.col("valence") > 0).height,
        negative=scored.filter(pl.col("valence") < 0).height,
        total=scored.height,
    )
    return net, "negative" if high < 0 else "positive" if low > 0 else "mixed"
