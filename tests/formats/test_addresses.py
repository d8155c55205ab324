"""One spelling for an address, one family for the sizes of a picture and none for its neighbours; srcset and CSS as browsers read them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.formats.addresses import family, in_set, in_style, joined, key


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://A.Test:443/b c.jpg#x", "http://a.test/b%20c.jpg"),
        ("https://a.test/é?q=é", "https://a.test./%C3%A9?q=%C3%A9"),
        ("https://a.test", "https://a.test/"),
        ("https://a.test\\b\\c.jpg", "https://a.test/b/c.jpg"),
        ("https://a.test/b\n/c.jpg", "https://a.test/b/c.jpg"),
        ("https://a.test/x/../b/./c.jpg", "https://a.test/b/c.jpg"),
        ("https://bücher.test/a", "https://xn--bcher-kva.test/a"),
        ("https://a.test/a?q='x'", "https://a.test/a?q=%27x%27"),
    ],
)
def test_one_spelling(url: str, same: str) -> None:
    assert key(url) == key(same) != ""


@pytest.mark.parametrize("url", ["", "data:image/png;base64,AA", "https://[", "https://a.test:x/", "/a.jpg", "blob:https://a.test/1"])
def test_no_address(url: str) -> None:
    assert key(url) == ""


@pytest.mark.parametrize(
    ("base", "url", "there"),
    [
        ("https://a.test/p/1", "//b.test/c.jpg", "https://b.test/c.jpg"),
        ("https://a.test/p/1", " c.jpg ", "https://a.test/p/c.jpg"),
        ("https://[", "c.jpg", ""),
    ],
)
def test_joined(base: str, url: str, there: str) -> None:
    assert joined(base, url) == there


SIZES = {
    "a file and its parameters": (
        "https://a.test/i/1a2b3c4d.jpg",
        "https://a.test/i/1a2b3c4d.jpg?width=640&crop=smart&s=0af1",
        "https://a.test/i/1a2b3c4d.webp?sig=77&name=large",
    ),
    "a name and parameters of size": (
        "https://a.test/media/GxY7",
        "https://a.test/media/GxY7?format=jpg&name=small",
        "https://a.test/media/GxY7.png?name=4096x4096",
        "https://a.test/media/GxY7.jpg:large",
    ),
    "a script": ("https://a.test/show?id=7&w=100", "https://a.test/show?h=20&id=7", "https://a.test/show?id=7"),
    "a folder": ("https://a.test/files/11/small/ab.jpg", "https://a.test/files/11/original/ab.jpg", "https://a.test/files/11/ab.png"),
    "a folder of pixels": ("https://a.test/236x/ab/cd.jpg", "https://a.test/originals/ab/cd.jpg", "https://a.test/s640x640/ab/cd.jpg"),
    "named by its folder": (
        "https://a.test/vi/dQw4w9WgXcQ/default.jpg",
        "https://a.test/vi/dQw4w9WgXcQ/hqdefault.jpg?sqp=xx&rs=yy",
        "https://a.test/vi_webp/dQw4w9WgXcQ/maxresdefault.webp",
        "https://a.test/vi/dQw4w9WgXcQ/hq720.jpg",
    ),
    "an ending": (
        "https://a.test/u/cat.jpg",
        "https://a.test/u/cat-640x480.jpg",
        "https://a.test/u/cat_thumb.jpg",
        "https://a.test/u/cat@2x.png",
    ),
    "orders behind the name": (
        "https://a.test/obj/o4k2xyz8~tplv-zoom:480:480.jpeg?x-expires=1",
        "https://a.test/obj/o4k2xyz8~tplv-photo.webp",
        "https://a.test/obj/o4k2xyz8",
    ),
    "one more way": ("https://a.test/xYz=s640-c-fcrop64=1,0", "https://a.test/xYz=w100-h50", "https://a.test/xYz"),
    "a kind": ("https://a.test/img/feed_thumbnail/plain/ba3x@jpeg", "https://a.test/img/feed_fullsize/plain/ba3x@webp"),
    "a pattern": ("https://a.test/live/anna-{width}x{height}.jpg", "https://a.test/live/anna-440x248.jpg"),
}


@pytest.mark.parametrize("urls", SIZES.values(), ids=SIZES)
def test_all_sizes_of_a_picture_are_one_family(urls: tuple[str, ...]) -> None:
    assert len({family(key(u)) for u in urls}) == 1
    assert family(key(urls[0]))[0] == "~"


DIFFERENT = {
    "files": ("https://a.test/i/1a2b3c4d.jpg", "https://a.test/i/1a2b3c4e.jpg"),
    "hosts": ("https://a.test/i/1a2b3c4d.jpg", "https://b.test/i/1a2b3c4d.jpg"),
    "folders": ("https://a.test/i/1/cat.jpg", "https://a.test/i/2/cat.jpg"),
    "numbered": ("https://a.test/album/0.jpg", "https://a.test/album/1.jpg"),
    "years": ("https://a.test/2024/cat.jpg", "https://a.test/2025/cat.jpg"),
    "a script's numbers": ("https://a.test/show?id=7", "https://a.test/show?id=8"),
    "a script's anything": ("https://a.test/show?x=7", "https://a.test/show?x=8"),
    "a script that looks like a file": ("https://a.test/image.jpg?t=7", "https://a.test/image.jpg?t=8"),
    "a script named like many": ("https://a.test/resize2024.jpg?id=7&w=1", "https://a.test/resize2024.jpg?id=8&w=1"),
    "an address in it": ("https://a.test/resize2024.jpg?x=/a.jpg", "https://a.test/resize2024.jpg?x=/b.jpg"),
    "only a size": ("https://a.test/1/small.jpg", "https://a.test/2/small.jpg"),
    "one large": ("https://a.test/i/largecat.jpg", "https://a.test/i/smallcat.jpg"),
}


@pytest.mark.parametrize(("url", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_another_picture_is_of_another_family(url: str, other: str) -> None:
    assert family(key(url)) != family(key(other))


@pytest.mark.parametrize(
    "url", ["https://a.test", "https://a.test/large.jpg?x=1", "https://a.test/ab12cd34.mp4", "https://a.test/app.js", "x", ""]
)
def test_what_names_no_picture_has_no_family(url: str) -> None:
    assert family(key(url)) == ""


PIECES = st.sampled_from(
    ["/", "a", "Ab12cd34", ".jpg", ".mp4", "?", "&", "=", "w", "id", "640x480", "small", "-", "_", "@", "~", ":", "é", "%2f"]
)


@given(st.lists(PIECES, max_size=14))
def test_a_family_is_no_key_and_stays_on_its_host(pieces: list[str]) -> None:
    known = key("https://a.test/" + "".join(pieces))
    found = family(known)
    assert found == "" or found.startswith("~a.test/")
    assert found != known
    assert key("https://" + known) == known


@given(st.lists(st.from_regex(r"[a-z0-9]{12}", fullmatch=True), min_size=2, max_size=4, unique=True), st.sampled_from(list(SIZES.values())))
def test_lots_drawn_never_meet(names: list[str], urls: tuple[str, ...]) -> None:
    """What differs in anything but a size differs in its family, in every layout of addresses."""
    for here, there in itertools.combinations(names, 2):
        mine = {family(key(u.replace("a.test/", f"a.test/{here}/"))) for u in urls}
        assert mine.isdisjoint(family(key(u.replace("a.test/", f"a.test/{there}/"))) for u in urls)


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert family(key(text)) != key(text) or key(text) == ""
    assert all(text[f.start : f.end] == f.url for f in in_set(text))
    for f in in_style(f"background:url({text}), image-set('{text}')"):
        assert 0 <= f.start <= f.end


@given(
    st.lists(st.from_regex(r"[a-z/:.;=?]{0,8}[a-z0-9]", fullmatch=True), min_size=1, max_size=5),
    st.sampled_from([" 1x, ", " 640w,", ", ", " ,\n"]),
)
def test_a_srcset_says_each_of_its_addresses(urls: list[str], between: str) -> None:
    assert [f.url for f in in_set(between.join(urls))] == urls


STYLES = {
    "bare": ("background:url(/a.jpg)", ["/a.jpg"]),
    "quoted": ("""a:url( "/a b.jpg" );b:URL('/c)d.jpg')""", ["/a b.jpg", "/c)d.jpg"]),
    "escaped": (r"a:url('/a\2e jpg');b:url(\/b\'.jpg)", ["/a.jpg", "/b'.jpg"]),
    "broken escape": (r"a:url('/\d800x')", ["/\ufffdx"]),
    "written out": ("a:url('data:image/svg+xml,<svg fill=\"(red)\">')", ['data:image/svg+xml,<svg fill="(red)">']),
    "several": ("a:image-set('/a.jpg' 1x, url(/b.jpg) 2x)", ["/b.jpg", "/a.jpg"]),
    "none": ("content:'/a.jpg'", []),
}


@pytest.mark.parametrize(("style", "urls"), STYLES.values(), ids=STYLES)
def test_styles(style: str, urls: list[str]) -> None:
    assert [f.url for f in in_style(style)] == urls
