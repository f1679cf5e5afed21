"""The method in atoms: every thing that a journey map is, has, is made from or is for has its place in the kit.

Each atom is said in words of our own; its places are of the kinds of KINDS below, and each is looked up.
"""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest
from conftest import ROOT, SHARED
from pydantic import BaseModel

from cjtools.charts import CHARTS
from cjtools.claims import CLAIM_TABLES
from cjtools.client import models_in, stage_models
from cjtools.crosscheck import Verdict
from cjtools.inventory import INVENTORY_TABLES
from cjtools.journey_tables import JOURNEY_TABLES
from cjtools.journeys.patterns import PATTERNS
from cjtools.lanes.coverage import FAMILIES
from cjtools.map_tables import MAP_TABLES
from cjtools.personas.tables import PERSONA_TABLES, SEGMENT_TABLES
from cjtools.report import views
from cjtools.report.views.appendix import DEFINITIONS
from cjtools.report.views.matrix import LANES
from cjtools.settings import METRICS, Settings
from cjtools.sources import READERS
from cjtools.sources.parsing.activities import NAMES as ACTS
from cjtools.study import STUDY_TABLES
from cjtools.words import load_words

TABLES = {
    *MAP_TABLES, *JOURNEY_TABLES, *CLAIM_TABLES, *INVENTORY_TABLES, *STUDY_TABLES, *SEGMENT_TABLES,
    *(f"persona_{name}" for name in PERSONA_TABLES), "evidence", "sources",
}  # fmt: skip

# What it is, where it begins and ends.
IS = {
    "S1": ("the way through a purchase, as a picture", "section:matrix"),
    "S2": ("every step and contact with a company", "lane:steps table:touchpoints"),
    "S3": ("all moves over the time of the relation", "table:moves table:paths"),
    "S4": ("from discovery to a purchase, or another act that is wanted", "setting:map.goal section:journeys"),
    "S5": ("over time and across places, web and shop", "setting:touchpoints.environment section:patterns"),
    "S6": ("by way of touchpoints", "lane:touchpoints"),
    "S7": ("begins before there is a customer", "model:before_during_after setting:stages.stage.band"),
    "S8": ("a need comes first, then the first contact", "lane:needs type:need"),
    "S9": ("to what comes after the purchase", "model:four"),
    "S10": ("goes on after the company has won somebody", "table:lifecycle model:six"),
    "S11": ("has no end", "table:standing pattern:return_other_route"),
    "S12": ("from what moves people to buy, to their word for the next", "lane:factors metric:nps"),
    "S13": ("longer or shorter, simpler or not", "table:paths table:times"),
    "S14": ("begins again, by the same way or another", "pattern:return_same_route pattern:repeat_other_route"),
    "S15": ("with how it was, to see what to mend", "lane:experience lane:opportunities"),
    "S16": (
        "shaped by what people need and by what the company does to sell",
        "table:credits pattern:campaign_purchase",
    ),
    "S17": ("a way of marketing to know those who come", "section:personas"),
}
WHO = {
    "P1": ("whose journey it is comes first", "setting:personas section:personas"),
    "P2": ("who, what they need, how to help", "setting:personas.who setting:personas.needs setting:personas.help"),
    "P3": ("they decide which touchpoints are in", "setting:personas.touchpoints table:persona_touchpoints"),
    "P4": ("they go different ways", "table:persona_figures"),
    "P5": ("whom the company wants to serve", "setting:map.segments table:personas"),
    "P6": (
        "cut by traits, by behaviour, by what they like",
        "setting:personas.behaves table:persona_shares table:segments",
    ),
    "P7": ("nobody is like the other", "table:persona_traits"),
    "P8": ("known wishes lead to what fits", "lane:needs setting:actions.segment"),
}
STAGES = {
    "G1": ("stages in an order", "table:stages"),
    "G2": ("a model of six", "model:six"),
    "G3": ("a model of five", "model:five"),
    "G4": ("a model of four", "model:four"),
    "G5": ("before, during, after", "model:before_during_after"),
    "G6": ("no model fits all", "setting:stages.stage"),
    "G7": ("each clearly bounded", "setting:stages.stage.entry setting:stages.stage.exit"),
    "G8": ("awareness by adverts, search, networks, word of mouth", "table:credits setting:touchpoints.channels"),
    "G9": ("interest by a review, an advert, a friend", "setting:touchpoints.owner format:trustpilot"),
    "G10": ("consideration by comparing and asking", "type:comparing lane:questions"),
    "G11": ("decision: the basket, the form, the call; what decides", "event:add_to_cart lane:factors"),
    "G12": ("the purchase itself", "event:purchase definition:stage_conversion"),
    "G13": ("loyalty: care, programmes, offers, buying again", "pattern:repeat_buyers format:zendesk"),
    "G14": ("afterwards people use it and a relation grows", "table:lifecycle"),
    "G15": ("use and waiting take time", "table:times section:durations"),
    "G16": ("who is content sends others", "metric:nps section:surveys"),
    "G17": ("what people look for, and have to know to go on", "lane:customer_question lane:information"),
    "G18": ("where they give up", "table:drop_off chart:drop_off_bars table:instead"),
}
TOUCH = {
    "T1": ("all touchpoints", "table:touchpoints section:stages"),
    "T2": ("before, during and after", "setting:touchpoints.stages chart:touchpoint_stage_grid"),
    "T3": ("online and offline at every stage", "setting:touchpoints.environment section:source_coverage"),
    "T4": ("the company's own channels", "setting:touchpoints.owner"),
    "T5": ("web, networks, shop, mail, service", "setting:touchpoints.channel format:zendesk format:sumup"),
    "T6": ("sellers and support as well", "lane:front lane:support"),
    "T7": ("kinds of contact", "setting:touchpoints.kind"),
    "T8": ("scrolling a network, coming to an event", "setting:touchpoints.events"),
    "T9": ("pages, then a form, then a call", "table:paths event:generate_lead"),
    "T10": ("from the blog to the networks", "table:moves"),
    "T11": ("signing up for a discount, then the first purchase", "pattern:newsletter_first_purchase"),
    "T12": ("looking online, buying in the shop", "pattern:ropo"),
    "T13": ("buying online, fetching it in the shop", "pattern:click_collect"),
    "T14": ("trying in the shop, buying online", "pattern:try_buy"),
    "T15": ("the way through the shop and back", "table:shop_routes section:shop_routes"),
    "T16": ("each contact good and easy", "chart:touchpoint_scores section:crosscheck"),
    "T17": ("fitted to people, touchpoint by touchpoint", "table:persona_touchpoints"),
    "T18": ("campaigns by mail and text, followed", "format:mailchimp_report format:klaviyo_campaigns table:totals"),
    "T19": ("tools that automate, analyse and suggest", "table:machine format:hubspot_contacts"),
    "T20": ("campaigns lead people on", "pattern:campaign_purchase lane:actions"),
}
FELT = {
    "E1": ("good, bad or neither at each stage", "table:experience chart:experience_curve"),
    "E2": ("known by asking", "format:surveymonkey format:transcript"),
    "E3": ("expectations and pains by stage", "type:expectation lane:pains"),
    "E4": ("needs, wishes, feelings by stage", "lane:needs type:desire lane:emotions"),
    "E5": ("the sum of all contacts", "table:touchpoint_stages"),
    "E6": ("good is what meets or beats what was expected", "table:expectations section:expectations"),
    "E7": ("strong and weak points", "lane:gains lane:pains verdict:strength"),
    "E8": ("how content people are", "metric:csat metric:ces"),
    "E9": ("what they feel for the company", "table:sentiment lane:social"),
    "E10": ("of one piece from step to step", "chart:touchpoint_stage_grid"),
    "E11": ("wishes met at every contact", "table:expectations setting:sources.questions.role"),
}
MADE_FROM = {
    "D1": ("interviews", "format:interview_notes format:refi_qda family:interview"),
    "D2": ("surveys", "format:qualtrics family:survey"),
    "D3": ("talks of several people", "format:transcript format:captions"),
    "D4": ("loyalty and service", "setting:sources.keys format:zendesk"),
    "D5": ("what people say apart from what they do", "table:evidence section:source_coverage"),
    "D6": ("registers of the business", "format:table format:woocommerce_orders"),
    "D7": ("the web, networks, cards, phones", "format:ga4_bigquery format:x_api format:stripe_balance"),
    "D8": ("every click leaves a trace", "format:access_log event:page_view"),
    "D9": ("shown in groups only", "setting:privacy.minimum_group definition:withheld"),
    "D10": ("real and at hand soon", "section:provenance notebook:sources"),
    "D11": ("what is said of the company", "format:brandwatch format:mastodon chart:sentiment_bars"),
    "D12": ("tools that watch the web", "format:meltwater format:talkwalker"),
    "D13": ("searches that bring people", "format:search_console table:totals"),
    "D14": ("what visitors do", "table:visits section:visit_measures"),
    "D15": ("mail that is sent and read", "format:mailchimp_campaigns"),
    "D16": ("how people pay", "format:shopify table:totals"),
    "D17": ("where people heard of it first; the shop from within", "lane:quotes table:shop_routes"),
    "D18": ("whence people come, and what for", "table:credits type:goal"),
    "D19": ("a page that many leave from", "definition:exit_rate chart:exit_rates"),
    "D20": ("many clicks are interest, or being lost", "definition:odd_clicks verdict:interest verdict:confusion"),
    "D21": ("so hold it against what people say", "table:verdicts section:crosscheck"),
    "D22": ("both sides, both ways of asking", "section:source_coverage lane:coverage"),
    "D23": ("crossed, with what nobody expected", "table:unexpected section:crosscheck"),
    "D24": ("research, as far as means allow", "table:research_backlog section:questions"),
    "D25": ("analysis and feedback by stage", "table:stage_totals lane:behaviour"),
}
USED_FOR = {
    "M1": ("aims first, then facts, then the map", "setting:map.objective section:header"),
    "M2": (
        "a list of steps, to watching and mending",
        "setting:stages setting:touchpoints setting:objectives setting:actions",
    ),
    "M3": ("aims by stage that can be measured", "table:objectives lane:objectives chart:objective_bullets"),
    "M4": ("content and acts by stage", "table:actions lane:actions"),
    "M5": ("a document", "file:notebooks/journey_map.ipynb section:header"),
    "M6": ("a picture of steps", "section:matrix chart:stage_flow"),
    "M7": ("what could be better, as found", "table:opportunities chart:opportunity_matrix"),
    "M8": ("a help to plan and act", "section:opportunities"),
    "M9": ("watched all the time", "chart:wave_comparison setting:claims.review_days"),
    "M10": ("mended all the time", "setting:waves setting:client.review_due"),
    "M11": ("who comes, and how they use it", "section:personas notebook:personas"),
    "M12": ("more bought, longer loyal", "pattern:repeat_buyers table:lifecycle"),
    "M13": ("where to mend", "verdict:friction_confirmed lane:opportunities"),
    "M14": ("what it is said to bring", "metric:stage_conversion metric:net_sentiment metric:experience"),
    "M15": ("a plan for each stage", "lane:opportunities lane:actions"),
    "M17": ("what counts as arriving", "setting:map.goal event:sign_up event:begin_checkout"),
}
# A stance of a whole company is nothing that a file, a table or a page can hold.
NOWHERE = {"M16": "that contact with customers comes first in a company"}
ATOMS = IS | WHO | STAGES | TOUCH | FELT | MADE_FROM | USED_FOR


def is_setting(path: str) -> bool:
    """Say whether client.toml has a key of this path."""
    at: list[type[BaseModel]] = [Settings]
    for name in path.split("."):
        fields = [model.model_fields[name] for model in at if name in model.model_fields]
        if not fields:
            return False
        at = [inner for field in fields for inner in models_in(field.annotation)]
    return True


KINDS: dict[str, Any] = {
    "section": lambda name: name in views.SECTIONS or name in views.__all__,
    "lane": {lane.key for lane in LANES}.__contains__,
    "table": TABLES.__contains__,
    "chart": CHARTS.__contains__,
    "notebook": lambda name: (ROOT / "notebooks" / f"{name}.ipynb").is_file(),
    "file": lambda name: (ROOT / name).is_file(),
    "format": READERS.__contains__,
    "family": FAMILIES.__contains__,
    "pattern": PATTERNS.__contains__,
    "model": stage_models().__contains__,
    "type": lambda name: load_words("ca").has("types", name),
    "metric": METRICS.__contains__,
    "definition": DEFINITIONS.__contains__,
    "verdict": get_args(Verdict).__contains__,
    "event": ACTS.__contains__,
    "setting": is_setting,
}


@pytest.mark.parametrize("atom", ATOMS)
def test_an_atom_has_its_places_and_each_is_there(atom):
    what, places = ATOMS[atom]
    assert what
    for place in places.split():
        kind, _, name = place.partition(":")
        assert KINDS[kind](name), f"{atom} ({what}): no {kind} is called {name}"


def test_a_place_that_is_not_there_is_seen():
    absent = [f"{kind}:no_such_thing" for kind in KINDS]
    assert not any(KINDS[place.partition(":")[0]]("no_such_thing") for place in absent)


def test_every_atom_of_the_method_is_in_the_list():
    method = SHARED / "method.md"
    if not method.is_file():
        pytest.skip("the method in atoms is not beside the project")
    atoms = re.findall(r"^\| ([A-Z]\d+) \|", method.read_text("utf-8"), re.MULTILINE)
    assert sorted(atoms) == sorted([*ATOMS, *NOWHERE])
