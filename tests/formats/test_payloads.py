"""Long polling: packets with their lengths before them, which must be true again after an edit."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.formats.payloads import MOST, packets, units
from safeguard.formats.sites.model import Opaque, SiteProfile
from safeguard.pipeline import Exchange, Outcome, Result
from tests.formats.fake import BAD, pipeline

PIPELINE = pipeline()
TEXT = "text/plain; charset=UTF-8"
BYTES = "application/octet-stream"


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def payload(*frames: str, divider: str = ":") -> str:
    return "".join(f"{utf16(f)}{divider}{f}" for f in frames)


def opened(text: str, divider: str = ":") -> list[str]:
    """As a browser reads it: the lengths count UTF-16 code units, and fit to the last."""
    data = text.encode("utf-16-le", "surrogatepass")
    frames, at = [], 0
    while at < len(data):
        stop = at
        while data[stop : stop + 2].decode("utf-16-le") != divider:
            stop += 2
        size = 2 * int(data[at:stop].decode("utf-16-le"))
        assert stop + 2 + size <= len(data)
        frames.append(data[stop + 2 : stop + 2 + size].decode("utf-16-le", "surrogatepass"))
        at = stop + 2 + size
    return frames


def packed(*frames: str | bytes) -> bytes:
    out = b""
    for f in frames:
        data = f.encode() if isinstance(f, str) else f
        out += bytes([isinstance(f, bytes), *map(int, str(len(data))), 255]) + data
    return out


def unpacked(data: bytes) -> list[bytes]:
    out = []
    while data:
        m = re.match(rb"[\x00\x01]([\x00-\x09]+)\xff", data)
        assert m
        size = int("".join(map(str, m[1])))
        assert m.end() + size <= len(data)
        out.append(data[m.end() : m.end() + size])
        data = data[m.end() + size :]
    return out


def check(body: bytes, content_type: str = TEXT, *profiles: SiteProfile) -> Outcome:
    exchange = Exchange("https://site.test/socket.io/?EIO=3&transport=polling", "site.test", content_type, dest="empty")
    return pipeline(*profiles).check_body(exchange, body)


FRAMES = ('0{"sid":"AbC"}', "2", '42["post",{"text":"%s 😀","n":"ö"}]', '430[null,"😀 %s"]', '42["post",{"text":"good 😀 morning"}]')


@pytest.mark.parametrize("divider", [":", "\n"], ids=["engine.io", "Google"])
def test_lengths_are_true_after_an_edit(divider: str) -> None:
    frames = [f.replace("%s", BAD) for f in FRAMES]
    outcome = check(payload(*frames, divider=divider).encode())
    assert outcome.result is Result.EDIT
    got = opened(outcome.body.decode(), divider)
    assert BAD not in outcome.body.decode()
    assert (got[0], got[1], got[4]) == (frames[0], frames[1], frames[4])
    assert json.loads(got[2][2:])[1]["n"] == "ö"
    assert json.loads(got[3][3:])[0] is None


def test_lengths_that_do_not_fit_are_no_payload() -> None:
    assert packets('12:42["a"') is None
    assert packets("12:30 we meet") is None
    assert packets("3:a😀2:bc") is not None
    assert packets("2:a😀") is None  # ends within the letter


def test_too_many_packets_are_no_payload() -> None:
    assert packets("0:" * MOST) is not None
    assert packets("0:" * (MOST + 1)) is None
    assert check(b"\0\0\xff" * (MOST + 1), BYTES).result is Result.UNCHECKED


def test_text_in_utf8_twice_over() -> None:
    """As engine.io 1 wrote it."""
    frame = f'42["post","{BAD} ö"]'.encode().decode("latin-1")
    outcome = check(f"{len(frame)}:{frame}2:42".encode())
    got = opened(outcome.body.decode())
    assert BAD not in outcome.body.decode()
    assert json.loads(got[0].encode("latin-1").decode()[2:])[0] == "post"
    assert got[1] == "42"


def test_a_notice_in_utf8_twice_over_can_be_read() -> None:
    frame = f"<message><body>{BAD}</body></message>".encode().decode("latin-1") + "Ã¶"
    body = packed(frame.encode("latin-1"))
    body = b"\0" + body[1:]
    got = unpacked(check(body, BYTES).body)
    assert BAD not in got[0].decode()
    assert got[0].decode().endswith("ö")


def test_binary_payload() -> None:
    frames = [f.replace("%s", BAD) for f in FRAMES]
    outcome = check(packed(*frames), BYTES)
    assert outcome.result is Result.EDIT
    got = [g.decode() for g in unpacked(outcome.body)]
    assert BAD not in "".join(got)
    assert (got[0], got[1], got[4]) == (frames[0], frames[1], frames[4])
    assert json.loads(got[2][2:])[1]["n"] == "ö"
    clean = packed(*[f.replace("%s", "fine") for f in FRAMES])
    assert check(clean, BYTES).body is clean


def test_bytes_in_a_payload_go_by_the_profile() -> None:
    picture = packed('451-["x",{"_placeholder":true,"num":0}]', b"\x04\x89PNG\0\0")
    assert check(picture, BYTES).result is Result.UNCHECKED
    assert check(picture, BYTES, SiteProfile("s", "S", ("site.test",), opaque=Opaque.DOM_GUARD)).body is picture
    text = packed('451-["x",{"_placeholder":true,"num":0}]', b"\x04" + f'{{"a":"{BAD}"}}'.encode())
    outcome = check(text, BYTES)
    assert BAD.encode() not in outcome.body
    assert unpacked(outcome.body)[1].startswith(b'\x04{"a":')


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('42["a","%s"]\x1e2\x1e42["b","fine"]', id="engine.io 4"),
        pytest.param('{"type":6}\x1e{"type":1,"arguments":["%s"]}\x1e', id="SignalR"),
        pytest.param('42["a",{"x":"%s"}]\x1ebAQIDBA==', id="bytes in base64"),
        pytest.param('a["{\\"a\\":\\"%s\\"}"]\n', id="SockJS"),
    ],
)
@pytest.mark.parametrize("content_type", [TEXT, BYTES, ""])
def test_separated_frames(body: str, content_type: str) -> None:
    outcome = check(body.replace("%s", BAD).encode(), content_type)
    head, tail = body.split("%s")
    said = outcome.body.decode()
    assert outcome.result is Result.EDIT
    assert BAD not in said
    assert said.startswith(head)
    assert said.endswith(tail)
    assert check(body.replace("%s", "fine").encode(), content_type).result is Result.PASS


def test_a_text_about_numbers_is_a_text() -> None:
    outcome = check(f"42\n\nfine\n\n{BAD}".encode())
    assert outcome.body.startswith(b"42\n\nfine\n\n")


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4), st.sampled_from([TEXT, BYTES]))
def test_any_payload_keeps_its_frames(frames: list[str], content_type: str) -> None:
    texts = [f"4{f}" for f in frames]
    raw = payload(*texts).encode() if content_type == TEXT else packed(*texts)
    assert check(raw, content_type).body is raw
    added = [*texts, f'42["{BAD}"]', "2"]
    out = check(payload(*added).encode() if content_type == TEXT else packed(*added), content_type).body
    got = opened(out.decode()) if content_type == TEXT else [g.decode() for g in unpacked(out)]
    assert got[: len(texts)] == texts
    assert got[-1] == "2"
    assert BAD not in got[-2]


@given(st.text(alphabet='0123456789:\n\x1e42["a😀\xff\x00\x01'))
def test_any_text_never_crashes(text: str) -> None:
    for data, content_type in ((text.encode(), TEXT), (text.encode("latin-1", "replace"), BYTES)):
        assert check(data, content_type, SiteProfile("s", "S", ("site.test",), opaque=Opaque.DOM_GUARD)).body == data
    assert units(text) == utf16(text)
