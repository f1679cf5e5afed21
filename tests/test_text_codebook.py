"""The codebook: read from TOML with every fault, exchanged as REFI-QDA without loss, and hostile XML refused."""

from __future__ import annotations

import tomllib
from xml.etree.ElementTree import fromstring

import pytest
from fixtures.make_client import make_client
from hypothesis import given
from hypothesis import strategies as st

from cjtools.errors import ClientError, SourceError
from cjtools.text.codebook import Code, Codebook, from_qdc, load_codebook, to_qdc, to_toml

BOOK = """
[[codes]]
id = "fees"
kind = "theme"
label = { ca = "Despeses d'enviament", en = "Delivery fees" }
definition = { ca = "El preu apareix tard", en = "The cost appears late" }
include = "surprise at checkout"
exclude = "the price of the product"
examples = ["M'hi sumen 12 €"]

[[codes]]
id = "purchase"
kind = "stage"
label = "Buying"
"""

# As other tools write it: nested codes, a namespace prefix, codes that only group, no description, one name twice.
FOREIGN = """<?xml version="1.0" encoding="utf-8"?>
<q:CodeBook xmlns:q="urn:QDA-XML:codebook:1.0" origin="Some tool 15"><q:Codes>
 <q:Code guid="a" name="Journey" isCodable="false" color="#ff0000">
  <q:Code guid="b" name="Checkout  pain" isCodable="true"><q:Description>What hurts when paying</q:Description></q:Code>
  <q:Code guid="c" name="Stage" isCodable="false"><q:Code guid="d" name="Purchase" isCodable="true"/></q:Code>
 </q:Code>
 <q:Code guid="e" name="Checkout pain" isCodable="true"/>
</q:Codes><q:Sets/></q:CodeBook>"""


def test_a_codebook_holds_its_codes_and_those_of_the_clients_stages_and_touchpoints(tmp_path):
    book = load_codebook(make_client(tmp_path, codebook__toml=BOOK))
    assert book.codes[0].label == {"ca": "Despeses d'enviament", "en": "Delivery fees"}
    assert book.of("stage")[0].label == "Buying"
    assert {code.id for code in book.of("touchpoint")} == {"website", "product", "newsletter"}


def test_every_fault_of_a_codebook_is_told(tmp_path):
    wrong = BOOK.replace('"theme"', '"them"').replace("exclude =", "exlude =")
    with pytest.raises(ClientError) as error:
        load_codebook(make_client(tmp_path, codebook__toml=wrong))
    assert "kind" in str(error.value)
    assert "exlude" in str(error.value)


def test_a_code_that_stands_twice_is_a_fault(tmp_path):
    with pytest.raises(ClientError, match="a second theme of this id"):
        load_codebook(make_client(tmp_path, codebook__toml=BOOK + BOOK))


def test_a_codebook_comes_back_from_qdc_as_it_was(tmp_path):
    book = Codebook.model_validate(tomllib.loads(BOOK))
    back = from_qdc(to_qdc(book, language="ca", client_id="acme"), language="ca")
    assert {code.id: code.kind for code in back.codes} == {"purchase": "stage", "fees": "theme"}
    fees = next(code for code in back.codes if code.id == "fees")
    assert fees.label == {"ca": "Despeses d'enviament"}
    assert fees.definition == {"ca": "El preu apareix tard"}
    assert (fees.include, fees.exclude) == ({"ca": "surprise at checkout"}, {"ca": "the price of the product"})
    assert fees.examples == ("M'hi sumen 12 €",)


def test_the_same_code_has_the_same_guid_at_every_export():
    book = Codebook.model_validate(tomllib.loads(BOOK))
    one, two = (to_qdc(book, language=language, client_id="acme") for language in ("ca", "en"))
    guids = [[element.get("guid") for element in fromstring(text).iter() if element.get("guid")] for text in (one, two)]
    assert guids[0] == guids[1]
    assert to_qdc(book, language="ca", client_id="other") != one


def test_the_codebook_of_another_tool_is_read():
    codes = from_qdc(FOREIGN, language="en").codes
    assert [(code.id, code.kind) for code in codes] == [
        ("checkout-pain", "theme"),
        ("purchase", "stage"),
        ("checkout-pain-2", "theme"),
    ]
    assert codes[0].definition == {"en": "What hurts when paying"}


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "no xml",
        "<Project/>",
        '<!DOCTYPE x [<!ENTITY a "b">]><CodeBook>&a;</CodeBook>',
        "<CodeBook><Codes></CodeBook>",
    ],
)
def test_what_is_no_codebook_is_refused(xml):
    with pytest.raises(SourceError, match=r"codebook\.qdc"):
        from_qdc(xml, language="en")


def test_deep_nesting_does_not_exhaust_the_stack():
    deep = '<Code guid="x" name="n" isCodable="false">' * 2000 + "</Code>" * 2000
    assert from_qdc(f"<CodeBook><Codes>{deep}</Codes></CodeBook>", language="en").codes == ()


text = st.text(max_size=40)


@given(text, text, text)
def test_any_text_survives_toml_and_yields_xml_that_parses(label, definition, example):
    book = Codebook(codes=(Code(id="a", label={"en": label}, definition=definition, examples=(example,)),))
    assert Codebook.model_validate(tomllib.loads(to_toml(book))) == book
    from_qdc(to_qdc(book, language="en", client_id="acme"), language="en")
