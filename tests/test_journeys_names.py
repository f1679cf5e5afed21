"""The names of cjtools.journeys are there, load when asked for, and cost nothing before."""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import ROOT

import cjtools as cj
from cjtools.journeys import NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_there_and_says_what_it_gives(name):
    assert getattr(cj.journeys, name).__doc__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="count_everything"):
        cj.journeys.count_everything  # noqa: B018


def test_a_report_does_not_pay_for_scipy():
    script = "import sys, cjtools.journey_map; print('scipy' in sys.modules, 'sklearn' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]
