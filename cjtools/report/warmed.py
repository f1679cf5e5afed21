"""Imported once by the process that the reports of a batch are forked from: what all of them need, of no client."""

from __future__ import annotations

import time

from cjtools.report import seed
from cjtools.report.warm import warm_all

warm_all()
# A thread that has only just begun still bears the name of the process.
time.sleep(0.1)
seed.IS_SAFE = seed.may_fork()
