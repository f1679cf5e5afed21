"""What researchers touch in JupyterLab (pip install "cjtools[lab]")."""

from cjtools.widgets.coder import Coder, code_quotes
from cjtools.widgets.explore import Explorer, explore

__all__ = ["Coder", "Explorer", "code_quotes", "explore"]
