"""Fits small networks on the columns of labelled texts, and sets their temperature by texts they have not seen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from threadpoolctl import threadpool_limits

from cjtools.text.heads import Head, Layer, softmax

SEEDS = (1, 2, 3)


def fit_head(
    columns: np.ndarray,
    labels: Sequence[str],
    *,
    classes: Sequence[str],
    possible: np.ndarray,
    weights: np.ndarray | None = None,
    hidden: int = 48,
    decay: float = 0.02,
    dropout: float = 0.3,
    rounds: int = 20,
    seeds: Sequence[int] = SEEDS,
    blind: int = 0,
) -> Head:
    """Return a head for some classes: the mean of one network a seed, each with one tanh layer.

    The networks do not see the first `blind` columns.

    `possible` says, one row a text and one column a class, which classes its set knows: a set of good and bad reviews
    says nothing about neutral texts, so its texts choose between two classes only.
    """
    mean = columns.mean(axis=0).astype(np.float32)
    # A column that is the same for all (a language that is left out) says nothing: it must not say much later.
    spread = columns.std(axis=0)
    scale = np.where(spread > 1e-6, 1 / (spread + 1e-3), 0).astype(np.float32)
    scaled = ((columns - mean) * scale).astype(np.float32)
    scaled[:, :blind] = 0
    place = np.array([list(classes).index(label) for label in labels])
    share = np.ones(len(place), dtype=np.float32) if weights is None else weights.astype(np.float32)
    with threadpool_limits(1):
        networks = tuple(
            fit_network(
                scaled, place, possible, share, hidden=hidden, decay=decay, dropout=dropout, rounds=rounds, seed=seed
            )
            for seed in seeds
        )
    return Head(tuple(classes), mean, scale, tuple(blinded(network, blind) for network in networks))


def blinded(network: tuple[Layer, ...], columns: int) -> tuple[Layer, ...]:
    """Return a network whose first layer takes nothing from the first columns."""
    first = network[0].weights.copy()
    first[:columns] = 0
    return (Layer(first, network[0].bias), *network[1:])


def fit_network(
    columns: np.ndarray,
    place: np.ndarray,
    possible: np.ndarray,
    share: np.ndarray,
    *,
    hidden: int,
    decay: float,
    dropout: float,
    rounds: int,
    seed: int,
    batch: int = 256,
    rate: float = 2e-3,
) -> tuple[Layer, ...]:
    """Return one network, by AdamW (Loshchilov and Hutter 2019) on the masked cross-entropy, with input dropout."""
    chance = np.random.default_rng(seed)
    sizes = [columns.shape[1], hidden, possible.shape[1]]
    values = [
        part
        for rows, width in pairwise(sizes)
        for part in (chance.normal(0, (1 / rows) ** 0.5, (rows, width)).astype(np.float32), np.zeros(width, np.float32))
    ]
    first, second = [np.zeros_like(v) for v in values], [np.zeros_like(v) for v in values]
    steps = rounds * -(-len(columns) // batch)
    step = 0
    for _ in range(rounds):
        order = chance.permutation(len(columns))
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            kept = (chance.random((len(chosen), sizes[0]), dtype=np.float32) >= dropout) / np.float32(1 - dropout)
            slopes = gradients(values, columns[chosen] * kept, place[chosen], possible[chosen], share[chosen])
            step += 1
            now = rate * 0.5 * (1 + np.cos(np.pi * step / steps))
            for number, slope in enumerate(slopes):
                first[number] = 0.9 * first[number] + 0.1 * slope
                second[number] = 0.999 * second[number] + 0.001 * slope**2
                moved = first[number] / (1 - 0.9**step) / (np.sqrt(second[number] / (1 - 0.999**step)) + 1e-8)
                values[number] = (values[number] - now * (moved + decay * values[number])).astype(np.float32)
    return tuple(Layer(weights, bias) for weights, bias in zip(values[::2], values[1::2], strict=True))


def gradients(
    values: Sequence[np.ndarray], columns: np.ndarray, place: np.ndarray, possible: np.ndarray, share: np.ndarray
) -> list[np.ndarray]:
    """Return the slopes of the loss by each weight and bias, for one batch."""
    inner = np.tanh(columns @ values[0] + values[1])
    logits = np.where(possible, inner @ values[2] + values[3], -1e9)
    wrong = softmax(logits).astype(np.float32)
    wrong[np.arange(len(place)), place] -= 1
    wrong *= (share / share.sum())[:, None]
    back = wrong @ values[2].T * (1 - inner**2)
    return [columns.T @ back, back.sum(axis=0), inner.T @ wrong, wrong.sum(axis=0)]


def possible_classes(labels: Sequence[str], sets: Sequence[str], classes: Sequence[str]) -> np.ndarray:
    """Return which classes the set of each text knows, as fit_head takes it."""
    sets_, labels_ = np.asarray(sets), np.asarray(labels)
    known = {name: np.isin(classes, np.unique(labels_[sets_ == name])) for name in np.unique(sets_)}
    return np.array([known[name] for name in sets_])


def balanced(labels: Sequence[str], sets: Sequence[str], shares: dict[str, float] | None = None) -> np.ndarray:
    """Return weights that give each set a total by the root of its size (times its share), its classes alike."""
    labels_, sets_ = np.asarray(labels), np.asarray(sets)
    weights = np.zeros(len(labels_))
    for name in np.unique(sets_):
        inside = sets_ == name
        total = inside.sum() ** 0.75 * (shares or {}).get(str(name), 1.0)
        present = np.unique(labels_[inside])
        for label in present:
            both = inside & (labels_ == label)
            weights[both] = total / len(present) / both.sum()
    return weights / weights.mean()


def calibrated(head: Head, columns: np.ndarray, labels: Sequence[str], weights: np.ndarray | None = None) -> Head:
    """Return a head with the temperature at which texts it has not seen are likeliest."""
    place = np.array([head.classes.index(label) for label in labels])
    raw = np.concatenate([head.logits(((columns - head.mean) * head.scale).astype(np.float32))]).astype(np.float64)
    grid = np.exp(np.linspace(np.log(0.4), np.log(5), 80))
    share = np.ones(len(place)) if weights is None else weights
    losses = [-(share * np.log(softmax(raw / t)[np.arange(len(place)), place] + 1e-12)).sum() for t in grid]
    return Head(head.classes, head.mean, head.scale, head.networks, float(round(grid[int(np.argmin(losses))], 4)))


def calibration_error(chances: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Return the expected calibration error: how far the probability of the answer is from how often it is right.

    Source: Guo et al. 2017, "On calibration of modern neural networks"; equal-width bins.
    """
    place = np.minimum((chances * bins).astype(int), bins - 1)
    gaps = [
        abs(chances[place == number].mean() - right[place == number].mean()) * (place == number).mean()
        for number in range(bins)
        if (place == number).any()
    ]
    return float(sum(gaps))
