"""Answers in parts: each judged as the body it is, the same wherever the stream is cut, what stands between them byte for byte."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.errors import Unchecked
from safeguard.formats.multipart import Splitter
from safeguard.pipeline import Exchange, Result
from tests.formats.fake import BAD, pipeline

PIPELINE = pipeline()
TYPE = 'multipart/mixed; boundary="-"; deferSpec=20220824'
EXCHANGE = Exchange("https://site.test/graphql", "site.test", TYPE, dest="empty")


def part(body: str, content_type: str = "application/json; charset=utf-8", length: bool = True) -> str:
    told = f"Content-Length: {len(body.encode())}\r\n" if length else ""
    return f"\r\n---\r\nContent-Type: {content_type}\r\n{told}\r\n{body}"


def deferred(*texts: str, length: bool = True) -> bytes:
    """A first answer, then the comments one by one, as Relay and Apollo read them."""
    first = json.dumps({"data": {"post": {"text": "a post 😀"}}, "hasNext": True}, ensure_ascii=False)
    rest = [json.dumps({"incremental": [{"data": {"comment": {"body": t}}, "path": ["x"]}], "hasNext": True}) for t in texts]
    return ("".join(part(b, length=length) for b in (first, *rest, '{"hasNext":false}')) + "\r\n-----\r\n").encode()


CLEAN = deferred("good morning", "fine")
DIRTY = deferred("good morning", f"you {BAD}", "fine")


def through(stream: bytes, cuts: list[int], exchange: Exchange = EXCHANGE) -> bytes:
    events = PIPELINE.event_filter(exchange)
    edges = [0, *sorted(c % (len(stream) + 1) for c in cuts), len(stream)]
    return b"".join(events.feed(stream[a:b]) for a, b in pairwise(edges)) + events.end()


def bodies(stream: bytes) -> list[bytes]:
    """The parts' bodies as a client reads them, each as long as its header says."""
    out = []
    for piece in stream.split(b"\r\n---\r\n")[1:]:
        head, _, body = piece.partition(b"\r\n\r\n")
        body = body.removesuffix(b"\r\n-----\r\n")
        if m := re.search(rb"Content-Length: (\d+)", head):
            assert int(m[1]) == len(body)
        out.append(body)
    return out


@given(st.lists(st.integers(0, 10**6), max_size=12))
def test_cut_anywhere_a_clean_answer_is_untouched(cuts: list[int]) -> None:
    assert through(CLEAN, cuts) == CLEAN


@given(st.lists(st.integers(0, 10**6), max_size=12))
def test_cut_anywhere_the_text_is_gone_and_the_other_parts_stay(cuts: list[int]) -> None:
    out = through(DIRTY, cuts)
    assert BAD.encode() not in out
    before, after = bodies(DIRTY), bodies(out)
    assert len(before) == len(after) == 5
    assert [a for i, a in enumerate(after) if i != 2] == [b for i, b in enumerate(before) if i != 2]
    assert json.loads(after[2])["incremental"][0]["path"] == ["x"]


def test_each_part_goes_out_as_soon_as_it_is_whole() -> None:
    events = PIPELINE.event_filter(EXCHANGE)
    first = part('{"data":{}}').encode()
    assert events.feed(first) == b"\r\n---"
    assert events.feed(b"\r\n---") == first[5:] + b"\r\n---"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(deferred("a", BAD, length=False), id="without lengths"),
        pytest.param(deferred("a", BAD)[2:], id="begins with the boundary"),
        pytest.param(deferred("a", BAD).replace(b"\r\n", b"\n"), id="bare line ends"),
        pytest.param(b"words before" + deferred("a", BAD) + b"words behind", id="words around"),
        pytest.param(
            (part("<p>fine</p>", "text/html; charset=utf-8") + part(f"<p>{BAD}</p>", "text/html; charset=utf-8")).encode(), id="HTML"
        ),
        pytest.param(b'\r\n---\r\n\r\n{"a": "' + BAD.encode() + b'"}\r\n-----', id="no headers"),
    ],
)
def test_the_text_goes(body: bytes) -> None:
    outcome = PIPELINE.check_body(EXCHANGE, body)
    assert outcome.result is Result.EDIT
    assert BAD.encode() not in outcome.body
    start = body.index(b"---")
    assert outcome.body.startswith(body[: start + 3])
    clean = body.replace(BAD.encode(), b"good words in here.")  # of the same length
    assert PIPELINE.check_body(EXCHANGE, clean).body is clean


@pytest.mark.parametrize("boundary", ["", "; boundary=-", '; boundary="-"', ";Boundary=-;x=1"])
def test_the_boundary_is_the_headers_or_graphqls_own(boundary: str) -> None:
    exchange = Exchange("https://site.test/graphql", "site.test", f"multipart/mixed{boundary}")
    assert bodies(through(DIRTY, [], exchange))[0] == bodies(DIRTY)[0]


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("Content-Encoding: br", "encoding"),
        ("Content-Transfer-Encoding: base64", "encoding"),
        ("Content-Type: multipart/mixed; boundary=x", "parts itself"),
        ("Content-Type: application/x-protobuf", "cannot be read"),
    ],
)
def test_a_part_that_cannot_be_read_is_unchecked(head: str, why: str) -> None:
    outcome = PIPELINE.check_body(EXCHANGE, f"\r\n---\r\n{head}\r\n\r\nabc\r\n-----\r\n".encode())
    assert outcome.result is Result.UNCHECKED
    assert why in outcome.why
    assert len(outcome.incidents) == 1


def test_an_endless_part_is_unchecked() -> None:
    splitter = Splitter(TYPE, most=1000)
    with pytest.raises(Unchecked):
        splitter.feed(b"\r\n---\r\n\r\n" + b"x" * 1001)


@given(st.lists(st.sampled_from([b"\r\n", b"-", b"---", b"--", b"Content-Type: x/y", b"Content-Length: 3", b":", b"{}", b"ab", b"\xff"])))
def test_any_parts_are_untouched(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)
    assert PIPELINE.check_body(EXCHANGE, raw).body == raw
    assert through(raw, [3, 8, 20]) == raw
