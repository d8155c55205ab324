"""Event streams: the same answer wherever the stream is cut, nothing held back beyond the event that is not whole."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.errors import Unchecked
from safeguard.formats.events import Splitter
from safeguard.pipeline import Exchange, Result
from tests.formats.fake import BAD, pipeline

PIPELINE = pipeline()
EXCHANGE = Exchange("https://site.test/live", "site.test", "text/event-stream")
CLEAN = b'\xef\xbb\xbf: hello\n\nevent: a\r\ndata: {"text": "fine"}\r\nid: 1\r\n\r\ndata: plain\ndata: two lines\n\nretry: 5\r\r'
DIRTY = b'data: {"text":\ndata: "' + BAD.encode() + b'", "n": 1}\nid: 7\n\ndata:' + BAD.encode() + b"\n\n"


def through(stream: bytes, cuts: list[int]) -> bytes:
    events = PIPELINE.event_filter(EXCHANGE)
    edges = [0, *sorted(c % (len(stream) + 1) for c in cuts), len(stream)]
    return b"".join(events.feed(stream[a:b]) for a, b in pairwise(edges)) + events.end()


@given(st.lists(st.integers(0, 10**6), max_size=12))
def test_cut_anywhere_a_clean_stream_is_untouched(cuts: list[int]) -> None:
    assert through(CLEAN, cuts) == CLEAN


@given(st.lists(st.integers(0, 10**6), max_size=12))
def test_cut_anywhere_the_text_is_gone_and_the_rest_stays(cuts: list[int]) -> None:
    out = through(CLEAN + DIRTY + CLEAN, cuts)
    assert BAD.encode() not in out
    assert out.startswith(CLEAN)
    assert out.endswith(CLEAN)
    changed = out[len(CLEAN) : -len(CLEAN)].split(b"\n\n")[0].decode().splitlines()
    assert json.loads("\n".join(line[6:] for line in changed if line.startswith("data: ")))["n"] == 1
    assert changed[-1] == "id: 7"


def test_each_event_goes_out_as_soon_as_it_is_whole() -> None:
    events = PIPELINE.event_filter(EXCHANGE)
    assert events.feed(b"data: one\n") == b""
    assert events.feed(b"\ndata: tw") == b"data: one\n\n"
    assert events.feed(b"o\r\n\r\n") == b"data: two\r\n\r\n"


def test_text_over_two_lines_goes_whole() -> None:
    out = through(b"data: verboten words\ndata:  here\nid: 3\n\n", [])
    assert b"verboten" not in out or b"here" not in out
    assert b"id: 3\n\n" in out


def test_an_endless_event_is_unchecked() -> None:
    splitter = Splitter(most=1000)
    with pytest.raises(Unchecked):
        splitter.feed(b"data: " + b"x" * 1001)


def test_a_whole_stream_as_a_body() -> None:
    assert PIPELINE.check_body(EXCHANGE, CLEAN).result is Result.PASS
    assert PIPELINE.check_body(EXCHANGE, DIRTY).hidden == 2


@given(st.binary(max_size=300))
def test_any_bytes_never_crash(raw: bytes) -> None:
    assert through(raw, [7, 50]) == raw
