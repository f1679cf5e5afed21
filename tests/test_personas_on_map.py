"""The persona decides which touchpoints are on its map: declared, of its channels, and what evidence adds."""

from __future__ import annotations

import pytest
from fixtures.run_command import NOTE

import cjtools as cj
from cjtools.personas import touchpoints_of
from cjtools.report.views import matrix
from cjtools.settings import Persona, Touchpoint

PLACES = [
    Touchpoint(id="web", label="Web", channel="website", environment="online", stages=("decision",)),
    Touchpoint(id="shop", label="Shop", channel="store", environment="offline", stages=("decision",)),
    Touchpoint(id="desk", label="Desk", channel="store", environment="offline", stages=("decision",)),
]


@pytest.mark.parametrize(
    ("declared", "on_map"),
    [
        ({"touchpoints": ("desk",), "channels": ("website",), "buys": "online"}, ["desk"]),
        ({"channels": ("store",), "buys": "online"}, ["shop", "desk"]),
        ({"buys": "online"}, ["web"]),
        ({}, ["web", "shop", "desk"]),
    ],
)
def test_what_is_declared_most_closely_decides(declared, on_map):
    found = touchpoints_of(Persona(id="p", name="P", **declared), PLACES, told={}, seen={}, minimum=3)
    assert found.filter("on_map")["touchpoint"].to_list() == on_map


def test_what_people_of_it_tell_of_or_enough_were_seen_at_is_on_its_map_too():
    only = Persona(id="p", name="P", touchpoints=("desk",))
    found = touchpoints_of(only, PLACES, told={"web": 1}, seen={"shop": 2}, minimum=3)
    assert found.filter("on_map")["touchpoint"].to_list() == ["web", "desk"]


def test_a_persona_names_only_touchpoints_that_there_are(folder):
    toml = (folder / "client.toml").read_text("utf-8")
    (folder / "client.toml").write_text(
        toml.replace('rule = { buys = "online" }', 'rule = { buys = "online" }\ntouchpoints = ["chekout"]'), "utf-8"
    )
    with pytest.raises(cj.ClientError) as caught:
        cj.load_client(folder)
    (fault,) = caught.value.faults
    assert str(fault) == "personas[1].touchpoints: 'chekout' is not a touchpoint; did you mean 'checkout'?"


def test_the_lane_of_touchpoints_says_of_each_on_whose_map_it_is(folder):
    toml = (folder / "client.toml").read_text("utf-8") + (
        '\n[[personas]]\nid = "shopper"\nname = "Shopper"\ntouchpoints = ["website"]\n'
        '\n[[sources]]\nid = "interviews"\npath = "P*.md"\nformat = "interview_notes"\n'
    )
    (folder / "client.toml").write_text(toml, "utf-8")
    (folder / "P01.md").write_text(NOTE.replace("2026-03", "2026-08"), "utf-8")
    journey = cj.map_journey(cj.load_client(folder))
    lane = next(lane for lane in matrix(journey).data["lanes"] if lane["key"] == "touchpoints")
    entries = {entry["label"]: entry["personas"] for cell in lane["cells"] for entry in cell.get("entries", [])}
    assert entries == {"Website": ["online", "shopper"], "Checkout": ["online"]}
