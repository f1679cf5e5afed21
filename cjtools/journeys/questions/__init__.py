"""Questions to ordered events: one file a family, each a count of a bucket that adds up and what is made of the sums.

Add a question: a file that returns a Question, and a line in `all_questions` where it belongs to every report.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from cjtools.journeys.questions.asking import ask, finish_all, merge_partials, partials_of
from cjtools.journeys.questions.credit import credit
from cjtools.journeys.questions.days import days
from cjtools.journeys.questions.exits import exits
from cjtools.journeys.questions.funnel import funnel
from cjtools.journeys.questions.moves import moves, page_moves
from cjtools.journeys.questions.question import Question
from cjtools.journeys.questions.routes import routes
from cjtools.journeys.questions.stages import paths, stages
from cjtools.journeys.questions.steps import steps
from cjtools.journeys.questions.times import times
from cjtools.journeys.questions.visits import visits
from cjtools.journeys.questions.ways import Way, ways

__all__ = [
    "Question",
    "Way",
    "all_questions",
    "ask",
    "credit",
    "days",
    "exits",
    "finish_all",
    "funnel",
    "merge_partials",
    "moves",
    "page_moves",
    "partials_of",
    "paths",
    "routes",
    "stages",
    "steps",
    "times",
    "visits",
    "ways",
]


def all_questions(
    *,
    through: Sequence[str],
    conversion: Mapping[str, Collection[str]],
    by: Sequence[Way] = (),
    zone: str = "UTC",
    exact: bool = True,
) -> list[Question]:
    """Return the questions of a whole report: sessions, stages, paths, transitions, funnel, exits, steps, times, ….

    `through` are the stages of the funnel, `conversion` what counts as one (level -> names), `by` the ways between
    online and offline, `exact` whether the quantiles of times are (see times).

    >>> questions = all_questions(through=["cart", "purchase"], conversion={"event": ["purchase"]})
    >>> [question.name for question in questions][:4]
    ['visits', 'stages', 'paths', 'moves']
    """
    return [
        visits(),
        stages(),
        paths(),
        moves(),
        page_moves(),
        funnel(through),
        exits(),
        steps(),
        times(exact=exact),
        credit(conversion),
        routes(),
        days(zone=zone),
        ways(by),
    ]
