"""What decides the bytes of a report besides the kit's own files and the client's: packages, and Python itself."""

from __future__ import annotations

import sys
from importlib import metadata

PYTHON = "python"
VERSIONED = (
    "altair", "babel", "cjtools", "jinja2", "mistune", "nbconvert", "nbformat", "numpy", "openpyxl", "papermill",
    "polars", "py3langid", "scikit-learn", "vl-convert-python",
)  # fmt: skip
ANNOTATORS = "cjtools.annotators"


def version_of(name: str) -> str:
    """Return the version of a package that is installed, of Python major and minor: patches keep what it writes.

    Raises PackageNotFoundError.
    """
    return "{}.{}".format(*sys.version_info[:2]) if name == PYTHON else metadata.version(name)


def versions(annotator: str = "") -> dict[str, str]:
    """Return the versions of what decides the bytes of a report, and of the package of an annotator that is named."""
    points = metadata.entry_points(group=ANNOTATORS, name=annotator) if annotator else ()
    named = {point.dist.name: point.dist.version for point in points if point.dist}
    return {**named, **{name: version_of(name) for name in (*VERSIONED, PYTHON)}}
