"""The table of body classes, and what a lying content type does not hide."""

from __future__ import annotations

import pytest

from safeguard.errors import Unchecked
from safeguard.formats.bodies import Kind, classify, is_binary, is_streamed, read
from safeguard.formats.sites.model import Opaque, SiteProfile
from safeguard.pipeline import Exchange, Result
from tests.formats.fake import BAD, pipeline

SITE = SiteProfile("s", "S", ("site.test",), scripts=("/jsonp/",), opaque=Opaque.NOT_PROTECTED)


@pytest.mark.parametrize(
    ("content_type", "dest", "expected"),
    [
        ("text/html; charset=utf-8", "document", Kind.HTML),
        ("application/json", "empty", Kind.JSON),
        ("application/vnd.linkedin.normalized+json+2.1", "empty", Kind.SNIFF),
        ("application/activity+json", "empty", Kind.JSON),
        ("application/x-ndjson", "empty", Kind.JSON),
        ("text/event-stream", "empty", Kind.EVENTS),
        ("application/rss+xml", "document", Kind.XML),
        ("text/vtt", "track", Kind.CAPTIONS),
        ("text/plain", "empty", Kind.TEXT),
        ("image/svg+xml", "document", Kind.XML),
        ("image/svg+xml", "image", Kind.STATIC),
        ("image/webp", "image", Kind.STATIC),
        ("video/mp4", "video", Kind.STATIC),
        ("video/mp4", "empty", Kind.MEDIA),
        ("text/css", "style", Kind.STATIC),
        ("text/css", "document", Kind.TEXT),
        ("text/css", "empty", Kind.TEXT),
        ("font/woff2", "font", Kind.STATIC),
        ("application/wasm", "empty", Kind.MEDIA),
        ("text/javascript", "script", Kind.STATIC),
        ("application/json", "script", Kind.STATIC),
        ("text/javascript", "empty", Kind.SCRIPT),
        ("application/x-protobuf", "empty", Kind.OPAQUE),
        ("application/grpc-web+proto", "empty", Kind.OPAQUE),
        ("application/octet-stream", "empty", Kind.SNIFF),
        ("", "empty", Kind.SNIFF),
    ],
)
def test_table(content_type: str, dest: str, expected: Kind) -> None:
    assert classify(content_type, dest) is expected
    assert is_streamed(content_type, dest) is (expected is Kind.STATIC)


def test_a_profile_marks_scripts_that_carry_texts() -> None:
    assert classify("text/javascript", "script", "https://site.test/jsonp/1", SITE) is Kind.SCRIPT


def test_a_download_is_streamed() -> None:
    assert classify("text/html", "document", attachment=True) is Kind.STATIC
    assert classify("application/json", "empty", attachment=True) is Kind.JSON


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        pytest.param("text/plain", '{"a": "%s"}', id="JSON as text"),
        pytest.param("application/octet-stream", '{"a": "%s"}', id="JSON as octet-stream"),
        pytest.param("", "<!doctype html><p>%s", id="HTML without a type"),
        pytest.param("text/plain", "<p>%s", id="HTML as text"),
        pytest.param("application/json", "<p>%s</p>", id="HTML as JSON"),
        pytest.param("application/json", 'Sorry, %s, said "somebody"', id="text as JSON"),
        pytest.param("text/javascript", "\"use strict\";x='%s'", id="script that begins with a string"),
        pytest.param("multipart/mixed; boundary=x", '--x\r\nContent-Type: application/json\r\n\r\n{"a": "%s"}\r\n--x--', id="multipart"),
        pytest.param("text/html", '{"a": "\\u0076%s"}', id="JSON as HTML"),
        pytest.param("application/x-unheard-of", '{"a": "%s"}', id="unknown type"),
        pytest.param("text/plain", "first\n\nthen %s\n\nlast", id="text"),
        pytest.param("text/vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n%s\n", id="captions"),
        pytest.param("application/rss+xml", "<rss><item><description>&lt;p&gt;%s&lt;/p&gt;</description></item></rss>", id="feed"),
        pytest.param(
            "application/rss+xml", "<rss><item><description><![CDATA[<p>%s</p>]]></description></item></rss>", id="feed with CDATA"
        ),
        pytest.param("image/svg+xml", "<svg><text>%s</text></svg>", id="drawing as a page"),
        pytest.param("text/javascript", "cb({a: '%s'})", id="JSONP to a fetch"),
    ],
)
def test_goes(content_type: str, body: str) -> None:
    outcome = pipeline().check_body(Exchange("https://site.test/", "site.test", content_type), body.replace("%s", BAD).encode())
    assert outcome.result is Result.EDIT
    assert BAD not in outcome.body.decode()
    head, tail = body.split("%s")
    assert outcome.body.decode().startswith(head.removesuffix("\\u0076").removesuffix("then ").removesuffix("Sorry, "))
    assert outcome.body.decode().endswith(tail.removeprefix(', said "somebody"'))


@pytest.mark.parametrize("content_type", ["application/x-protobuf", "application/octet-stream", ""])
def test_binary_answers(content_type: str) -> None:
    exchange = Exchange("https://site.test/", "site.test", content_type, dest="empty")
    raw = b"\x0a\x05hello\x12\x00" + BAD.encode()
    assert pipeline().check_body(exchange, raw).result is Result.UNCHECKED
    assert pipeline(SITE).check_body(exchange, raw).body is raw


@pytest.mark.parametrize(
    ("head", "binary"),
    [
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"XMP description " * 60, True, id="a picture with much text in it"),
        pytest.param(b"\0\0\0\x18ftypisom" + bytes(100), True, id="film"),
        pytest.param(bytes(range(256)), True, id="the middle of a film"),
        pytest.param(b"BM says the car is good", False, id="text that begins like a picture"),
        pytest.param("доброе утро".encode()[:-1], False, id="text cut inside a letter"),
        pytest.param(b'{"a": "\xff", "b": "hello hello"}', False, id="JSON with a broken letter"),
        pytest.param(b"", False, id="nothing"),
    ],
)
def test_binary_is_told_by_the_beginning(head: bytes, binary: bool) -> None:
    assert is_binary(head) is binary


def test_xml_with_entities_of_its_own_is_unchecked() -> None:
    with pytest.raises(Unchecked, match="entities"):
        read(b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "text/xml")
