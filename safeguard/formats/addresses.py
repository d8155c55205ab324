"""Addresses of pictures: one spelling for each, what all sizes of one picture have in common, those in srcset and in CSS. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from safeguard.formats.words import words

_PATH = "/%:@!$&()*+,;=~-._"
_SLIPS = re.compile(r"[\t\n\r]")
_DOTS = re.compile(r"/\.{1,2}(?:/|\Z)")

EXTENSION = r"\.(?:jpe?g|jfif|png|gif|webp|avif|bmp|heic)"
_WORD = (
    r"small|medium|large|big|huge|tiny|mini|standard|normal|orig(?:inals?)?|full(?:size)?|thumb(?:nail)?s?|previews?|hires"
    r"|feed_(?:thumbnail|fullsize)|(?:hq|mq|sd|maxres|oar)?default|hq720|(?:hq|mq|sd|maxres)[1-3]"
)
_SIZE = r"[swhp]?\d{2,4}x\d{0,4}(?:_[a-z0-9]{1,4}){0,2}|c\d+(?:\.\d+){3}a?|[swh]\d{3,4}|%7Bwidth%7Dx%7Bheight%7D"
_SIZED = re.compile(rf"(?:{_SIZE}|{_WORD})", re.I)
_END = re.compile(
    rf"{EXTENSION}\Z|[@:](?:jpe?g|png|webp|avif|{_WORD}|[1-4]x)\Z|[-_.](?:{_SIZE}|{_WORD})\Z|=[swh]\d+[\w=,-]*\Z|~[a-z][\w.:%-]*\Z",
    re.I,
)
"""What follows the name of a picture in the address of one of its sizes."""
_FILE = re.compile(rf"{EXTENSION}\Z", re.I)
_MOST_ENDS = 4
_OTHER_FILE = re.compile(r"\.[a-z][a-z0-9]{1,4}\Z", re.I)
_ONE_OF_MANY = re.compile(r"(?=\D*\d)[\w.~-]{6,}\Z|(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[\w.~-]{10,}\Z")
"""A part of a path that somebody drew by lot or counted up to."""
_SIZE_KEYS = words("w h width height size sz q quality format fm auto fit crop dpr")
_NAMING_KEYS = words(
    "id pid uid fid img_id image_id photo_id media_id post_id asset_id item_id video_id v src url uri u image img file path photo pic"
    " picture key p n i media asset"
)


def key(url: str) -> str:
    """One spelling for every way to write the address of a picture; "" for what is no address. The scheme does not count."""
    url = _SLIPS.sub("", url.strip())
    if "\\" in url:
        way, mark, rest = url.partition("?")
        url = way.replace("\\", "/") + mark + rest  # as browsers read it
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").rstrip(".").lower()
        if not host.isascii():
            host = host.encode("idna").decode()
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    where = host if port in (None, 80, 443) else f"{host}:{port}"
    path = parts.path or "/"
    if _DOTS.search(path) and not path.startswith("//"):
        path = urlsplit(urljoin("http://a/", path)).path
    path = quote(path, safe=_PATH)
    query = quote(parts.query, safe=_PATH + "?")
    return f"{where}{path}?{query}" if query else where + path


def joined(base: str, url: str) -> str:
    """The absolute address of one that stands at `base`; "" where there is none."""
    try:
        return urljoin(base, url.strip())
    except ValueError:
        return ""


def family(known: str) -> str:
    """Of a key: what it has in common with the keys of the same picture in other sizes on that host; "" where no picture is named.

    No key is a family. Left out is only what says a size in so many words, and what follows a file name that is one of many.
    """
    where, _, query = known.partition("?")
    host, *way = where.split("/")
    if not way or not way[-1]:
        return ""
    name, is_file = _name(way.pop())
    if _OTHER_FILE.search(name):
        return ""
    parts = [p.removesuffix("_webp") for p in way if not _SIZED.fullmatch(p)]
    if not _SIZED.fullmatch(name):
        parts.append(name)
    if not any(parts):
        return ""
    pairs = sorted(p for p in query.split("&") if p and not _says_size(p))
    if is_file and any(_ONE_OF_MANY.match(p) for p in parts):
        pairs = [p for p in pairs if _says_name(p)]
    return "~" + "/".join((host, *parts)) + ("?" + "&".join(pairs) if pairs else "")


def _name(name: str) -> tuple[str, bool]:
    """The last part of a path without what says a size; whether it is the name of a picture's file."""
    is_file = False
    for _ in range(_MOST_ENDS):
        m = _END.search(name)
        if m is None or not m.start():
            break
        is_file = is_file or _FILE.search(m[0]) is not None
        name = name[: m.start()]
    return name, is_file


def _says_size(pair: str) -> bool:
    name, _, value = pair.partition("=")
    return name.lower() in _SIZE_KEYS or _SIZED.fullmatch(value) is not None


def _says_name(pair: str) -> bool:
    name, _, value = pair.partition("=")
    return name.lower() in _NAMING_KEYS or "/" in value or "%2f" in value.lower() or re.search(EXTENSION, value, re.I) is not None


class Found(NamedTuple):
    """An address inside of a longer text, which has it (with its escapes) at start:end."""

    url: str
    start: int
    end: int


_SET_ITEM = re.compile(r"[\s,]*+(\S*[^\s,])(?:,+(?=\s|\Z)|\s[^,]*+(?:,|\Z)|\Z)")
_CSS_URL = re.compile(r"url\(\s*+(?:\"((?:[^\"\\]|\\.)*+)|'((?:[^'\\]|\\.)*+)|((?:[^\s\"')\\]|\\.)++))", re.I | re.S)
_CSS_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*+)\"|'((?:[^'\\]|\\.)*+)'", re.S)
_CSS_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.S)


def in_set(value: str) -> Iterator[Found]:
    """The addresses in a srcset, whatever stands behind each."""
    for m in _SET_ITEM.finditer(value):
        yield Found(m[1], *m.span(1))


def in_style(value: str) -> Iterator[Found]:
    """The addresses in a declaration of CSS."""
    for m in _CSS_URL.finditer(value):
        yield _of_css(m)
    if "image-set(" in value.lower():
        for m in _CSS_STRING.finditer(value):
            yield _of_css(m)


def _of_css(m: re.Match[str]) -> Found:
    which = m.lastindex or 0
    url = m[which]
    return Found(_CSS_ESCAPE.sub(_css, url) if "\\" in url else url, *m.span(which))


def _css(m: re.Match[str]) -> str:
    code = int(m[1], 16) if m[1] else 0
    return (chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd") if m[1] else m[2].strip("\n\f\r")
