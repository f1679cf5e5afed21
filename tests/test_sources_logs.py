"""Logs of web servers: every dialect, what is a view of a page and what is not, rough visitors, broken lines."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import polars as pl
import pytest
from conftest import SHARED
from crawleruseragents import is_crawler
from fixtures.make_client import events_of, faults_of, make_client
from hypothesis import given, settings
from hypothesis import strategies as st

import cjtools as cj
from cjtools.journeys.sessions import TIMEOUT
from cjtools.sources.opening.files import Opened
from cjtools.sources.parsing.bots import NO_AGENT, bot_reasons
from cjtools.sources.readers import access_log
from cjtools.sources.readers.log_lines import decode_log, dialects, log_times, read_lines

LOG = '[[sources]]\nid = "log"\npath = "a*.log*"\nformat = "access_log"\n'
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PLUS = AGENT.replace(" ", "+")
TIME = "01/Jul/2026:10:00:00 +0200"
REST = f'[{TIME}] "GET /p?a=1 HTTP/1.1" 200 512 "https://shop.example/" "{AGENT}"'
FIRST = "2026-07-01 08:00:00"

IIS = "#Fields: date time cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) cs(Referer) cs-host sc-status\n"
CLOUD = (
    "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status "
    "cs(Referer) cs(User-Agent) cs-uri-query\n"
)
CASTS = "#Fields: c-ip c-dns date time cs-uri-stem c-status cs(User-Agent) sc-bytes x-duration avgbandwidth\n"

# A line as a server writes it, its dialect, and what it says: address, host, path, status, user agent.
LINES = {
    "common": (f'192.0.2.1 - ann [{TIME}] "GET /p HTTP/1.0" 301 368', "common", "192.0.2.1", None, "/p", "301", None),
    "combined": (f"192.0.2.1 - - {REST}", "common", "192.0.2.1", None, "/p?a=1", "200", AGENT),
    "ipv6": (f"2001:db8::1 - - {REST}", "common", "2001:db8::1", None, "/p?a=1", "200", AGENT),
    "forwarded": (f"192.0.2.1, 10.0.0.1 - - {REST}", "common", "192.0.2.1", None, "/p?a=1", "200", AGENT),
    "user with a blank": (f"192.0.2.1 - Ann Puig {REST}", "common_named", "192.0.2.1", None, "/p?a=1", "200", AGENT),
    "vhost": (f"www.shop.example:443 192.0.2.1 - - {REST}", "common_vhost", "192.0.2.1", "www.shop.example",
              "/p?a=1", "200", AGENT),
    "vhost and names": (f"www.shop.example dsl.isp.example - - {REST}", "common_vhost_named", "dsl.isp.example",
                        "www.shop.example", "/p?a=1", "200", AGENT),
    "host for ident": (f"192.0.2.1 shop.example ann {REST}", "common", "192.0.2.1", "shop.example", "/p?a=1", "200",
                       AGENT),
    "syslog": (f"<190>Jul  1 10:00:00 web1 nginx: 192.0.2.1 - - {REST}", "common", "192.0.2.1", None, "/p?a=1", "200",
               AGENT),
    "icecast": (f"192.0.2.1 - - {REST} 217", "common", "192.0.2.1", None, "/p?a=1", "200", AGENT),
    "traefik": (f'192.0.2.1 - - {REST} 12 "shop@docker" "http://10.0.0.3:80" 4ms', "common", "192.0.2.1", None,
                "/p?a=1", "200", AGENT),
    "nginx with times": (f'192.0.2.1 - - [{TIME}] "GET /p HTTP/2.0" 200 12 0.004 0.003', "common", "192.0.2.1", None,
                         "/p", "200", None),
    "quotes in an agent": (REST.join(["192.0.2.1 - - ", ""])[:-1] + ' \\"x\\""', "common", "192.0.2.1", None, "/p?a=1",
                           "200", AGENT + ' \\"x\\"'),
    "quotes in a request": (f'192.0.2.1 - - [{TIME}] "GET /q?a="b c" HTTP/1.1" 200 5 "-" "{AGENT}"', "common",
                            "192.0.2.1", None, '/q?a="b c"', "200", AGENT),
    "s3": ((f'b659 shop.example [{TIME}] 192.0.2.1 - EB35 WEBSITE.GET.OBJECT p "GET /p HTTP/1.1" 200 - 9 9 1 1 "-" '
           f'"{AGENT}" - Qx= - TLSv1.2'), "s3", "192.0.2.1", "shop.example", "/p", "200", AGENT),
    "elb": (("2026-07-01T08:00:00.943123Z lb1 192.0.2.1:2817 10.0.0.1:80 0.00007 0.001 0.00006 200 200 0 29 "
            f'"GET https://shop.example:443/p?a=1 HTTP/1.1" "{AGENT}" ECDHE TLSv1.2'), "load_balancer", "192.0.2.1",
            None, "https://shop.example:443/p?a=1", "200", AGENT),
    "alb": (("h2 2026-07-01T08:00:00.186641Z app/lb1/50dc 2001:db8::1:40914 10.0.0.66:9000 0.000 0.002 0.000 200 200 5 "
            f'257 "GET https://shop.example:443/p HTTP/2.0" "{AGENT}" ECDHE TLSv1.2 arn:aws:x "Root=1-58" "shop" "arn" '
            '1 2026-07-01T08:00:00.364Z "forward" "-" "-" "10.0.0.66:9000" "200" "-" "-" TID_1'), "load_balancer",
            "2001:db8::1", None, "https://shop.example:443/p", "200", AGENT),
    "haproxy": (("Jul  1 10:00:00 lb haproxy[14389]: 192.0.2.1:33317 [01/Jul/2026:10:00:00.655] http-in static/srv1 "
                f'10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {{shop.example|{AGENT}|}} {{}} "GET /p HTTP/1.1"'),
                "haproxy", "192.0.2.1", None, "/p", "200", AGENT),
    "bunny": (f"HIT|200|1782892800000|412|390|192.0.2.1|-|https://shop.example/p|WA|{AGENT}|322b|ES", "bunny",
              "192.0.2.1", None, "https://shop.example/p", "200", AGENT),
    "iis": (f"{IIS}{FIRST} GET /p a=1 192.0.2.1 {PLUS} - shop.example 200", "w3c", "192.0.2.1", "shop.example",
            "/p?a=1", "200", AGENT),
    "iis, local times": (
        f"{IIS.replace('date time', 'date-local time-local')}2026-07-01 10:00:00 GET /p a=1 192.0.2.1 {PLUS} - - 200",
        "w3c", "192.0.2.1", None, "/p?a=1", "200", AGENT),
    "host and path": (
        f"{IIS}{FIRST} GET shop.example/p a=1 192.0.2.1 {PLUS} - shop.example 200", "w3c", "192.0.2.1", "shop.example",
        "https://shop.example/p?a=1", "200", AGENT),
    "quoted": (f'{IIS}"2026-07-01" "08:00:00" "GET" "/p" "" "192.0.2.1" "{AGENT}" "-" "shop.example" "200"', "w3c",
               "192.0.2.1", "shop.example", "/p", "200", AGENT),
    "cloudfront": (CLOUD + "\t".join(["2026-07-01", "08:00:00", "MAD51", "4390", "192.0.2.1", "GET", "d1.example", "/p",
                                      "200", "-", AGENT.replace(" ", "%2520"), "a=1"]), "w3c", "192.0.2.1",
                   "d1.example", "/p?a=1", "200", AGENT),
    "shoutcast": (f"{CASTS}192.0.2.1 dsl.example {FIRST} /stream?title=x 200 WinampMPEG%2F5.8 124 1 992", "w3c",
                  "192.0.2.1", None, "/stream?title=x", "200", "WinampMPEG%2F5.8"),
    "nginx json": (json.dumps({"time_iso8601": "2026-07-01T10:00:00+02:00", "remote_addr": "192.0.2.1", "status": 200,
                               "request": "GET /p HTTP/1.1", "http_user_agent": AGENT, "http_host": "shop.example"}),
                   "json", "192.0.2.1", "shop.example", "/p", "200", AGENT),
    "nginx odd bytes": (('{"msec": "1782892800.000", "remote_addr": "192.0.2.1", "request_method": "GET", "status": '
                        '"200", "request_uri": "/\\xA7\\xDA"}'), "json", "192.0.2.1", None, "/§Ú", "200", None),
    "caddy": (json.dumps({"level": "info", "ts": 1782892800.5, "status": 200, "request": {
        "remote_addr": "192.0.2.1:41342", "method": "GET", "host": "shop.example", "uri": "/p",
        "headers": {"User-Agent": [AGENT], "Referer": ["https://shop.example/"]}}}), "json", "192.0.2.1",
        "shop.example", "/p", "200", AGENT),
    "traefik json": (json.dumps({"ClientHost": "192.0.2.1", "ClientAddr": "192.0.2.1:6", "DownstreamStatus": 200,
                                 "RequestMethod": "GET", "RequestPath": "/p", "RequestHost": "shop.example",
                                 "StartUTC": "2026-07-01T08:00:00.123456789Z", "time": "2026-07-01T10:00:09+02:00",
                                 "request_User-Agent": AGENT}), "json", "192.0.2.1", "shop.example", "/p", "200",
                     AGENT),
    "cloudflare": (json.dumps({"ClientIP": "192.0.2.1", "ClientRequestHost": "shop.example", "EdgeResponseStatus": 200,
                               "ClientRequestMethod": "GET", "ClientRequestURI": "/p", "ClientRequestUserAgent": AGENT,
                               "EdgeStartTimestamp": 1782892800123456789}), "json", "192.0.2.1", "shop.example", "/p",
                   "200", AGENT),
    "docker": (json.dumps({"log": f"192.0.2.1 - - {REST}\n", "stream": "stdout", "time": "2026-07-01T08:00:01Z"}),
               "common", "192.0.2.1", None, "/p?a=1", "200", AGENT),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_a_line_of_each_dialect_says_who_asked_for_what(name: str) -> None:
    text, dialect, *expected = LINES[name]
    lines = read_lines(text + "\n")
    row = access_log.requests(lines.with_columns(timestamp=log_times(lines["time"], "Europe/Madrid"))).row(
        0, named=True
    )
    assert row["dialect"] == dialect
    assert [row["client"], row["hostname"], row["address"], row["status"], row["user_agent"]] == expected
    assert f"{row['timestamp']:%Y-%m-%d %H:%M:%S}" == FIRST


@pytest.mark.parametrize("name", LINES)
def test_the_content_of_a_log_tells_that_it_is_one(tmp_path: Path, name: str) -> None:
    client = make_client(tmp_path, '[[sources]]\nid = "log"\npath = "a.log"\n', a__log=LINES[name][0] + "\n")
    assert cj.read_sources(client).sources["format"].to_list() == ["access_log"]


def line(request: str = "GET / HTTP/1.1", status: int = 200, *, at: str = "10:00:00", **given: str) -> str:
    values = {"ip": "192.0.2.1", "referrer": "-", "agent": AGENT} | given
    return (
        f'{values["ip"]} - - [01/Jul/2026:{at} +0200] "{request}" {status} 1 "{values["referrer"]}" "{values["agent"]}"'
    )


def read(tmp_path: Path, *lines: str, more: str = "") -> cj.Tables:
    return cj.read_sources(make_client(tmp_path, LOG + more, a__log="\n".join(lines) + "\n"))


@pytest.mark.parametrize(
    ("request_line", "status", "fate"),
    [
        ("GET /p HTTP/1.1", 200, "page_view"),
        ("GET /p HTTP/1.1", 304, "page_view"),
        ("GET /", 200, "page_view"),
        ("GET /cataleg.PDF?v=1 HTTP/1.1", 206, "file_download"),
        ("GET /img/x.png?v=1.2 HTTP/1.1", 404, "static_file"),
        ("HEAD /p HTTP/1.1", 200, "not_a_page_view"),
        ("POST /p HTTP/1.1", 200, "not_a_page_view"),
        ("-", 408, "not_a_page_view"),
        (r"\x16\x03\x01", 400, "not_a_page_view"),
        ("GET /p HTTP/1.1", 404, "error"),
        ("GET /p HTTP/1.1", 503, "error"),
        ("GET /p HTTP/1.1", 301, "redirect"),
        ("GET /robots.txt HTTP/1.1", 200, "machine_file"),
        ("GET /feed.rss HTTP/1.1", 200, "machine_file"),
        ("GET /matomo.php?idsite=1 HTTP/1.1", 200, "machine_file"),
        ("GET /p?next=/a.png HTTP/1.1", 200, "page_view"),
    ],
)
def test_only_views_of_pages_and_downloads_are_acts(tmp_path: Path, request_line: str, status: int, fate: str) -> None:
    tables = read(tmp_path, line(request_line, status))
    told = [*events_of(tables)["activity"], *tables.left_out["why"]]
    assert told == [fate]


def test_a_visitor_is_an_address_and_a_browser_on_one_day_and_no_address_is_kept(tmp_path: Path) -> None:
    tables = read(
        tmp_path,
        line(),
        line("GET /a HTTP/1.1", at="10:30:00"),
        line("GET /b HTTP/1.1", at="11:00:01"),
        line(agent=AGENT + " x"),
        line(ip="192.0.2.2"),
        line(at="23:59:59").replace("01/Jul", "02/Jul"),
    )
    events = events_of(tables)
    sessions = events.group_by("profile_id").agg(pl.col("session_id").n_unique()).sort("session_id")
    assert sessions["session_id"].to_list() == [1, 1, 1, 2]
    assert access_log.PAUSE == TIMEOUT
    for frame in (events, tables.identities, tables.sources, tables.left_out):
        assert not any("192.0.2" in str(value) for row in frame.rows() for value in row)
    assert "rough_sessions" in tables.sources["flags"][0].to_list()


def test_programs_stay_marked_with_the_list_that_knows_them(tmp_path: Path) -> None:
    crawler = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    tables = read(tmp_path, line(), line(agent=crawler), line(agent="-"), line("GET /x.css", agent=crawler))
    events = events_of(tables).sort("source_row")
    assert events["is_bot"].to_list() == [False, True, True]
    assert [reason and reason.rpartition(" ")[0] for reason in events["reason"]] == [
        None, "bot: crawler-user-agents", "bot: no user"
    ]  # fmt: skip
    flags = tables.sources["flags"][0].to_list()
    assert {"bot:2", "bot_requests:2", "no_user_agent_requests:1", "user_agents:3"} <= set(flags)


def test_a_log_without_user_agents_marks_nobody_and_says_so(tmp_path: Path) -> None:
    tables = read(tmp_path, f'192.0.2.1 - - [{TIME}] "GET / HTTP/1.0" 200 368')
    assert events_of(tables)["is_bot"].to_list() == [False]
    assert "user_agents_not_logged" in tables.sources["flags"][0].to_list()


def test_the_list_as_one_pattern_says_the_same_as_the_list_itself() -> None:
    agents = ["Twitterbot/1.0", "twitterbot/1.0", AGENT, "curl/8.5", "Feedly/1.0", "UniversalFeedParser/4.2", "-", ""]
    reasons = bot_reasons(pl.Series(agents)).to_list()
    assert [reason is not None and reason != NO_AGENT for reason in reasons] == [is_crawler(each) for each in agents]
    assert reasons[-2:] == [NO_AGENT, NO_AGENT]


def test_one_broken_line_is_left_out_and_many_are_a_fault(tmp_path: Path) -> None:
    tables = read(tmp_path, line(), "who knows", line())
    assert tables.left_out.select("source_row", "fate", "why").rows() == [(2, "rejected", "broken_line")]
    other = make_client(tmp_path, LOG, a__log=f"{line()}\nwho knows\n{line()[:49]}\n")
    step = "fits no form; an Apache, nginx, IIS, S3, CloudFront, HAProxy or JSON log; the README lists them"
    assert faults_of(other) == [
        "a.log: 2 of 3 lines fit no known form of a web server's log",
        f"a.log line 2: 'who knows' {step}",
        f"a.log line 3: '{line()[:49]}' {step}",
    ]


def test_files_that_are_no_logs_are_told_apart(tmp_path: Path) -> None:
    assert faults_of(make_client(tmp_path, LOG, a__log=b"")) == [
        "a.log: the file is empty (0 bytes); the log of a web server"
    ]
    assert faults_of(make_client(tmp_path, LOG, a__log=b"PK\x03\x04rest")) == [
        "a.log: this is no text; the log of a web server, plain or .gz"
    ]


def test_a_log_with_a_head_alone_has_no_rows(tmp_path: Path) -> None:
    tables = cj.read_sources(make_client(tmp_path, LOG, a__log=IIS))
    assert tables.sources["rows_in"].to_list() == [0]


def test_bytes_that_are_no_text_are_written_as_escapes(tmp_path: Path) -> None:
    raw = line("GET /cerca?q=@@ HTTP/1.1").encode().replace(b"@@", b"\xa7\xda")
    tables = cj.read_sources(make_client(tmp_path, LOG, a__log=raw + b"\n" + line("GET /café HTTP/1.1").encode()))
    assert events_of(tables).sort("source_row")["page"].to_list() == ["/cerca", "/café"]
    assert "lines_with_escaped_bytes:1" in tables.sources["flags"][0].to_list()


def test_packed_logs_of_a_rotation_are_one_source(tmp_path: Path) -> None:
    old = gzip.compress(line(at="09:50:00").encode() + b"\n", mtime=0)
    tables = cj.read_sources(make_client(tmp_path, LOG, a__log=line() + "\n", a__log__1__gz=old))
    assert tables.sources["rows_in"].to_list() == [1, 1]
    assert events_of(tables)["session_id"].n_unique() == 1


def test_fields_that_change_within_a_file_are_read_as_each_head_says(tmp_path: Path) -> None:
    text = (
        f"{IIS}{FIRST} GET /p - 192.0.2.1 {PLUS} - shop.example 200\n#Software: x\n#Date: 2026-07-02 08:00:00\n"
        f"#Fields: time c-ip cs-method cs-uri-stem sc-status cs(User-Agent)\n09:00:00 192.0.2.1 GET /q 200 {PLUS}\n"
    )
    events = events_of(cj.read_sources(make_client(tmp_path, LOG, a__log=text)))
    assert sorted(events.select("page", pl.col("timestamp").cast(pl.String)).rows()) == [
        ("/p", "2026-07-01 08:00:00.000000+00:00"),
        ("/q", "2026-07-02 09:00:00.000000+00:00"),
    ]


def test_the_host_that_asks_for_pictures_is_the_shops_own(tmp_path: Path) -> None:
    home = "https://www.shop.example/"
    requests = (
        line("GET /logo.png HTTP/1.1", referrer=home),
        line("GET /a HTTP/1.1", ip="192.0.2.1", referrer=home),
        line("GET /a HTTP/1.1", ip="192.0.2.2", referrer="https://www.google.es/"),
        line("GET /a HTTP/1.1", ip="192.0.2.3", referrer="https://blog.example/x"),
        line("GET /a HTTP/1.1", ip="192.0.2.4"),
        line("GET /a?utm_source=nova&utm_medium=email HTTP/1.1", ip="192.0.2.5"),
        line("GET /a HTTP/1.1", ip="192.0.2.6", referrer="https://www.paypal.com/"),
    )
    events = events_of(read(tmp_path, *requests)).sort("source_row")
    assert events["channel"].to_list() == [None, "Organic Search", "Referral", "Direct", "Email", None]
    other = read(tmp_path, *requests, more='[sources.constants]\nhostname = "blog.example"\n')
    assert events_of(other).sort("source_row")["channel"].to_list()[:3] == ["Referral", "Organic Search", None]


def test_no_key_joins_a_log(tmp_path: Path) -> None:
    client = make_client(tmp_path, LOG + 'keys = { user_id = "customer" }\n', a__log=line())
    assert faults_of(client) == [
        "client.toml, source 'log', keys.user_id: 'user_id' is no id of this source; this format has no ids that join"
    ]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=6), st.binary(max_size=60))
def test_no_text_breaks_the_reading_of_lines(texts: list[str], data: bytes) -> None:
    text, _, _ = decode_log(Opened("a", data + "\n".join(texts).encode("utf-8", "replace"), ""), None)
    lines = read_lines(text)
    rows = [each.rstrip("\r").lstrip(" \ufeff") for each in text.split("\n")]
    blank = re.compile(r"[^\S\x1c-\x1f]*")  # what separates records is no blank
    assert lines.height == sum(not blank.fullmatch(each) and not each.startswith("#") for each in rows)
    log_times(lines["text"], "Europe/Madrid")


def test_every_dialect_has_a_line_here() -> None:
    assert {each.name for each in dialects()} <= {dialect for _, dialect, *_ in LINES.values()}


REAL = SHARED / "samples" / "web_logs"


@pytest.mark.skipif(not REAL.is_dir(), reason="the real samples are not on this machine")
def test_a_real_log_has_the_counts_that_were_checked_by_hand(tmp_path: Path) -> None:
    data = (REAL / "apache_combined" / "access_2015-05-17_18.log").read_bytes()
    tables = cj.read_sources(make_client(tmp_path, LOG, a__log=data))
    flags = set(tables.sources["flags"][0].to_list())
    assert tables.sources["rows_in"].to_list() == [4525]
    assert {"addresses:890", "user_agents:339", "static_file:2169", "no_user_agent_requests:136"} <= flags
    bots = next(int(flag.partition(":")[2]) for flag in flags if flag.startswith("bot_requests"))
    assert bots >= 1123  # by the list of 2026-10; a later one knows more


@pytest.mark.skipif(not REAL.is_dir(), reason="the real samples are not on this machine")
@pytest.mark.parametrize("file", sorted((REAL / "matomo_log_formats").glob("*.log*")), ids=lambda file: file.name)
def test_every_line_of_the_real_dialects_is_read(tmp_path: Path, file: Path) -> None:
    (tmp_path / file.name).write_bytes(file.read_bytes())
    tables = cj.read_sources(make_client(tmp_path, f'[[sources]]\nid = "log"\npath = "{file.name}"\n'))
    assert "broken_line" not in tables.left_out["why"].to_list()
    assert tables.sources["rows_in"].item() >= 1
