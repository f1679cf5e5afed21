"""What a notebook was given that it does not know: papermill only warns, and the run goes on without it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from itertools import pairwise

from cjtools.errors import Fault, ParameterError, nearest, raise_if_any

# How papermill begins the cell that it puts behind the one tagged `parameters`.
INJECTED = "# Parameters"


def refuse_unknown(history: Sequence[str]) -> None:
    r"""Raise ParameterError for each injected parameter that the notebook's own parameters cell does not have.

    `history` holds the sources of the cells run so far (IPython's `In`). By hand nothing is injected, and nothing
    is refused.

    >>> refuse_unknown(["client = 'a'", "# Parameters\nclinet = 'b'"])
    Traceback (most recent call last):
    cjtools.errors.ParameterError: the notebook cannot be used: 1 fault
      clinet: not a parameter of this notebook; did you mean 'client'?
    """
    for before, cell in pairwise(history):
        if cell.startswith(INJECTED):
            known = assigned(before)
            unknown = [name for name in assigned(cell) if name not in known]
            faults = [Fault(name, "not a parameter of this notebook", nearest(name, known)) for name in unknown]
            raise_if_any(ParameterError, "the notebook", faults)


def assigned(source: str) -> list[str]:
    """Return the names that a cell gives a value to, in order."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return []
    targets = [target for node in body if isinstance(node, ast.Assign) for target in node.targets]
    targets += [node.target for node in body if isinstance(node, ast.AnnAssign)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def cells_so_far() -> list[str]:
    """Return the sources of the cells that this kernel has run, or nothing outside a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return list(shell.user_ns.get("In", [])) if shell else []
