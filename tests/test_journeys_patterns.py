"""All patterns on a handful of rows, worked out by hand: across channels, coming back, giving up, messages, shops."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_journeys import DAY, events, orders, touches_of, view

import cjtools as cj
from cjtools.journeys import order_events, place_touches, split_sessions
from cjtools.journeys.arrivals import find_arrivals
from cjtools.journeys.patterns import PATTERNS, PatternWindows, find_patterns, find_reported, follow_patterns
from cjtools.journeys.patterns.shop_routes import find_shop_routes
from cjtools.settings import PatternAnswer
from cjtools.tables import Answer, Coding, Quote, shape_of

UNTIL = DAY + dt.timedelta(days=60)
WHOLE = [None]


def at(days: float) -> dt.datetime:
    return DAY + dt.timedelta(days=days)


def act(activity: str, days: float = 0, **more: object) -> dict:
    return {"activity": activity, "timestamp": at(days), "page": None, **more}


def visit(channel: str, days: float = 0, **more: object) -> dict:
    return view("/p/1", **{"channel": channel, "source": channel, "medium": "m", "timestamp": at(days), **more})


def online(days: float = 0, **more: object) -> dict:
    return {"environment": "online", "ordered_at": at(days), **more}


def offline(days: float = 0, **more: object) -> dict:
    return {"environment": "offline", "ordered_at": at(days), **more}


def follow(bought: pl.DataFrame, touches: pl.DataFrame, **windows: object) -> pl.DataFrame:
    return follow_patterns(bought, touches, until=UNTIL, windows=PatternWindows(**windows))


def counts(rows: pl.DataFrame, pattern: str, *, by: str | None = None, part: str | None = None) -> tuple[int, int]:
    found = rows.filter(pl.col("pattern") == pattern, pl.col("by").eq_missing(by), pl.col("part").eq_missing(part))
    assert found.height == 1, rows.select("pattern", "by", "part").rows()
    return found.select("numerator", "denominator").row(0)


def test_the_known_patterns_are_the_same_alone_and_among_all(client):
    touches = touches_of(client, visit("Email"), visit("Direct", 3))
    bought = orders(offline(1), online(5, pickup=True), online(6))
    alone = find_patterns(bought, touches).filter(pl.col("denominator") > 0)
    among = follow(bought, touches).filter(pl.col("pattern").is_in(alone["pattern"].to_list()), pl.col("by").is_null())
    assert among.select(alone.columns).equals(alone)


def test_ropo_by_channel_counts_a_purchase_for_each_channel_of_its_research(client):
    touches = touches_of(client, visit("Email"), visit("Direct", 1), visit("Paid Search", profile_id="b"))
    rows = follow(orders(offline(2)), touches)
    assert counts(rows, "ropo") == (1, 1)
    assert counts(rows, "ropo", by="channel", part="Email") == (1, 1)
    assert counts(rows, "ropo", by="channel", part="Direct") == (1, 1)
    assert counts(rows, "ropo", by="channel", part="Paid Search") == (0, 1)


def test_ropo_by_window_grows_with_the_window(client):
    touches = touches_of(client, visit("Email"), visit("Email", profile_id="b"))
    rows = follow(orders(offline(1), offline(8, profile_id="b"), offline(31, profile_id=None)), touches)
    shares = rows.filter(pl.col("pattern") == "ropo", pl.col("by") == "window")
    assert shares.select("window_days", "numerator", "denominator", "joined").rows() == [
        (1, 1, 3, 2), (7, 1, 3, 2), (14, 2, 3, 2), (30, 2, 3, 2),
    ]  # fmt: skip
    assert shares["coverage"].unique().round(3).to_list() == [0.667]


def test_webrooming_and_showrooming_are_of_all_purchases_and_each_has_one_channel(client):
    buys = view("/p", 0, timestamp=at(9), order_id="o1", activity="purchase", channel="Direct", source="d", medium="m")
    touches = touches_of(client, visit("Email"), visit("Paid Search", 1), buys)
    rows = follow(orders(offline(2), online(9)), touches)
    assert counts(rows, "webrooming") == (1, 2)
    assert counts(rows, "webrooming", by="channel", part="Paid Search") == (1, 2)
    assert counts(rows, "showrooming") == (1, 2)
    assert counts(rows, "showrooming", by="channel", part="Direct") == (1, 2)
    assert rows.filter(pl.col("pattern") == "webrooming", pl.col("by") == "channel").height == 1


def test_a_visit_to_a_shop_without_a_purchase_is_showrooming_but_no_try_and_buy(client):
    touches = touches_of(client, act("store_visit", environment="offline"))
    rows = follow(orders(online(3)), touches)
    assert counts(rows, "showrooming") == (1, 1)
    assert counts(rows, "try_buy") == (0, 1)


def test_a_return_compares_its_route_with_the_purchase_before(client):
    buys = [
        view("/p", order_id=f"o{n}", activity="purchase", channel=name, source="s", medium="m", timestamp=at(n))
        for n, name in enumerate(["Email", "Direct", "Direct"])
    ]
    touches = touches_of(client, *buys)
    rows = follow(orders(online(0), online(1), online(2), offline(3), online(4, order_id="unseen")), touches)
    assert counts(rows, "return_same_route") == (1, 3)
    assert counts(rows, "return_other_route") == (2, 3)
    assert counts(rows, "return_by", by="route", part="offline") == (1, 3)
    assert rows.filter(pl.col("pattern") == "return_same_route").select("joined", "all").row(0) == (3, 4)


def test_a_payment_page_and_a_book_of_orders_are_no_way_of_arriving(client):
    back = visit("Referral", source="paypal.com")
    booked = act("purchase", 1, channel="online", order_id="o9", session_id="x")
    arrivals = find_arrivals(touches_of(client, back, booked, visit("Email", 2, campaign="(not set)")))
    assert arrivals.select("channel", "campaign").rows() == [(None, None), (None, None), ("Email", None)]


@pytest.mark.parametrize(
    ("bought", "abandoned", "recovered"),
    [([], 1, 0), ([online(7)], 0, None), ([offline(3)], 0, None), ([online(8)], 1, 1), ([online(-1)], 1, 0)],
)
def test_a_basket_is_abandoned_when_nothing_is_bought_within_the_window(client, bought, abandoned, recovered):
    rows = follow(orders(*bought), touches_of(client, act("add_to_cart")))
    assert counts(rows, "abandoned_cart") == (abandoned, 1)
    if recovered is None:
        assert rows.filter(pl.col("pattern") == "recovered_cart").is_empty()
    else:
        assert counts(rows, "recovered_cart") == (recovered, 1)


def test_who_has_no_whole_window_before_the_end_is_not_judged(client):
    touches = touches_of(client, act("begin_checkout", 50), act("begin_checkout", 54, profile_id="late"))
    row = follow(orders(), touches).filter(pl.col("pattern") == "abandoned_checkout").to_dicts()[0]
    assert (row["numerator"], row["denominator"], row["joined"], row["all"], row["coverage"]) == (1, 1, 1, 2, 0.5)


def test_a_session_abandons_up_to_its_end_and_is_recovered_within_the_window(client):
    touches = touches_of(
        client,
        act("begin_checkout", session_id="left"),
        act("begin_checkout", 1, session_id="bought"), act("purchase", 1.001, session_id="bought", order_id="o0"),
        act("begin_checkout", 20, session_id="gone"),
    )  # fmt: skip
    rows = follow(orders(online(1.001)), touches)
    assert counts(rows, "abandoned_checkout_sessions") == (2, 3)
    assert counts(rows, "recovered_checkout_sessions") == (1, 2)


def test_purchases_are_those_of_events_where_there_are_no_orders(client):
    touches = touches_of(client, act("begin_checkout"), act("purchase", 2, order_id=None))
    rows = follow(orders(), touches)
    assert counts(rows, "abandoned_checkout") == (0, 1)
    assert "ropo" not in rows["pattern"].to_list()


def test_the_newsletter_has_to_come_before_the_first_purchase_and_an_open_is_no_act(client):
    touches = touches_of(
        client,
        visit("Email", campaign="spring"),
        act("email_open", profile_id="b"), act("email_click", 5, profile_id="c", campaign="autumn"),
        visit("Email", 9, profile_id="d"),
    )  # fmt: skip
    people = orders(*(online(6, profile_id=who) for who in "abcd"), online(6, profile_id=None))
    rows = follow(people, touches)
    assert counts(rows, "newsletter_first_purchase") == (2, 4)
    assert counts(rows, "newsletter_first_purchase", by="campaign", part="spring") == (1, 4)
    row = rows.filter(pl.col("pattern") == "newsletter_first_purchase", pl.col("by").is_null()).to_dicts()[0]
    assert (row["joined"], row["all"], row["coverage"]) == (4, 5, 0.8)


def test_a_campaign_is_held_against_those_who_never_came_by_it(client):
    touches = touches_of(
        client,
        visit("Email", campaign="spring"), visit("Direct", profile_id="b"), visit("Direct", profile_id="c"),
        visit("Paid Search", profile_id="d", campaign="brand"),
    )  # fmt: skip
    rows = follow(orders(online(1), online(29, profile_id="b"), online(31, profile_id="c")), touches)
    assert counts(rows, "campaign_purchase") == (1, 2)
    assert counts(rows, "no_campaign_purchase") == (1, 2)
    assert counts(rows, "campaign_purchase", by="campaign", part="spring") == (1, 1)
    assert counts(rows, "no_campaign_purchase", by="campaign", part="spring") == (1, 3)


def test_the_route_in_a_shop_runs_from_zone_to_zone_to_the_till(client):
    def zone(name: str, minute: int, **more: object) -> dict:
        moment = DAY + dt.timedelta(minutes=minute)
        return act("zone", timestamp=moment, page=name, environment="offline", session_id="v", **more)

    till = act("pos_purchase", 0.01, environment="offline", session_id="v", order_id="o0")
    other = act("zone", page="/door", environment="offline", session_id="w", profile_id="b")
    touches = touches_of(client, zone("/door", 0), zone("/beds", 2), zone("/beds", 3), till, other)
    routes = find_shop_routes(touches)
    assert routes.select("route", "n", "of").rows() == [(["/door"], 1, 2), (["/door", "/beds", "pos_purchase"], 1, 2)]
    assert counts(follow(orders(offline(0.01)), touches), "shop_visit_purchase") == (1, 2)


def test_tills_alone_tell_of_no_route(client):
    touches = touches_of(client, act("pos_purchase", environment="offline", order_id="o0"))
    assert find_shop_routes(touches).is_empty()
    assert "shop_visit_purchase" not in follow(orders(offline()), touches)["pattern"].to_list()


def test_nothing_gives_no_pattern(client):
    assert follow(orders(), touches_of(client)).is_empty()


def said(*rows: tuple[str, str | None, str, bool]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Quotes and codings of (participant, code, kind of quote, accepted)."""
    quotes = [
        {
            "source_id": "i", "source_file": "i.md", "source_row": n, "quote_id": f"q{n}", "doc_id": f"d{n}",
            "kind": kind, "text": "t", "verbatim": True, "participant_id": who if kind == "interview" else None,
            "time_precision": "day", "consent_to_quote": True,
        }
        for n, (who, _, kind, _) in enumerate(rows)
    ]  # fmt: skip
    codes = [
        {"quote_id": f"q{n}", "kind": "theme", "code": code, "coder": "ana", "method": "person", "accepted": accepted}
        for n, (_, code, _, accepted) in enumerate(rows)
        if code
    ]
    return (
        Quote.validate(pl.DataFrame(quotes, schema=shape_of(Quote)), cast=True),
        Coding.validate(pl.DataFrame(codes, schema=shape_of(Coding)), cast=True),
    )


def test_people_tell_of_a_pattern_once_however_often_they_do():
    quotes, codings = said(
        ("P1", "Mirat en línia", "interview", True), ("P1", "mirat-en-linia", "interview", True),
        ("P2", "mirat en línia", "interview", False), ("P3", None, "interview", True),
        ("x", "mirat en línia", "mention", True),
    )  # fmt: skip
    found = find_reported(quotes, codings, Answer.create_empty(), codes={"ropo": ("mirat en linia",)}, asked=())
    assert found.select("pattern", "by", "numerator", "denominator").rows() == [("ropo", "interview", 1, 3)]


def test_answers_that_state_a_pattern_are_of_those_who_were_asked():
    rows = [
        {
            "source_id": "s", "source_file": "s.csv", "source_row": n, "response_id": f"r{n}", "question_id": question,
            "question_text": "?", "instrument": "other", "value_text": value, "value_num": number,
        }
        for n, (question, value, number) in enumerate(
            [
                ("how", "Online first", None), ("how", "In the shop", None), ("how", None, 3.0),
                ("other", "Online first", None),
            ]
        )
    ]  # fmt: skip
    answers = Answer.validate(pl.DataFrame(rows, schema=shape_of(Answer)), cast=True)
    quotes, codings = said()
    asked = (PatternAnswer(pattern="ropo", question="how", values=("online first", "3")),)
    found = find_reported(quotes, codings, answers, codes={}, asked=asked)
    assert found.select("pattern", "by", "numerator", "denominator").rows() == [("ropo", "survey", 2, 3)]


ROWS = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from(["add_to_cart", "begin_checkout", "purchase", "page_view", "generate_lead"]),
        st.sampled_from(["Email", "Direct", None]),
        st.integers(0, 60),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_shares_are_shares_parts_never_exceed_the_whole_and_the_order_of_rows_does_not_matter(rows, chance):
    example = cj.load_client("data/example")
    steps = [
        {
            "activity": activity, "profile_id": who, "channel": channel, "source": channel, "medium": channel,
            "campaign": channel, "timestamp": at(days), "page": "/p/1", "order_id": f"o{n}",
        }
        for n, (who, activity, channel, days) in enumerate(rows)
    ]  # fmt: skip
    bought = orders(
        *(
            (online if n % 2 else offline)(days, profile_id=who)
            for n, (who, activity, _, days) in enumerate(rows)
            if activity == "purchase"
        )
    )
    frame = events(*steps)
    shuffled = frame.sample(fraction=1, shuffle=True, seed=chance.randrange(1000))
    one, two = (
        follow(part_orders, place_touches(split_sessions(order_events(part)), client=example))
        for part, part_orders in ((frame, bought), (shuffled, bought.reverse()))
    )
    assert one.equals(two)
    assert one.filter(pl.col("numerator") > pl.col("denominator")).is_empty()
    assert one.filter(pl.col("joined") > pl.col("all")).is_empty()
    assert set(one["pattern"]) <= set(PATTERNS)
    for name in ("webrooming", "showrooming"):
        parts = one.filter(pl.col("pattern") == name, pl.col("by") == "channel")["numerator"].sum()
        whole = one.filter(pl.col("pattern") == name, pl.col("by").is_null())["numerator"].sum()
        assert parts <= whole
    same, other = (
        one.filter(pl.col("pattern") == f"return_{name}_route")["numerator"].sum() for name in ("same", "other")
    )
    assert same + other == one.filter(pl.col("pattern") == "return_by")["numerator"].sum()
