"""How often "structure found" is said of data without any: columns shuffled one by one, and noise.

    python tests/long/segments.py --count 40

Prints, for each kind of data, how many of the seeds gave structure, with Wilson's 95 % interval of the share; planted
groups are counted too, so that saying nothing always is no way to look good. Exit code 1: structure was found in more
than one of twenty.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
import polars as pl

from cjtools.intervals import wilson
from cjtools.personas.segments.suggest import group_features

MOST = 0.05
SIZES = (80, 60, 40)


def framed(values: np.ndarray) -> pl.DataFrame:
    """Return numbers as features of profiles."""
    names = [f"f{number}" for number in range(values.shape[1])]
    profiles = pl.Series("profile_id", [f"p{number:04}" for number in range(len(values))])
    return pl.DataFrame(values, schema=names).with_columns(profiles)


def planted(seed: int) -> np.ndarray:
    """Return three kinds of profiles, told apart by five features together."""
    dice = np.random.default_rng(seed)
    centres = np.array([[0, 0, 0, 4, 0], [4, 0, 4, 0, 0], [0, 4, 4, 4, 4]])
    return centres[np.repeat([0, 1, 2], SIZES)] + dice.normal(0, 0.8, (sum(SIZES), 5))


def shuffled(seed: int) -> np.ndarray:
    """Return the planted profiles, each column in an order of its own."""
    dice, values = np.random.default_rng([seed, 1]), planted(seed)
    return np.stack([dice.permutation(column) for column in values.T], axis=1)


def noise(seed: int) -> np.ndarray:
    """Return profiles of normal noise."""
    return np.random.default_rng([seed, 2]).normal(size=(200, 6))


def flags(seed: int) -> np.ndarray:
    """Return profiles of independent yes and no, rare and common, as real features are."""
    return (np.random.default_rng([seed, 3]).random((300, 10)) < np.linspace(0.05, 0.6, 10)).astype(float)


KINDS = {"shuffled": shuffled, "noise": noise, "flags": flags, "planted": planted}


def main() -> int:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=40, help="seeds of each kind")
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    asked = parser.parse_args()
    count, worst = asked.count, 0.0
    for kind, make in ((name, KINDS[name]) for name in asked.kinds):
        begun = time.process_time()
        found = sum(group_features(framed(make(seed)), minimum=3, seed=seed).found for seed in range(count))
        row = pl.DataFrame({"k": [found], "n": [count]}).select(wilson(pl.col("k"), pl.col("n"))).row(0)
        seconds = time.process_time() - begun
        sys.stdout.write(
            f"{kind}: structure found in {found} of {count}"
            f" ({row[0]:.1%} [{row[1]:.1%} to {row[2]:.1%}]), {seconds:.0f} s\n"
        )
        sys.stdout.flush()
        worst = max(worst, row[0]) if kind != "planted" else worst
    return int(worst > MOST)


if __name__ == "__main__":
    sys.exit(main())
