"""From the eight stages that the shipped model knows to the stages of a client."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cjtools.settings import Stage

# The stages of the training sentences, in the order of the journey, with their band.
KNOWN = {
    "awareness": "before", "interest": "before", "consideration": "before", "decision": "before",
    "purchase": "during", "use": "after", "loyalty": "after", "advocacy": "after",
}  # fmt: skip

# Where a stage of the eight goes when the client has none of that name: the first of these that there is.
NEAR = {
    "awareness": ("aware", "discovery", "discover", "need", "before"),
    "interest": ("consideration", "awareness", "research", "inspiration", "before"),
    "consideration": ("evaluation", "comparison", "research", "interest", "decision", "before"),
    "decision": ("choice", "purchase", "consideration", "before"),
    "purchase": ("buy", "order", "checkout", "conversion", "action", "payment", "decision", "during"),
    "use": ("after_sale", "after-sale", "experience", "service", "onboarding", "delivery", "usage", "loyalty", "after"),
    "loyalty": ("retention", "after_sale", "after-sale", "use", "renewal", "advocacy", "after"),
    "advocacy": ("recommendation", "after_sale", "after-sale", "loyalty", "after"),
}


def crosswalk(journey: Sequence[Stage]) -> np.ndarray:
    """Return where each of the eight known stages goes: one row each, one column a client's stage, a 1 in each row.

    By name, else by the nearest name, else to a stage of the same band, else to the last one before it in the order.

    >>> from cjtools.settings import Stage
    >>> crosswalk([Stage(id="before", band="before"), Stage(id="after", band="after")])[:, 0].tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    """
    ids = [stage.id for stage in journey]
    walk = np.zeros((len(KNOWN), len(ids)))
    for row, (name, band) in enumerate(KNOWN.items()):
        walk[row, place_of(name, band, ids, [stage.band for stage in journey])] = 1.0
    return walk


def place_of(name: str, band: str, ids: Sequence[str], bands: Sequence[str]) -> int:
    """Return the place of the client's stage that is nearest to a known one."""
    for wanted in (name, *NEAR[name]):
        if wanted in ids:
            return ids.index(wanted)
    same = [place for place, each in enumerate(bands) if each == band]
    if same:
        # Within a band the order tells: the stages before and after the middle of the known ones of that band.
        among = [each for each, its in KNOWN.items() if its == band]
        return same[min(among.index(name) * len(same) // len(among), len(same) - 1)]
    earlier = [place for place, each in enumerate(bands) if each == "before" or band == "after"]
    return earlier[-1] if earlier else 0
