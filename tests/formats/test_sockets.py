"""Live connections whose messages come in bytes: unpacked and packed again, known by their protocol, or told as what cannot be read."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from safeguard.formats.sites.model import OnError, Opaque, SiteProfile
from safeguard.pipeline import Exchange, MessageFilter, Outcome, Result
from safeguard.policy.incident import Incident
from tests.formats.fake import BAD, pipeline

LIMIT = 2**20
URL = "wss://gateway.site.test/?encoding=json&v=9"
CONNECT = b"\x10\x25\0\x04MQTT\x04\x02\0\x3c" + bytes(27)
MESSENGER = b"\x10\x80\x01\0\x06MQIsdp\x03"
CONNACK = b"\x20\x02\0\0"
NOISE = b"WA\x06\x03\0\0\x24" + bytes(36)
UNKNOWN = b"\x01\x00\xfe\x80 abc"


def connection(url: str = URL, told: list[Incident] | None = None, protocol: str = "", **site: object) -> MessageFilter:
    profile = SiteProfile("s", "S", ("site.test",), **site)  # type: ignore[arg-type]
    line = pipeline(profile, limit=LIMIT)
    line.sink = (told if told is not None else []).append
    return line.message_filter(Exchange(url, "gateway.site.test", headers=(("sec-websocket-protocol", protocol),)))


def event(text: str) -> str:
    return json.dumps({"t": "MESSAGE_CREATE", "d": {"content": text, "id": 1}})


def checked(messages: MessageFilter, data: str | bytes) -> Outcome:
    outcome = messages.check(data)
    assert outcome is not None
    return outcome


class Zlib:
    name = "zlib-stream"

    def __init__(self) -> None:
        packer = zlib.compressobj()
        self.pack: Callable[[bytes], bytes] = lambda data: packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)
        self.unpack: Callable[[bytes], bytes] = zlib.decompressobj().decompress


class Zstd:
    name = "zstd-stream"

    def __init__(self) -> None:
        packer = zstandard.ZstdCompressor().compressobj()
        self.pack: Callable[[bytes], bytes] = lambda data: packer.compress(data) + packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
        self.unpack: Callable[[bytes], bytes] = zstandard.ZstdDecompressor().decompressobj().decompress


STREAMS = pytest.mark.parametrize("made", [Zlib, Zstd])


@STREAMS
def test_a_packed_stream_is_read_and_goes_on(made: type[Zlib | Zstd]) -> None:
    server, page = made(), made()
    messages = connection(f"{URL}&compress={made.name}")
    for text in ["good morning", BAD, "good morning", f"again {BAD}", "good evening " * 500, "fine"]:
        outcome = checked(messages, server.pack(event(text).encode()))
        got = page.unpack(outcome.body).decode()
        assert BAD not in got
        assert json.loads(got)["d"]["id"] == 1
        assert (got == event(text)) is (BAD not in text)


def test_a_message_of_a_stream_may_come_in_pieces() -> None:
    server, page = Zlib(), Zlib()
    messages = connection(f"{URL}&compress=zlib-stream")
    for text in ("good morning " * 30, f"{BAD} " * 3):
        data = server.pack(event(text).encode())
        assert messages.check(data[:20]) is None
        assert messages.check(data[20:-3]) is None
        got = page.unpack(checked(messages, data[-3:]).body).decode()
        assert BAD not in got
        assert json.loads(got)["d"]["id"] == 1


@STREAMS
def test_a_stream_that_breaks_is_ended_whatever_the_profile_says(made: type[Zlib | Zstd]) -> None:
    told: list[Incident] = []
    messages = connection(f"{URL}&compress={made.name}", told, on_error=OnError.PASS_LISTED, not_covered="a lot")
    outcome = checked(messages, b"this is not packed")
    assert (outcome.result, outcome.body, messages.over) == (Result.UNCHECKED, b"", True)
    assert checked(messages, made().pack(b"{}")).result is Result.UNCHECKED
    assert len(told) == 2


@STREAMS
def test_a_bomb_in_a_stream_is_not_unpacked(made: type[Zlib | Zstd]) -> None:
    messages = connection(f"{URL}&compress={made.name}")
    outcome = checked(messages, made().pack(bytes(64 * LIMIT)))
    assert "too large" in outcome.why
    assert messages.over


@STREAMS
def test_a_message_left_out_leaves_no_gap(made: type[Zlib | Zstd]) -> None:
    server, page = made(), made()
    messages = connection(f"{URL}&compress={made.name}")
    page.unpack(checked(messages, server.pack(event("one").encode())).body)
    assert checked(messages, server.pack(UNKNOWN)).result is Result.UNCHECKED
    assert not messages.over
    assert page.unpack(checked(messages, server.pack(event("two").encode())).body).decode() == event("two")


PACKED: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    "gzip": (gzip.compress, gzip.decompress),
    "zlib": (zlib.compress, zlib.decompress),
    "zstd": (zstandard.ZstdCompressor().compress, lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data)),
    "bare": (bytes, bytes),
    "engine.io 3": (lambda data: b"\x04" + data, lambda data: data[1:]),
}


@pytest.mark.parametrize(("pack", "unpack"), PACKED.values(), ids=PACKED.keys())
def test_texts_in_bytes(pack: Callable[[bytes], bytes], unpack: Callable[[bytes], bytes]) -> None:
    messages = connection()
    clean = pack(event("good morning").encode())
    assert checked(messages, clean).body is clean
    outcome = checked(messages, pack(event(BAD).encode()))
    assert outcome.hidden == 1
    assert BAD not in unpack(outcome.body).decode()


@pytest.mark.parametrize(
    ("sent", "came", "protocol", "name"),
    [
        (CONNECT, CONNACK, "", "MQTT"),
        (MESSENGER, b"\x20\x02\0\0", "", "MQTT"),
        (b"", CONNACK, "", "MQTT"),
        (b"", b"\x30\x05\0\x01x\0\xff", "mqtt", "MQTT"),
        (NOISE, b"\0\x01\x5e\x1a\x04" + bytes(9), "", "Noise"),
        (b"ED\0\x01\0\0\x04abcd" + NOISE, b"\0\x01\x5e\x1a\x04" + bytes(9), "", "Noise"),
    ],
    ids=["MQTT", "Messenger", "MQTT by its answer", "MQTT by its name", "WhatsApp", "WhatsApp with a way"],
)
def test_protocols_are_known_by_their_first_bytes(sent: bytes, came: bytes, protocol: str, name: str) -> None:
    for opaque, result in ((Opaque.DOM_GUARD, Result.PASS), (Opaque.BLOCK, Result.UNCHECKED)):
        messages = connection(protocol=protocol, opaque=opaque)
        if sent:
            messages.sent(sent)
            messages.sent(b"\xff\xff")
        first = checked(messages, came)
        assert first.result is result
        assert result is Result.PASS or name in first.why
        assert checked(messages, UNKNOWN).result is result
        assert checked(messages, event(BAD)).hidden == 1  # a text is read all the same


def test_a_protocol_is_known_by_the_profiles_addresses() -> None:
    knows = {"opaque": Opaque.DOM_GUARD, "opaque_sockets": ("/apiws",)}
    assert checked(connection("wss://gateway.site.test/apiws", **knows), UNKNOWN).result is Result.PASS
    assert checked(connection("wss://gateway.site.test/other", **knows), UNKNOWN).result is Result.UNCHECKED


@pytest.mark.parametrize("late", [CONNECT, NOISE])
def test_only_the_first_bytes_tell(late: bytes) -> None:
    messages = connection(opaque=Opaque.DOM_GUARD)
    messages.sent(b"hello")
    messages.sent(late)
    assert checked(messages, UNKNOWN).result is Result.UNCHECKED


UNREADABLE = {
    "unknown": UNKNOWN,
    "broken zlib": zlib.compress(event("x").encode())[:-9],
    "broken gzip": gzip.compress(event("x").encode()) + b"more",
    "broken term": b"\x83m\0\0\0\x09a",
    "bomb": gzip.compress(bytes(8 * LIMIT)),
    "packed twice": gzip.compress(gzip.compress(event("x").encode())),
    "entities": '<!DOCTYPE m [<!ENTITY x "y">]><message><body>&x;</body></message>',
}


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE.keys())
@pytest.mark.parametrize("on_error", OnError)
def test_what_cannot_be_read_goes_by_on_error(data: str | bytes, on_error: OnError) -> None:
    told: list[Incident] = []
    messages = connection(told=told, on_error=on_error, opaque=Opaque.DOM_GUARD)
    for _ in range(3):
        outcome = checked(messages, data)
        passes = on_error is OnError.PASS_LISTED
        assert outcome.result is (Result.PASS if passes else Result.UNCHECKED)
        assert outcome.body == ((data.encode() if isinstance(data, str) else data) if passes else b"")
        assert messages.over is (on_error is OnError.CLOSE)
    assert [(i.kind, i.action) for i in told] == [("unchecked", "log" if passes else "block")]
    assert checked(messages, event(BAD)).hidden == 1


def test_pictures_in_messages_pass() -> None:
    for picture in (b"\x89PNG\r\n\x1a\n\0\0", b"\x04\xff\xd8\xff\xe0\0"):
        assert checked(connection(), picture).body is picture


@given(st.binary(max_size=200) | st.text(max_size=200), st.sampled_from(["", "&compress=zlib-stream", "&compress=zstd-stream"]))
def test_any_message_is_untouched_or_unchecked(data: str | bytes, more: str) -> None:
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    outcome = connection(URL + more).check(data)
    assert outcome is None or outcome.result is Result.UNCHECKED or outcome.body == raw or more


@given(st.integers(0, 2**32), st.sampled_from([Zlib, Zstd]))
def test_a_stream_cut_or_spoilt_anywhere_never_crashes(seed: int, made: type[Zlib | Zstd]) -> None:
    server = made()
    chance = random.Random(seed)
    messages = connection(f"{URL}&compress={made.name}")
    for text in ("good morning", "good evening", "fine"):
        data = bytearray(server.pack(event(text).encode()))
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        outcome = messages.check(bytes(data))
        assert outcome is None or outcome.result in Result
