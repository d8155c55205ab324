"""A picture that stands with a hidden text goes out unreadable, of the same type, whatever the server sends; others untouched."""

from __future__ import annotations

import gzip
import io
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from safeguard.policy.profile import TRIAL
from safeguard.proxy import pictures
from safeguard.proxy.pictures import blurred, grey
from safeguard.system.memory import Memory
from tests.proxy.conftest import BAD, Net, Start
from tests.proxy.rig import Reply

TYPES = ["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/bmp"]


def drawn(media: str = "image/png", size: tuple[int, int] = (320, 200), mode: str = "RGB") -> bytes:
    """Words on stripes: what a reader would make out."""
    image = Image.new(mode, size, "white" if mode != "P" else 0)
    pen = ImageDraw.Draw(image)
    for x in range(0, size[0], 8):
        pen.rectangle((x, 0, x + 3, size[1]), fill="black" if mode != "P" else 1)
    pen.text((20, 20), "xyzzy hate", fill="red" if mode != "P" else 2)
    out = io.BytesIO()
    image.save(out, pictures.FORMATS[media])
    return out.getvalue()


def detail(data: bytes) -> int:
    """The largest step between two neighbours in a row: an edge that an eye sees is above 100."""
    image = Image.open(io.BytesIO(data)).convert("L")
    row = image.crop((0, image.height // 2, image.width, image.height // 2 + 1)).tobytes()
    return max((abs(a - b) for a, b in itertools.pairwise(row)), default=0)


@pytest.mark.parametrize("media", TYPES)
def test_blurred_is_of_the_same_type_and_size_and_unreadable(media: str) -> None:
    original = drawn(media)
    body, told = blurred(original, f"{media}; q=1")
    assert told == media
    image = Image.open(io.BytesIO(body))
    assert Image.MIME[image.format or ""] == media
    assert image.size == (320, 200)
    assert detail(original) > 100 > 20 > detail(body)


@pytest.mark.parametrize("mode", ["RGBA", "L", "P", "1", "LA"])
def test_every_mode_of_pixels(mode: str) -> None:
    body, told = blurred(drawn("image/png", mode="P" if mode == "P" else "RGB") if mode == "P" else _as(mode), "image/png")
    assert told == "image/png"
    assert Image.open(io.BytesIO(body)).size == (320, 200)
    assert detail(body) < 20


def _as(mode: str) -> bytes:
    out = io.BytesIO()
    Image.open(io.BytesIO(drawn())).convert(mode).save(out, "PNG")
    return out.getvalue()


def test_an_outline_cut_out_of_nothing_does_not_show() -> None:
    image = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    ImageDraw.Draw(image).text((20, 20), "xyzzy hate", fill="black")
    out = io.BytesIO()
    image.save(out, "PNG")
    body, _ = blurred(out.getvalue(), "image/png")
    assert Image.open(io.BytesIO(body)).mode == "RGB"


def test_a_large_photo_comes_out_smaller() -> None:
    body, _ = blurred(drawn("image/jpeg", (5000, 4000)), "image/jpeg")
    assert Image.open(io.BytesIO(body)).size == (1200, 960)


def test_the_type_in_the_bytes_counts_where_the_header_names_none() -> None:
    assert blurred(drawn("image/webp"), "application/octet-stream")[1] == "image/webp"
    assert blurred(b"\n<svg xmlns='x'>secret</svg>", "")[1] == "image/svg+xml"


def bomb() -> bytes:
    """A PNG of a few kB that says it has 10,000 million pixels."""
    data = bytearray(drawn())
    data[16:24] = (100_000).to_bytes(4, "big") * 2
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (b"", "image/png"),
        (b"no picture", "image/jpeg"),
        (drawn()[:200], "image/png"),
        (bomb(), "image/png"),
        (b"\0" * (pictures.MOST_BYTES + 1), "image/gif"),
        (b"x", "image/heic"),
        (b"<svg>secret</svg>", "image/svg+xml"),
        (b"x", ""),
    ],
    ids=["empty", "none", "cut off", "too many pixels", "too many bytes", "unknown type", "drawing", "no type"],
)
def test_what_cannot_be_decoded_is_grey(data: bytes, media: str) -> None:
    body, told = blurred(data, media)
    assert (body, told) == grey(media)
    assert b"secret" not in body
    assert told == (media if media in (*TYPES, "image/svg+xml") else "image/png")


def test_more_pixels_than_are_decoded_are_grey() -> None:
    out = io.BytesIO()
    Image.new("L", (5000, 5000)).save(out, "PNG")
    assert blurred(out.getvalue(), "image/png") == grey("image/png")


@given(st.sampled_from([drawn(m) for m in TYPES]), st.integers(0, 600), st.binary(min_size=1, max_size=8), st.sampled_from(TYPES))
def test_any_bytes_give_a_picture(data: bytes, at: int, put: bytes, media: str) -> None:
    body, told = blurred(data[:at] + put + data[at + len(put) :], media)
    assert body
    assert told == media


PICTURES = {"/a.png": drawn(), "/b.png": drawn(size=(100, 100))}
PAGE = f"<article><p>{BAD}</p><img src=/a.png></article><article><p>nice</p><img src=/b.png></article>"


@pytest.fixture
def net(net_of: Start) -> Net:
    made = net_of({p: Reply(b, "image/png", headers=(("ETag", '"1"'), ("Access-Control-Allow-Origin", "*"))) for p, b in PICTURES.items()})
    assert made.pipeline is not None
    made.pipeline.memory = Memory()
    made.routes["/"] = Reply(PAGE.encode())
    made.routes["/clean"] = Reply(b"<p>nice</p><img src=/a.png>")
    return made


def test_only_the_picture_of_the_hidden_text_is_blurred(net: Net) -> None:
    with net.tunnel() as t:
        assert t.get("/a.png").body == PICTURES["/a.png"]
        page = t.get("/")
        assert BAD not in page.text
        assert "/a.png" in page.text
        got = t.get("/a.png", If_None_Match='"1"', Range="bytes=0-10")
        assert got.status == 200
        assert got.headers["content-type"] == "image/png"
        assert got.headers["cache-control"] == "no-store"
        assert got.headers["access-control-allow-origin"] == "*"
        assert "etag" not in got.headers
        assert Image.open(io.BytesIO(got.body)).size == (320, 200)
        assert detail(got.body) < 20
        assert "if-none-match" not in net.server.headers("/a.png")
        assert "range" not in net.server.headers("/a.png")
        assert t.get("/b.png").body == PICTURES["/b.png"]


def test_from_json_too_and_by_http2(net: Net) -> None:
    body = json.dumps([{"text": BAD, "n": 1, "image": "/a.png"}, {"text": "nice", "n": 1, "image": "/b.png"}]).encode()
    net.routes["/api"] = Reply(body, "application/json")
    with net.tunnel() as t:
        t.get("/api")
        assert detail(t.get("/a.png").body) < 20
        assert t.get("/b.png").body == PICTURES["/b.png"]


def test_head_says_what_get_would_and_nothing_more(net: Net) -> None:
    with net.tunnel() as t:
        t.get("/")
        t.send("/a.png", "HEAD")
        assert t.answer("HEAD").status == 200
        assert detail(t.get("/a.png").body) < 20


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"x" * 100, "image/png"),
        Reply(PICTURES["/a.png"][:50], "image/png", 206, (("Content-Range", "bytes 0-49/900"),)),
        Reply(gzip.compress(PICTURES["/a.png"])[:-30], "image/png", headers=(("Content-Encoding", "gzip"),)),
        Reply(PICTURES["/a.png"], "image/png", headers=(("Content-Encoding", "rot13"),)),
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 1000,
        Reply(b"\x08\x01", "application/x-protobuf"),
    ],
    ids=["no picture", "part", "broken encoding", "unknown encoding", "too large", "something unreadable"],
)
def test_what_cannot_be_blurred_is_grey(net: Net, reply: Reply | bytes) -> None:
    net.routes["/a.png"] = reply
    with net.tunnel() as t:
        t.get("/")
        got = t.get("/a.png")
    assert got.status == 200
    assert (got.body, got.headers["content-type"]) == grey("image/png")


def test_too_large_without_a_length(net: Net) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nConnection: close\r\n\r\n"
    net.routes["/a.png"] = head + b"\0" * (pictures.MOST_BYTES + 100_000)
    with net.tunnel() as t:
        t.get("/")
        got = t.get("/a.png")
    assert (got.status, got.body) == (200, grey("image/png")[0])


def test_not_modified_does_not_bring_the_old_copy_back(net: Net) -> None:
    net.routes["/a.png"] = b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"
    with net.tunnel() as t:
        t.get("/")
        assert t.get("/a.png", If_None_Match='"1"').status == 200


def test_where_its_address_leads_to_is_blurred(net: Net) -> None:
    net.routes["/a.png"] = Reply(b"", status=302, headers=(("Location", "/elsewhere?x=1"),))
    net.routes["/elsewhere?x=1"] = Reply(PICTURES["/a.png"], "image/png")
    with net.tunnel() as t:
        t.get("/")
        assert t.get("/a.png").status == 302
        assert detail(t.get("/elsewhere?x=1").body) < 20


def test_a_page_at_the_address_of_a_picture_is_read_as_a_page(net: Net) -> None:
    net.routes["/a.png"] = Reply(b"<p>about this picture</p>")
    with net.tunnel() as t:
        t.get("/")
        assert t.get("/a.png").text == "<p>about this picture</p>"


def test_a_profile_that_hides_nothing_hides_no_picture_and_gives_them_back(net: Net) -> None:
    assert net.pipeline is not None
    with net.tunnel() as t:
        t.get("/")
        net.pipeline.profile = TRIAL
        assert BAD in t.get("/").text
        assert t.get("/a.png").body == PICTURES["/a.png"]
