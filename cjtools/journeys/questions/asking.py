"""Questions asked of buckets: counted two at a time, added up as they come, finished once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeAlias

import polars as pl

from cjtools.errors import Fault, ParameterError, raise_if_any
from cjtools.journeys.ordered import Ordered
from cjtools.journeys.questions.merging import add_up, plain
from cjtools.journeys.questions.question import Question
from cjtools.journeys.questions.sums import Sums
from cjtools.journeys.store.spilling import give_back
from cjtools.journeys.store.stored import Buckets

Partials: TypeAlias = dict[str, dict[str, pl.DataFrame]]  # question -> table -> rows


def ask(buckets: Iterable[Ordered], questions: Sequence[Question], *, threads: int = 2) -> Partials:
    """Return the results of questions about all buckets: question -> table -> frame.

    As many buckets as threads are in memory at a time: those of a store are loaded by the thread that counts them, of
    others one more is being read. The results are the same for any number of buckets and threads; without any bucket
    there are none.
    """
    check_questions(questions)
    if isinstance(buckets, Buckets):
        threads = min(threads, len(buckets))
    sums = [Sums(question) for question in questions]
    asked = False
    for partials in counted_in_turn(buckets, questions, threads=threads):
        asked = True
        for each in sums:
            each.add(partials[each.question.name])
    return finished(sums, threads=threads) if asked else {}


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
    # What a store holds takes memory only once it is loaded: more of it may wait, so that no thread does.
    most = 2 * threads if isinstance(buckets, Buckets) else threads
    waiting: deque[Future[Partials]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for load in loads_of(buckets):
            waiting.append(pool.submit(load_and_count, load, questions))
            del load  # or its bucket would stay until the next one is read
            if len(waiting) >= most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def loads_of(buckets: Iterable[Ordered]) -> Iterator[Callable[[], Ordered]]:
    """Yield what returns each bucket: those of a store are loaded by whoever calls it."""
    if isinstance(buckets, Buckets):
        yield from buckets.loads()
        return
    for bucket in buckets:
        yield partial(as_it_is, bucket)
        del bucket


def as_it_is(bucket: Ordered) -> Ordered:
    """Return a bucket that is there."""
    return bucket


def load_and_count(load: Callable[[], Ordered], questions: Sequence[Question]) -> Partials:
    """Return what is counted of a bucket that has to be loaded."""
    return partials_of(load(), questions)


def finished(sums: Sequence[Sums], *, threads: int) -> Partials:
    """Return the results that are made of sums, which are gone then."""
    names = [each.question.name for each in sums]
    if any(each.spilled for each in sums):
        give_back()
    if threads <= 1:
        return dict(zip(names, map(Sums.finish, sums), strict=True))
    with ThreadPoolExecutor(threads) as pool:
        return dict(zip(names, pool.map(Sums.finish, sums), strict=True))


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
