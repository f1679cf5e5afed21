"""The map in CJML 2.0, the Customer Journey Modelling Language of SINTEF (cjml.no).

No schema of CJML 2.0 is published with the language: the elements, their names and their order are those of the example
on cjml.no and of SINTEF's own editor and converter (journeyID, plannedReference, journeyPhases, actors, touchpoints;
communication points with touchpointID, belongsTo, initiator, receiver, channel, comment, touchpointExperience).
ORDER below is that structure; check_cjml holds a document against it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import polars as pl

from cjtools.journey_map import JourneyMap
from cjtools.map_tables import ALL

BRAND = "brand"
PLANNED = "PJ1"
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")

# What may stand in an element, in order.
POINT = ("touchpointID", "belongsTo", "initiator", "receiver", "channel", "comment", "touchpointExperience")
JOURNEY = ("journeyID", "journeyTitle", "plannedReference", "journeyPhases", "journeyShortSummary", "actors",
           "touchpoints")  # fmt: skip
ORDER: dict[str, tuple[str, ...]] = {
    "CJML": ("plannedJourney", "actualJourney"),
    "plannedJourney": JOURNEY,
    "actualJourney": JOURNEY,
    "journeyPhases": ("journeyPhase",),
    "journeyPhase": ("phaseName", "phaseDescription"),
    "actors": ("endUser", "serviceProvider"),
    "endUser": ("actorName",),
    "serviceProvider": ("companyName",),
    "touchpoints": ("plannedCommunicationPoint", "actualCommunicationPoint"),
    "plannedCommunicationPoint": POINT,
    "actualCommunicationPoint": POINT,
    "initiator": ("refersTo", "initiatorLabel"),
    "receiver": ("refersTo", "receiverLabel"),
    "channel": ("channelName",),
    "touchpointExperience": ("experienceDescription", "experienceRating"),
}


def to_cjml(journey: JourneyMap) -> str:
    """Return the map as CJML: the touchpoints as planned, and the journey of everybody and of each persona as heard.

    CJML knows the journey of one person; here each is of a group, and its summary says of how many. A rating is the
    experience from −2 to +2; a score that is withheld is not there, and the description says why.
    """
    root = Element("CJML", {"version": "2.0"})
    add_journey(root, journey, kind="planned", key=PLANNED, persona=ALL, name=journey.words["everybody"], people=None)
    heard = journey.experience.filter(pl.col("scope") == "stage").select("persona", "persona_label")
    personas = {ALL: journey.words["everybody"], **dict(heard.unique(maintain_order=True).iter_rows())}
    counts = dict(journey.personas.select("persona", "participants").iter_rows())
    for place, (persona, name) in enumerate(personas.items(), start=1):
        people = sum(counts.values()) if persona == ALL else counts.get(persona, 0)
        # A group too small to be recognised in is no journey of its own.
        if people >= journey.header.minimum_group:
            add_journey(root, journey, kind="actual", key=f"AJ{place}", persona=persona, name=name, people=people)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def add_journey(
    root: Element, journey: JourneyMap, *, kind: str, key: str, persona: str, name: str, people: int | None
) -> None:
    """Add the journey of a group of people; `kind` is planned or actual."""
    words, about = journey.words, journey.header
    out = SubElement(root, f"{kind}Journey")
    text(out, "journeyID", key)
    text(out, "journeyTitle", f"{about.client_name}, {about.wave}: {name}")
    if people is not None:
        text(out, "plannedReference", PLANNED)
    phases = SubElement(out, "journeyPhases")
    for stage in journey.stages.iter_rows(named=True):
        phase = SubElement(phases, "journeyPhase", {"phaseID": stage["stage"]})
        text(phase, "phaseName", stage["label"])
        text(phase, "phaseDescription", stage["question"])
    text(out, "journeyShortSummary", about.scenario if people is None else words.count("participants", people))
    actors = SubElement(out, "actors")
    text(SubElement(actors, "endUser", {"actorID": f"{key}-{persona}"}), "actorName", name)
    text(SubElement(actors, "serviceProvider", {"actorID": f"{key}-{BRAND}"}), "companyName", about.client_name)
    points = SubElement(out, "touchpoints")
    for place, row in enumerate(points_of(journey, kind), start=1):
        point = SubElement(points, f"{kind}CommunicationPoint")
        text(point, "touchpointID", f"{key}-T{place}")
        SubElement(point, "belongsTo", {"phaseIDref": row["stage"]})
        for role, actor in (("initiator", persona), ("receiver", BRAND)):
            side = SubElement(point, role)
            SubElement(side, "refersTo", {"actorIDref": f"{key}-{actor}"})
            text(side, f"{role}Label", row["label"])
        text(SubElement(point, "channel"), "channelName", row["channel"] or row["environment"])
        if people is not None:
            add_experience(point, journey, touchpoint=row["touchpoint"], persona=persona)


def points_of(journey: JourneyMap, kind: str) -> Iterator[dict[str, Any]]:
    """Yield the touchpoints in the order of stages; of an actual journey those that anybody spoke of or was seen at."""
    places = dict(journey.stages.select("stage", "position").iter_rows())
    rows = journey.touchpoints.filter("main").to_dicts()
    for row in sorted(rows, key=lambda each: (places[each["stage"]], each["position"])):
        if kind == "planned" or row["participants"] or row["voices"] or row["sessions"]:
            yield row


def add_experience(point: Element, journey: JourneyMap, *, touchpoint: str, persona: str) -> None:
    """Add how a group finds a touchpoint, with its number of people; nothing where nobody of it spoke of the place."""
    found = journey.experience.filter(scope="touchpoint", name=touchpoint, persona=persona).to_dicts()
    if not found or not found[0]["n"]:
        return
    row, words = found[0], journey.words
    out = SubElement(point, "touchpointExperience")
    people = words.count("participants", row["n"])
    if not row["shown"]:
        few = words("page_too_few", n=row["n"], minimum=journey.header.minimum_group)
        text(out, "experienceDescription", f"{words['no_value']}: {few}")
        return
    interval = f"{words.signed(row['low'])} – {words.signed(row['high'])}" if row["low"] is not None else ""
    text(out, "experienceDescription", ", ".join(part for part in (people, interval) if part))
    text(out, "experienceRating", f"{row['value']:.2f}")


def text(above: Element, tag: str, value: str) -> None:
    """Add an element with a text, without the characters that XML cannot hold."""
    SubElement(above, tag).text = CONTROLS.sub("", value)


def check_cjml(root: Element) -> list[str]:
    """Return where a document is not of the published structure: an unknown element, or one out of its order.

    >>> check_cjml(Element("CJML")), check_cjml(Element("cjml"))
    ([], ['cjml: the root is CJML'])
    """
    faults = [] if root.tag == "CJML" else [f"{root.tag}: the root is CJML"]
    known = {name for names in ORDER.values() for name in names}
    for above in root.iter():
        order = ORDER.get(above.tag, ())
        places = [order.index(child.tag) if child.tag in order else -1 for child in above]
        faults += [f"{above.tag}: {child.tag}" for child in above if child.tag not in order and above.tag in known]
        faults += [f"{above.tag}: out of order"] if places != sorted(places) else []
    actors = [element.get("actorID") for element in root.iter() if element.get("actorID")]
    faults += [f"actor {name} twice" for name in sorted({name for name in actors if actors.count(name) > 1 and name})]
    named = {element.get("actorIDref") for element in root.iter("refersTo")}
    return faults + [f"no actor {name}" for name in sorted(str(name) for name in named - set(actors))]
