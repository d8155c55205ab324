"""A picture that stands with a hidden text goes out unreadable, of the same type, whatever the server sends; others untouched."""

from __future__ import annotations

import gzip
import io
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from safeguard.policy.allowance import Allowance, Scope
from safeguard.policy.profile import TRIAL
from safeguard.proxy import pictures
from safeguard.proxy.pictures import blurred, grey
from safeguard.system.memory import Memory
from tests.proxy.conftest import BAD, Net, Start
from tests.proxy.rig import Reply, Socket, websocket

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


def lettered(text: str, size: int) -> Image.Image:
    """Black letters on white, in the middle."""
    image = Image.new("L", (320, 200), 255)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size)
    _, _, right, bottom = pen.textbbox((0, 0), text, font=font)
    pen.text(((320 - right) / 2, (200 - bottom) / 2), text, fill=0, font=font)
    return image


def symbol(rows: str) -> Image.Image:
    """A symbol of thick strokes that fills a square."""
    lines = rows.split()
    image = Image.new("L", (len(lines[0]), len(lines)))
    image.putdata([0 if c == "X" else 255 for line in lines for c in line])
    return image.resize((300, 300), Image.Resampling.NEAREST)


def stroke(image: Image.Image, shown: bytes) -> float:
    """How much darker strokes are than what is between them, of 255: an eye reads a few strokes down to about 60."""
    seen = Image.open(io.BytesIO(shown)).convert("L").resize(image.size)
    by_ink: dict[bool, list[int]] = {True: [], False: []}
    for ink, light in zip(image.tobytes(), seen.tobytes(), strict=True):
        by_ink[ink < 128].append(light)
    return abs(sum(by_ink[False]) / len(by_ink[False]) - sum(by_ink[True]) / len(by_ink[True]))


READABLE = {
    "small words": lettered("xyzzy hate speech", 24),
    "large words": lettered("xyzzy", 90),
    "two lines": lettered("NO\nWAY", 80),
    "one letter": lettered("H", 200),
    "hooked cross": symbol("X.XXX X.X.. XXXXX ..X.X XXX.X"),
    "hooked cross in a frame": symbol("....... .X.XXX. .X.X... .XXXXX. ...X.X. .XXX.X. ......."),
    "chessboard": symbol("X.X.X. .X.X.X X.X.X. .X.X.X X.X.X. .X.X.X"),
}


@pytest.mark.parametrize("image", READABLE.values(), ids=READABLE)
@pytest.mark.parametrize("media", ["image/png", "image/jpeg", "image/webp", "image/avif"])
def test_neither_words_nor_symbols_are_left(image: Image.Image, media: str) -> None:
    out = io.BytesIO()
    image.convert("RGB").save(out, pictures.FORMATS[media])
    assert stroke(image, out.getvalue()) > 200
    assert stroke(image, blurred(out.getvalue(), media)[0]) < 40


@pytest.mark.parametrize("media", ["image/gif", "image/webp", "image/png", "image/avif"])
def test_of_a_moving_picture_the_first_moment_is_left(media: str) -> None:
    frames = [Image.new("RGB", (60, 40), c) for c in ("red", "blue", "green")]
    out = io.BytesIO()
    frames[0].save(out, pictures.FORMATS[media], save_all=True, append_images=frames[1:], duration=50)
    body, told = blurred(out.getvalue(), media)
    image = Image.open(io.BytesIO(body))
    assert told == media
    assert getattr(image, "n_frames", 1) == 1
    red, green, blue = image.convert("RGB").resize((1, 1)).tobytes()
    assert red > 200 > 60 > max(green, blue)


def test_no_small_copy_goes_out_beside_the_picture() -> None:
    """Cameras keep a thumbnail and words about the picture in its file."""
    exif = Image.Exif()
    exif[0x010E] = "xyzzy hate"
    for media in ("image/jpeg", "image/png", "image/webp", "image/avif"):
        out = io.BytesIO()
        Image.open(io.BytesIO(drawn())).save(out, pictures.FORMATS[media], exif=exif, comment=b"xyzzy hate")
        assert b"xyzzy hate" in out.getvalue()
        assert b"xyzzy hate" not in blurred(out.getvalue(), media)[0]


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


def scanned() -> bytes:
    """A progressive JPEG of 100 kB whose last pass is said 500 times, a second each."""
    out = io.BytesIO()
    Image.new("RGB", (4000, 3900), (120, 30, 30)).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    return data[:-2] + data[data.rfind(b"\xff\xda") : -2] * 500 + data[-2:]


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (b"", "image/png"),
        (b"no picture", "image/jpeg"),
        (drawn()[:200], "image/png"),
        (bomb(), "image/png"),
        (b"\0" * (pictures.MOST_BYTES + 1), "image/gif"),
        (scanned(), "image/jpeg"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image/heic"),
        (b"<svg>secret</svg>", "image/svg+xml"),
        (b"x", ""),
    ],
    ids=["empty", "none", "cut off", "too many pixels", "too many bytes", "too many scans", "unknown type", "drawing", "no type"],
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


FEED = f"""<link rel=preload as=image imagesrcset='/i/1a2b3c4d.png?size=900 2x'>
<article><p>{BAD}</p><img src=/wait.gif data-src='&#47;i/1a2b3c4d.png?x=1&amp;size=20' srcset='/set1.png 1x, /set2.png 2x'>
<picture><source srcset=/source.png><img src=/img.png></picture><video poster=/poster.png></video>
<div style="background-image: url('/css.png')"></div><img src="data:image/png;base64,AAAA"></article>
<article><p>nice</p><img src=/b.png srcset='/b2.png 2x'><video poster=/b3.png></video><img src="data:image/png;base64,BBBB"></article>"""
GONE = [
    *("/i/1a2b3c4d.png?x=1&size=20", "/i/1a2b3c4d.png?size=900", "/i/1a2b3c4d.png", "/i/1a2b3c4d_thumb.png"),
    *("/set1.png", "/set2.png", "/source.png", "/img.png", "/poster.png", "/css.png"),
]
STAYS = ["/b.png", "/b2.png", "/b3.png", "/i/1a2b3c4e.png", "/i/1a2b3c4d.mp4", "/set3.png", "/avatar.png"]


def test_every_way_to_show_a_picture(net: Net) -> None:
    for path in GONE + STAYS:
        net.routes[path] = Reply(PICTURES["/a.png"], "image/png")
    net.routes["/feed"] = Reply(FEED.encode())
    with net.tunnel() as t:
        page = t.get("/feed").text
        assert page.count("data:image") == 2
        assert 'AAAA"' not in page
        assert "base64,BBBB" in page
        for path in GONE:
            assert detail(t.get(path).body) < 20, path
        for path in STAYS:
            assert t.get(path).body == PICTURES["/a.png"], path


def test_what_the_parent_allows_comes_back_whole(net: Net) -> None:
    """Other sizes and pictures written out too."""
    assert net.pipeline is not None
    for path in GONE[:3]:
        net.routes[path] = Reply(PICTURES["/a.png"], "image/png")
    net.routes["/feed"] = Reply(FEED.encode())
    with net.tunnel() as t:
        t.get("/feed")
        assert t.get(GONE[2]).body != PICTURES["/a.png"]
        net.pipeline.allowances = (Allowance(1, Scope.TEXT, net.incidents[-1].code),)
        assert t.get("/feed").text == FEED
        for path in GONE[:3]:
            assert t.get(path).body == PICTURES["/a.png"]


def test_in_a_message_and_in_an_event(net: Net) -> None:
    said = json.dumps(
        [{"text": BAD, "n": 1, "image": "/img.png", "preview": "data:image/png;base64,AAAA"}, {"text": "nice", "n": 1, "image": "/b.png"}]
    )
    net.routes["/live"] = websocket([said])
    net.routes["/img.png"] = Reply(PICTURES["/a.png"], "image/png")
    with net.tunnel() as t:
        (got,) = Socket(t, "/live").messages(1)
    assert isinstance(got, str)
    assert 'AAAA"' not in got
    assert [m["image"] for m in json.loads(got)] == ["/img.png", "/b.png"]
    net.routes["/events"] = Reply(f"data: {said}\n\n".encode(), "text/event-stream")
    with net.tunnel() as t:
        events = t.get("/events").text
        assert 'AAAA"' not in events
        assert json.loads(events.removeprefix("data: "))[0]["preview"].startswith("data:image/png;base64,")
        assert t.get("/img.png").body != PICTURES["/a.png"]
        assert t.get("/b.png").body == PICTURES["/b.png"]
