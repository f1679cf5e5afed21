"""What a report needs, imported and looked up ahead: nothing of any client is in it."""

from __future__ import annotations

import importlib
from itertools import product
from typing import Any

from cjtools.report.seed import Seed, plant
from cjtools.settings import LANGUAGES

# What the kernel of every report imports. The package cjtools.report comes first: see there.
KERNEL = (
    "cjtools.report",
    "ipykernel.kernelapp",
    "cjtools.report.renderer",
    "cjtools.journey_map",
    "cjtools.charts",
    "cjtools.report.views",
)
# What runs the kernel and makes the page.
RUNNER = ("cjtools.report.run", "nbclient", "papermill")

# What the kit looks up once a process, and remembers: its own files, whoever the client is.
LOOKED_UP = (
    "cjtools.client:stage_models",
    "cjtools.report.figure:runtime",
    "cjtools.report.inputs:kit_hash",
    "cjtools.sources.parsing.bots:crawlers",
    "cjtools.sources.parsing.languages:language_names",
    "cjtools.sources.preset:load_presets",
    "cjtools.sources.store:kit_version",
    "cjtools.text.lexicon:load_emoji",
    "cjtools.text.touchpoints:groups",
    "cjtools.words:combining",
)
BY_LANGUAGE = (
    "cjtools.text.lexicon:load_lexicon",
    "cjtools.text.touchpoints:nouns",
    "cjtools.words:load_words",
    "cjtools.words:locale",
)


def warm_kernel() -> None:
    """Import what a kernel needs."""
    for name in KERNEL:
        importlib.import_module(name)


def warm_runner() -> None:
    """Import what runs a kernel and makes the page."""
    for name in RUNNER:
        importlib.import_module(name)


def plant_kernel() -> Seed | None:
    """Fork the kernel of one report ahead: it gets ready while the caller does."""
    return plant(warm_kernel)


def warm_all() -> None:
    """Get everything ready that does not depend on a client, without a thread being started.

    Threads do not survive a fork. What would start one (polars' engine, the charts' V8) stays for each report.
    """
    warm_kernel()
    warm_runner()
    look_up()


def warm_page() -> None:
    """Compile the templates and start what draws charts (threads of its own), while the kernel is at work."""
    compile_templates()
    called("cjtools.report.figure:runtime")()
    called("vl_convert:vegalite_to_svg")({"mark": "point"})


def compile_templates() -> None:
    """Compile the templates of all views."""
    page = importlib.import_module("cjtools.report.page")
    for kind in page.kinds():
        page.environment().get_template(f"views/{kind}.html.j2")


def look_up() -> None:
    """Read the kit's own files and compile its templates: words, word lists, the schema of charts, the runtime."""
    compile_templates()
    altair = importlib.import_module("altair")
    altair.Chart({"values": [{"a": 1}]}).mark_bar().encode(x="a:Q").to_dict()
    for place in LOOKED_UP:
        called(place)()
    for place, language in product(BY_LANGUAGE, LANGUAGES):
        called(place)(language)
    for section in ("stages", "types"):
        called("cjtools.words:code_names")(section)


def called(place: str) -> Any:
    """Return a function by its module and its name."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)
