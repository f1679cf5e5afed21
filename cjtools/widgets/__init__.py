"""What researchers touch in JupyterLab (pip install "cjtools[lab]")."""

from cjtools.widgets.explore import Explorer, explore

__all__ = ["Explorer", "explore"]
