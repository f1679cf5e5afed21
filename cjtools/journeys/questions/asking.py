"""Questions asked of buckets: counted two at a time, added up as they come, finished once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeAlias

import polars as pl

from cjtools.errors import Fault, ParameterError, raise_if_any
from cjtools.journeys.ordered import Ordered
from cjtools.journeys.questions.merging import add_up, plain
from cjtools.journeys.questions.question import Question

Partials: TypeAlias = dict[str, dict[str, pl.DataFrame]]  # question -> table -> rows
Keys: TypeAlias = Mapping[tuple[str, str], Sequence[str]]  # of each question and table
Waiting: TypeAlias = dict[tuple[str, str], list[pl.DataFrame]]
WAITING = 1 << 20  # rows of partials that may wait to be added up, beside as many as there are already


def ask(buckets: Iterable[Ordered], questions: Sequence[Question], *, threads: int = 2) -> Partials:
    """Return the results of questions about all buckets: question -> table -> frame.

    As many buckets as threads are in memory at a time, and one more that is being read. The results are the same for
    any number of buckets and threads; without any bucket there are none.
    """
    check_questions(questions)
    keys = {(question.name, table): by for question in questions for table, by in question.keys.items()}
    waiting: Waiting = {}
    for partials in counted_in_turn(buckets, questions, threads=threads):
        take(waiting, partials, keys)
    return finish_all(total(waiting, keys), questions)


def check_questions(questions: Sequence[Question]) -> None:
    """Refuse two questions of one name."""
    names = [question.name for question in questions]
    twice = sorted({name for name in names if names.count(name) > 1})
    faults = [Fault("questions", f"two are called {name!r}", step="give one another name") for name in twice]
    raise_if_any(ParameterError, "these questions", faults)


def counted_in_turn(buckets: Iterable[Ordered], questions: Sequence[Question], *, threads: int) -> Iterator[Partials]:
    """Yield the partials of each bucket, in the order of the buckets."""
    if threads <= 1:
        for bucket in buckets:
            yield partials_of(bucket, questions)
        return
    waiting: deque[Future[Partials]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for bucket in buckets:
            waiting.append(pool.submit(partials_of, bucket, questions))
            del bucket  # or it would stay until the next one is read
            if len(waiting) >= threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def partials_of(ordered: Ordered, questions: Sequence[Question]) -> Partials:
    """Return what is counted of one bucket for each question; it runs wherever the bucket is."""
    return {question.name: dict(question.partial(ordered)) for question in questions}


def merge_partials(partials: Sequence[Partials], questions: Sequence[Question]) -> Partials:
    """Return several partials as one: they may come from any buckets, machines and codings, in any order."""
    return {
        question.name: {
            table: add_up([part[question.name][table] for part in partials], by=keys)
            for table, keys in question.keys.items()
        }
        for question in questions
        if partials
    }


def finish_all(partials: Mapping[str, Mapping[str, pl.DataFrame]], questions: Sequence[Question]) -> Partials:
    """Return the results that are made of merged partials, names as text."""
    return {
        question.name: {table: plain(frame) for table, frame in question.finish(partials[question.name]).items()}
        for question in questions
        if question.name in partials
    }


def take(waiting: Waiting, partials: Partials, keys: Keys) -> None:
    """Put the partials of a bucket to those that wait, and add up what would grow longer than its sum."""
    for (question, table), by in keys.items():
        parts = waiting.setdefault((question, table), [])
        parts.append(partials[question][table])
        if sum(map(len, parts[1:])) > max(WAITING, len(parts[0])):
            parts[:] = [add_up(parts, by=by)]


def total(waiting: Waiting, keys: Keys) -> Partials:
    """Return the sums of what waits, which is gone then."""
    found: Partials = {}
    for (question, table), by in keys.items():
        if parts := waiting.pop((question, table), []):
            found.setdefault(question, {})[table] = add_up(parts, by=by)
    return found
