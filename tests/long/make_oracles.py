"""Compute statistics with statsmodels and krippendorff, which the kit does not depend on, as oracles of its own.

In an environment of its own:

    python -m venv oracles && oracles/bin/pip install statsmodels==0.15.0 krippendorff==0.9.0
    oracles/bin/python tests/long/make_oracles.py > tests/fixtures/oracles.toml
"""

from __future__ import annotations

import json
import sys
from random import Random

import krippendorff
import numpy as np
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

LEVELS = ("nominal", "ordinal", "interval")
Z = 1.959963984540054


def table(name: str, **values: object) -> None:
    """Print one table of a list of tables."""
    sys.stdout.write(f"\n[[{name}]]\n")
    for key, value in values.items():
        sys.stdout.write(f"{key} = {json.dumps(value)}\n")


def shares(dice: Random) -> None:
    """Wilson's interval of a share, and Newcombe's of the difference of two."""
    for n in (1, 2, 7, 40, 995, 31_375):
        for k in sorted({0, n, dice.randint(0, n), dice.randint(0, n)}):
            low, high = proportion_confint(k, n, alpha=0.05, method="wilson")
            table("wilson", k=k, n=n, low=float(low), high=float(high))
    for _ in range(12):
        of_a, of_b = dice.choice([3, 9, 40, 700]), dice.choice([4, 15, 300, 9000])
        n_a, n_b = dice.randint(0, of_a), dice.randint(0, of_b)
        low, high = confint_proportions_2indep(n_a, of_a, n_b, of_b, method="newcomb", compare="diff", alpha=0.05)
        table("newcombe", n_a=n_a, of_a=of_a, n_b=n_b, of_b=of_b, low=float(low), high=float(high))


def nets(dice: Random) -> None:
    """The net promoter score with the standard error of its scores as −1, 0 and 1 (variance over n, no correction)."""
    for n in (5, 30, 180):
        scores = [dice.randint(0, 10) for _ in range(n)]
        signs = np.array([1 if score >= 9 else -1 if score <= 6 else 0 for score in scores])
        found = DescrStatsW(signs, ddof=0)
        half = Z * float(found.std) / n**0.5
        table("net_promoter", scores=scores, value=float(found.mean), half=half)


def agreements(dice: Random) -> None:
    """Krippendorff's alpha at each level with gaps, and Cohen's kappa of two coders on one code."""
    for coders, units, most in ((2, 12, 3), (3, 20, 4), (5, 30, 5)):
        data = [[dice.choice([*range(1, most + 1), None]) for _ in range(units)] for _ in range(coders)]
        for unit in range(0, units, 2):
            for row in data[1:]:
                row[unit] = data[0][unit]
        values = np.array([[np.nan if value is None else value for value in row] for row in data], dtype=float)
        found = {f"{level}": float(krippendorff.alpha(values, level_of_measurement=level)) for level in LEVELS}
        table("alpha", data=[[-1 if value is None else value for value in row] for row in data], **found)
    for both, first, second, neither in ((20, 5, 10, 15), (3, 1, 0, 9), (0, 4, 3, 2), (50, 0, 0, 50)):
        found = cohens_kappa(np.array([[both, first], [second, neither]]))
        table("kappa", both=both, first=first, second=second, neither=neither, value=float(found.kappa))


def discoveries(dice: Random) -> None:
    """The p of several tests corrected by Benjamini and Hochberg."""
    for count in (1, 5, 40):
        p = [round(dice.random() ** 3, 6) for _ in range(count)]
        table("false_discovery", p=p, q=[float(value) for value in multipletests(p, method="fdr_bh")[1]])


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write("""# Written by tests/long/make_oracles.py with statsmodels 0.15.0 and krippendorff 0.9.0:
#   python -m venv oracles && oracles/bin/pip install statsmodels==0.15.0 krippendorff==0.9.0
#   oracles/bin/python tests/long/make_oracles.py > tests/fixtures/oracles.toml
""")
    for part in (shares, nets, agreements, discoveries):
        part(Random(f"oracles {part.__name__}"))
