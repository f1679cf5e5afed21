"""Large systems of linear equations with few coefficients; brings scipy along, and loads only where there is one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_array, identity
from scipy.sparse.linalg import spsolve

from cjtools.journeys.walks import Whole

Floats = npt.NDArray[np.float64]


def solve(source: Whole, target: Whole, weight: Floats, wins: Floats) -> Floats:
    """Return h of h = M h + wins, where M has `weight` at (source, target); one state a place of `wins`.

    >>> solve(np.array([0]), np.array([1]), np.array([0.5]), np.array([0.0, 1.0])).tolist()
    [0.5, 1.0]
    """
    size = len(wins)
    system = identity(size, format="csc") - csc_array((weight, (source, target)), shape=(size, size))
    solution: Floats = np.atleast_1d(spsolve(system, wins))
    return solution
