"""Erlang's terms: read as the JSON they stand for, changed in their strings alone, and any bytes are a term or Unchecked."""

from __future__ import annotations

import json
import struct
import zlib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.errors import Unchecked
from safeguard.formats.etf import read_term
from safeguard.pipeline import Exchange, Result
from tests.formats.fake import BAD, pipeline

LIMIT = 2**20
EXCHANGE = Exchange("wss://gateway.site.test/?encoding=etf&v=10", "gateway.site.test")
EVENT = {
    "op": 0,
    "t": "MESSAGE_CREATE",
    "s": 300,
    "d": {
        "content": "%s",
        "id": 2**70,
        "nick": None,
        "tts": False,
        "score": 1.5,
        "mentions": [],
        "author": {"username": "ann"},
        "nonce": "ö 😀",
    },
}


def term(value: Any) -> bytes:
    """As erlpack writes it, by its documentation."""
    return b"\x83" + _term(value)


def _term(value: Any, key: bool = False) -> bytes:
    if value is None or isinstance(value, bool):
        word = b"nil" if value is None else str(value).lower().encode()
        return b"s" + bytes([len(word)]) + word
    if isinstance(value, str):
        data = value.encode()
        return b"w" + bytes([len(data)]) + data if key and len(data) < 256 else b"m" + struct.pack(">I", len(data)) + data
    if isinstance(value, float):
        return b"F" + struct.pack(">d", value)
    if isinstance(value, int):
        if 0 <= value < 256:
            return b"a" + bytes([value])
        if -(2**31) <= value < 2**31:
            return b"b" + struct.pack(">i", value)
        size = (abs(value).bit_length() + 7) // 8
        return b"n" + bytes([size, value < 0]) + abs(value).to_bytes(size, "little")
    if isinstance(value, list):
        return b"l" + struct.pack(">I", len(value)) + b"".join(map(_term, value)) + b"j" if value else b"j"
    return b"t" + struct.pack(">I", len(value)) + b"".join(_term(k, True) + _term(v) for k, v in value.items())


def said(text: str) -> Any:
    return json.loads(json.dumps(EVENT).replace("%s", text))


def test_a_message_is_changed_in_its_text_alone() -> None:
    outcome = pipeline().check_message(EXCHANGE, term(said(BAD)))
    assert outcome.result is Result.EDIT
    start = outcome.body.index(b"m", outcome.body.index(b"content"))
    size = int.from_bytes(outcome.body[start + 1 : start + 5])
    notice = outcome.body[start + 5 : start + 5 + size].decode()
    assert BAD not in notice
    assert outcome.body == term(said(notice))


def test_a_clean_message_is_untouched() -> None:
    raw = term(said("good morning"))
    assert pipeline().check_message(EXCHANGE, raw).body is raw


def test_a_packed_term() -> None:
    inner = term(said(BAD))[1:]
    packed = b"\x83P" + struct.pack(">I", len(inner)) + zlib.compress(inner)
    body = pipeline().check_message(EXCHANGE, packed).body
    assert BAD.encode() not in body
    assert json.loads(read_term(body, LIMIT).json)["d"]["nonce"] == "ö 😀"
    with pytest.raises(Unchecked):
        read_term(packed, 10)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\x83h\x02m\0\0\0\x01aj", '["a",[]]'),
        (b"\x83k\0\x02hi", '"hi"'),
        (b"\x83d\0\x03any", '"any"'),
        (b"\x83t\0\0\0\x01a\x05s\x04true", '{"0":true}'),
        (b"\x83c" + bytes(31), "0"),
        (b'\x83m\0\0\0\x02\xff"', '"\udcff\\""'),
    ],
)
def test_other_terms(raw: bytes, text: str) -> None:
    found = read_term(raw, LIMIT)
    assert found.json == text
    assert found.holding(text) == raw


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"\x83m\0\0\0\x05abc", id="cut off"),
        pytest.param(b"\x83jj", id="two terms"),
        pytest.param(b"\x83\x01", id="unknown tag"),
        pytest.param(b"\x83" + b"l\0\0\0\x01" * 500, id="deep"),
        pytest.param(b"\x83l\xff\xff\xff\xffj", id="a list of 4 billion"),
        pytest.param(b"\x83l\0\0\0\x01jm\0\0\0\0", id="an improper list"),
        pytest.param(b"\x83t\0\0\0\x01jj", id="a list as a key"),
        pytest.param(b"\x83P\0\0\0\x09nothing", id="broken zlib"),
    ],
)
def test_what_is_no_term_is_unchecked(raw: bytes) -> None:
    with pytest.raises(Unchecked):
        read_term(raw, LIMIT)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


def _shadow(value: Any) -> Any:
    """What the readers see: numbers are no texts."""
    if isinstance(value, list):
        return [_shadow(v) for v in value]
    if isinstance(value, dict):
        return {k: _shadow(v) for k, v in value.items()}
    return value if value is None or isinstance(value, bool | str) else 0


@given(VALUES)
def test_any_value_is_read_as_its_json(value: Any) -> None:
    found = read_term(term(value), LIMIT)
    assert json.loads(found.json) == _shadow(value)
    assert found.holding(found.json) == term(value)


@given(st.lists(st.sampled_from([b"m\0\0\0\x01a", b"l\0\0\0\x02", b"t\0\0\0\x01", b"j", b"a", b"s\x03nil", b"n\x02", b"\0", b"\xff"])))
def test_any_bytes_are_a_term_or_unchecked(pieces: list[bytes]) -> None:
    with suppress(Unchecked):
        raw = b"\x83" + b"".join(pieces)
        found = read_term(raw, LIMIT)
        json.loads(found.json)
        assert found.holding(found.json) == raw
