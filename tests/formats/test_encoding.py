"""Content-Encoding: what browsers unpack we unpack, bombs stop at the limit, everything odd is Unchecked."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from contextlib import suppress

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from safeguard.errors import Unchecked
from safeguard.formats.encoding import DECODERS, decode, is_small


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACK = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstandard.compress}
EVERY = pytest.mark.parametrize("name", PACK)


@EVERY
@given(data=st.binary(max_size=5000))
def test_round_trip(name: str, data: bytes) -> None:
    assert decode(PACK[name](data), name.upper()) == data


def test_bare_deflate_and_old_name_of_gzip() -> None:
    assert decode(raw_deflate(b"hello" * 99), "deflate") == b"hello" * 99
    assert decode(gzip.compress(b"hello"), "x-gzip") == b"hello"


@EVERY
def test_twice_encoded_is_undone_in_the_right_order(name: str) -> None:
    assert decode(gzip.compress(PACK[name](b"hello")), f"{name}, gzip") == b"hello"


def test_identity_leaves_the_very_same_object() -> None:
    data = b"hello"
    assert decode(data, "identity") is data
    assert decode(data, "") is data


@EVERY
@pytest.mark.parametrize("spoil", [lambda d: d[:-1], lambda d: d[: len(d) // 2], lambda d: d + b"more", lambda d: b"\xff" + d])
def test_spoilt_data_is_unchecked(name: str, spoil: object) -> None:
    data = PACK[name](bytes(range(256)) * 20)
    with pytest.raises(Unchecked):
        decode(spoil(data), name)  # type: ignore[operator]


@EVERY
def test_a_bomb_stops_at_the_limit_without_being_allocated(name: str) -> None:
    bomb = PACK[name](bytes(2**27))
    tracemalloc.start()
    try:
        with pytest.raises(Unchecked, match="over 1 MiB"):
            decode(bomb, name, 2**20)
        assert tracemalloc.get_traced_memory()[1] < 2**25
    finally:
        tracemalloc.stop()


def test_a_bomb_inside_a_bomb_is_not_allocated_at_any_layer() -> None:
    bomb = gzip.compress(gzip.compress(bytes(2**27)))
    tracemalloc.start()
    try:
        with pytest.raises(Unchecked, match="over 1 MiB"):
            decode(bomb, "gzip, gzip", 2**20)
        assert tracemalloc.get_traced_memory()[1] < 2**22
    finally:
        tracemalloc.stop()


def test_a_layer_larger_than_the_limit_is_refused_though_what_is_in_it_is_small() -> None:
    inner = zlib.compress(b"hello", 0) + bytes(2**21)  # the browser's own reading of the rest is not asked
    with pytest.raises(Unchecked):
        decode(gzip.compress(inner), "deflate, gzip", 2**20)


@EVERY
def test_small_is_what_is_small_packed_and_unpacked(name: str) -> None:
    assert is_small(PACK[name](bytes(1000)), name, 1000)
    assert not is_small(PACK[name](bytes(1001)), name, 1000)
    assert not is_small(b"broken", name, 1000)
    assert is_small(bytes(1000), "", 1000)
    assert not is_small(bytes(1001), "", 1000)


@pytest.mark.parametrize("header", ["rot13", "gzip, dcb", "dcz", "gzip;q=1", "gzip, gzip, gzip, gzip", "compress"])
def test_unknown_encodings_are_unchecked(header: str) -> None:
    with pytest.raises(Unchecked):
        decode(b"x", header)


def test_plain_body_over_the_limit() -> None:
    with pytest.raises(Unchecked):
        decode(bytes(2**20 + 1), "", 2**20)


@given(st.binary(max_size=200), st.sampled_from(sorted(DECODERS)))
def test_any_bytes_are_decoded_or_unchecked(data: bytes, name: str) -> None:
    with suppress(Unchecked):
        decode(data, name, 2**20)
