"""Every real file of ../shared/samples is read, by its own format or by a mapping, and gives the checked numbers.

`ASIDE` are the files that are no evidence themselves: notes on the origin, labels of texts, rows of a lookup.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import SHARED
from fixtures.make_client import make_client

import cjtools as cj

SAMPLES = SHARED / "samples"
pytestmark = pytest.mark.skipif(not SAMPLES.exists(), reason="../shared/samples is not there")

RETAIL = "retail_pos_loyalty/complete_journey_60_households"
KEY = 'timezone = "America/New_York"\nkeys = { household_id = "household" }\n'
TEXTS = (
    'format = "table"\nkind = "mentions"\ncolumns = ["text"]\ndelimiter = "\\t"\nquote = ""\n'
    '[sources.mapping]\ntext = "text"\n[sources.constants]\nsaid_at = "2020-01-01"\n'
)

DETECT = 'format = "detect"\n'
CAPTIONS = 'format = "detect"\nconsent = "internal"\nparticipant = "P01"\n'

# Of each file: what stands below [[sources]], and rows in, used, rejected, merged.
FILES: dict[str, tuple[str, tuple[int, int, int, int]]] = {
    f"{RETAIL}/transactions.csv.gz": (
        'format = "table"\nkind = "orders"\n' + KEY + '[sources.mapping]\norder_id = "basket_id"\n'
        'ordered_at = "transaction_timestamp"\nprofile = "household_id"\nproduct_id = "product_id"\n'
        'quantity = "quantity"\nline_total = "sales_value"\n[sources.constants]\nenvironment = "offline"\n'
        f'[sources.lookup]\npath = "{RETAIL}/products.csv"\non = "product_id"\npartial = true\n',
        (78_062, 78_062, 0, 0),
    ),
    f"{RETAIL}/campaigns.csv": (
        'format = "table"\nkind = "events"\n' + KEY + '[sources.mapping]\ntimestamp = "start_date"\n'
        'profile = "household_id"\ncampaign = "campaign_id"\n[sources.constants]\nactivity = "mailing"\n'
        f'[sources.lookup]\npath = "{RETAIL}/campaign_descriptions.csv"\non = "campaign_id"\n',
        (365, 365, 0, 0),
    ),
    f"{RETAIL}/coupon_redemptions.csv": (
        'format = "table"\nkind = "events"\n' + KEY + '[sources.mapping]\ntimestamp = "redemption_date"\n'
        'profile = "household_id"\ncampaign = "campaign_id"\n[sources.constants]\nactivity = "coupon_redeem"\n',
        (341, 341, 0, 0),
    ),
    f"{RETAIL}/demographics.csv": (
        'format = "table"\nkind = "profiles"\n' + KEY + '[sources.mapping]\nprofile = "household_id"\n'
        '[sources.dimensions]\nage = "age"\nincome = "income"\nkids = "kids_count"\n',
        (60, 60, 0, 0),
    ),
    "orders/cdnow_sample/CDNOW_sample.txt": (
        ('format = "table"\nkind = "orders"\ntimezone = "America/New_York"\ndate_format = "%Y%m%d"\n'
        'columns = ["master", "customer", "day", "discs", "amount"]\ndelimiter = " "\n'
        '[sources.mapping]\nordered_at = "day"\nprofile = "customer"\ntotal = "amount"\n'
        '[sources.constants]\nenvironment = "online"\norder_id = "row"\n'),
        (6_919, 6_919, 0, 0),
    ),
    "reviews/anonymous_star_reviews/anonreviews_2006_part.csv": (
        ('format = "table"\nkind = "reviews"\ntimezone = "UTC"\nrating_scale = [0, 5]\n[sources.mapping]\n'
        'said_at = "date"\nauthor = "reviewerId"\nrating = "rating"\n'),
        (60_000, 59_870, 0, 130),
    ),
    "social/x_tweets_csv/tweets_part1.csv": (
        ('format = "table"\nkind = "mentions"\ntimezone = "UTC"\n[sources.mapping]\nmention_id = "id"\n'
        'said_at = "created_at"\ntext = "text"\nauthor = "screen_name"\n'),
        (6_000, 5_978, 0, 22),
    ),
    "social/mastodon_statuses_json/public_timeline.json": ('format = "mastodon"\n', (8, 8, 0, 0)),
    "social/mastodon_statuses_json/account_statuses.json": ('format = "mastodon"\n', (1, 0, 1, 0)),
    "social/reddit_api_json/comments_fo7p5b.json": ('format = "reddit"\n', (493, 483, 10, 0)),
    "social/reddit_api_json/listing_domain_new.json": ('format = "reddit"\n', (100, 99, 0, 1)),
    "social/vader_tweets_groundtruth/tweets_GroundTruth.txt": (
        ('format = "table"\nkind = "mentions"\ncolumns = ["id", "mean", "text"]\ndelimiter = "\\t"\nlanguage = "en"\n'
        '[sources.mapping]\nmention_id = "id"\ntext = "text"\n[sources.constants]\nsaid_at = "2014-01-01"\n'),
        (4_200, 4_200, 0, 0),
    ),
    "social/tweets_it_es_en_labelled/italian_val_text.txt": (TEXTS, (324, 324, 0, 0)),
    "social/tweets_it_es_en_labelled/spanish_val_text.txt": (TEXTS, (324, 324, 0, 0)),
    "social/tweets_it_es_en_labelled/english_val_text.txt": (TEXTS, (324, 324, 0, 0)),
    "surveys/qualtrics_v3/sample.csv": ('format = "detect"\n', (1, 1, 0, 0)),
    "surveys/surveymonkey_starwars/StarWars.csv": ('format = "detect"\nencoding = "cp1252"\n', (1_186, 1_186, 0, 0)),
    "surveys/surveymonkey_onerow/flying-etiquette.csv": ('format = "surveymonkey"\n', (1_040, 1_040, 0, 0)),
    "surveys/surveymonkey_onerow/weather-check.csv": ('format = "surveymonkey"\n', (928, 928, 0, 0)),
    "web_analytics/snowplow_events/snowplow_web_events.csv": ('format = "detect"\n', (160, 157, 0, 3)),
    "web_logs/apache_combined/access_2015-05-17_18.log": ('format = "detect"\n', (4_525, 2_037, 2_488, 0)),
    "qda/qdpx_qc_demo/demo.qdpx": ('format = "detect"\nconsent = "internal"\n', (158, 158, 0, 0)),
    "interviews/changelog_md/founders-talk-59.md": (
        ('format = "detect"\nconsent = "public"\n[sources.speakers]\n"Adam Stacoviak" = "interviewer"\n'
        '"Kyle Mathews" = "participant"\n'),
        (154, 152, 2, 0),
    ),
    "interviews/changelog_md/founders-talk-52.md": (
        ('format = "detect"\nconsent = "public"\n[sources.speakers]\n"Adam Stacoviak" = "interviewer"\n'
        '"Pia Mancini" = "participant"\n'),
        (185, 184, 1, 0),
    ),
    **{
        f"interviews/webvtt_srt_edge_cases/{name}": (CAPTIONS, (cues, 1, 0, cues - 1))  # one speaker, one turn
        for name, cues in (
            ("sample.vtt", 16), ("youtube_dl.vtt", 4), ("captions_with_bom.vtt", 4), ("cue_tags.vtt", 3),
            ("comments.vtt", 3), ("sample.srt", 5), ("two_captions.sbv", 2),
        )
    },
    **{
        f"web_analytics/ga4_bigquery_events/{name}_input.ndjson": (DETECT, (rows, rows, 0, 0))
        for name, rows in (("custom_event_id", 1), ("form_events", 4), ("purchase", 1), ("source_medium", 3))
    },
    **{
        f"web_logs/matomo_log_formats/{name}": (DETECT, (lines, used, lines - used, 0))  # the others are redirects
        for name, lines, used in (
            ("common.log", 1, 0), ("common.log.gz", 1, 0), ("common_complete.log", 1, 0), ("common_vhost.log", 1, 0),
            ("common_encoding_big5.log", 1, 0), ("iis.log", 1, 1), ("logs_to_tests.log", 4, 0),
            ("ncsa_extended.log", 1, 0), ("nginx_json.log", 2, 0), ("s3.log", 1, 1),
        )
    },
}  # fmt: skip
ASIDE = (
    "SOURCE.md",
    "ORACLES.md",
    "_labels.txt",
    "_input.js",  # the GA4 rows of the .ndjson beside it, as a program
    "products.csv",
    "campaign_descriptions.csv",
    "coupons.csv.gz",
    "snowplow_web_ua_context.csv",  # what the warehouse derives of the events' user agents
    "snowplow_web_spider_context.csv",
)


def test_every_file_is_read_or_aside() -> None:
    there = {file.relative_to(SAMPLES).as_posix() for file in SAMPLES.rglob("*") if file.is_file()}
    assert {name for name in there if not name.endswith(ASIDE)} == FILES.keys()


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_gives_the_checked_numbers(name: str, tmp_path: Path) -> None:
    toml, counts = FILES[name]
    for file in (name, *(f"{RETAIL}/{other}" for other in ("products.csv", "campaign_descriptions.csv"))):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLES / file, tmp_path / file)
    tables = cj.read_sources(make_client(tmp_path, f'[[sources]]\nid = "real"\npath = "{name}"\n{toml}'))
    found = tables.sources.select("rows_in", "rows_used", "rows_rejected", "rows_merged").sum().row(0)
    assert found == counts
