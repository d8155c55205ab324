"""The one table of body classes, and the one way from a decoded body to its Document. Pure.

| class  | what                                                                              | what happens                       |
|--------|-----------------------------------------------------------------------------------|------------------------------------|
| read   | HTML, JSON and its kin, text, captions, XML, events, long polling, state, JSONP   | texts judged, notices spliced in   |
| static | pictures, media, fonts, CSS, wasm, downloads, scripts asked for as scripts        | streamed untouched                 |
| media  | the same, asked for by a script, which could show whatever comes                  | streamed if binary, else read      |
| opaque | protobuf, msgpack, other binary answers to scripts                                | the profile's `opaque`, else block |
"""

from __future__ import annotations

import re
from enum import StrEnum

from safeguard.errors import Unchecked
from safeguard.formats import charset
from safeguard.formats.document import Document
from safeguard.formats.escape import ascii_entities
from safeguard.formats.glance import units_of
from safeguard.formats.literals import is_json
from safeguard.formats.markup import read_markup
from safeguard.formats.messages import is_framed, is_text, read_bytes, read_frames
from safeguard.formats.nested import Nested
from safeguard.formats.objects import read_json, read_script
from safeguard.formats.payloads import Packet, byte_packets
from safeguard.formats.plain import read_captions, read_plain
from safeguard.formats.sites.model import Opaque, SiteProfile
from safeguard.formats.view import View
from safeguard.text.unit import TextUnit


class Kind(StrEnum):
    """How a body is read, or why it is not."""

    HTML = "html"
    XML = "xml"
    JSON = "json"
    SCRIPT = "script"
    TEXT = "text"
    CAPTIONS = "captions"
    EVENTS = "events"
    FRAMES = "frames"
    PARTS = "parts"
    SNIFF = "sniff"
    STATIC = "static"
    MEDIA = "media"
    OPAQUE = "opaque"


TABLE: tuple[tuple[str, Kind], ...] = (
    (r"text/html", Kind.HTML),
    (r"application/xhtml\+xml|image/svg\+xml|text/xml|application/xml|application/(?!dash)[\w.+-]+\+xml", Kind.XML),
    (r"text/event-stream", Kind.EVENTS),
    (r"(?:application|text)/(?:[\w.+-]+\+)?json(?:p|-seq|l|lines)?|application/(?:x-)?(?:ndjson|jsonlines)|text/x-component", Kind.JSON),
    (r"application/graphql-response|application/json5", Kind.JSON),
    (r"multipart/mixed", Kind.PARTS),
    (r"(?:text|application)/(?:x-)?(?:java|ecma)script(?:1\.\d)?", Kind.SCRIPT),
    (r"text/vtt|application/x-subrip|text/srt|application/ttml\+xml", Kind.CAPTIONS),
    (r"text/css|font/[\w.+-]+|image/[\w.+-]+|audio/[\w.+-]+|video/[\w.+-]+|model/[\w.+-]+", Kind.STATIC),
    (
        r"application/(?:wasm|pdf|zip|gzip|x-tar|x-7z-compressed|x-bzip2|vnd\.android\.package-archive|x-msdownload|x-apple-diskimage)",
        Kind.STATIC,
    ),
    (r"application/(?:font-\w+|x-font-\w+|vnd\.ms-fontobject|vnd\.apple\.mpegurl|x-mpegurl|dash\+xml|mp4|ogg|vnd\.yt-ump)", Kind.STATIC),
    (r"application/(?:[\w.+-]*proto[\w.+-]*|grpc[\w.+-]*|(?:x-|vnd\.)?msgpack|cbor|x-thrift|bson|vnd\.ipld\.[\w.+-]+)", Kind.OPAQUE),
    (r"text/plain|text/[\w.+-]+", Kind.TEXT),
)
_TABLE = tuple((re.compile(pattern), kind) for pattern, kind in TABLE)
SCRIPT_DESTS = frozenset(("script", "worker", "sharedworker", "serviceworker", "audioworklet", "paintworklet"))
MEDIA_DESTS = frozenset(("image", "audio", "video", "font", "style"))
PAGE_DESTS = frozenset(("document", "iframe", "frame", "embed", "object", "fencedframe"))
_MAY_BE_JSON = frozenset((Kind.JSON, Kind.SCRIPT, Kind.TEXT, Kind.HTML, Kind.SNIFF, Kind.MEDIA))
_BINARY = re.compile("[\x00-\x08\x0e-\x1a\x1c\x1d\x1f]")
"""Not U+001E, which stands between the messages that long polling brings."""
_JSONISH = re.compile(r"\ufeff?\s*+(for\s*\(;;\);|while\s*\((?:1|true)\);|\)\]\}'[^\n\[{]*+|&&&START&&&|throw 1;)?\s*+[\[{\"]")
_FRAMED = re.compile(r"\s*+(?:(?:/\*.*?\*/)?\s*+[\w$.\[\]]+\([\[{\"]|[0-9a-f]+:)")
"""JSONP and React's numbered lines."""
_MARKUP = re.compile(r"\ufeff?\s*+<(?:!doctype|!--|[a-z?])", re.I)
_SNIFFED = 64 * 1024
HEAD = 1024
"""Bytes at the beginning of a body by which `is_binary` tells."""
ENOUGH = 64
"""With fewer than these it should not be asked, unless there are no more."""
_MAGIC = re.compile(
    rb"\x89PNG|\xff\xd8|GIF8|RIFF|BM|....ftyp|....styp|....moof|\x1aE\xdf\xa3|OggS|ID3|fLaC|wOF|\0\x01\0\0|OTTO|ttcf|\0asm|%PDF|PK\x03\x04|\x1f\x8b",
    re.S,
)
_TEXT_SHARE = 0.85
ENTITY = re.compile(r"<!ENTITY\s", re.I)


def essence(content_type: str) -> str:
    """The media type without its parameters, lower case."""
    return content_type.split(";")[0].strip().lower()


def classify(content_type: str, dest: str = "", url: str = "", site: SiteProfile | None = None, attachment: bool = False) -> Kind:
    """The class of a response by what is known before its body. dest: Sec-Fetch-Dest; attachment: a download by its header."""
    media = essence(content_type)
    kind = next((k for pattern, k in _TABLE if pattern.fullmatch(media)), Kind.SNIFF)
    if attachment and dest in PAGE_DESTS:
        return Kind.STATIC
    if dest in SCRIPT_DESTS and kind is not Kind.OPAQUE:
        marked = site is not None and any(part in url for part in site.scripts)
        return Kind.SCRIPT if marked else Kind.STATIC
    if dest in MEDIA_DESTS:
        return Kind.STATIC
    if kind is Kind.STATIC and media == "text/css":
        return Kind.TEXT
    return Kind.MEDIA if kind is Kind.STATIC and dest not in PAGE_DESTS else kind


def is_binary(head: bytes) -> bool:
    """Whether the beginning of a body (without Content-Encoding) is that of a picture, a film, a font …: nothing one could show as text."""
    if not head:
        return False
    text = head[:HEAD].decode("utf-8", "replace")
    odd = len(_BINARY.findall(text)) + text[:-1].count("\ufffd")  # the last letter may be cut
    if odd and _MAGIC.match(head):
        return True
    return odd > (1 - _TEXT_SHARE) * len(text)


def is_streamed(content_type: str, dest: str = "", url: str = "", site: SiteProfile | None = None, attachment: bool = False) -> bool:
    """Whether a body goes out untouched, decided on the headers alone."""
    return classify(content_type, dest, url, site, attachment) is Kind.STATIC


def is_json_body(text: str) -> bool:
    """Whether a text is JSON to a script: one document, one a line, or anything behind a prefix that only scripts strip."""
    m = _JSONISH.match(text)
    if m is None:
        return False
    rest = text[m.end() - 1 :].strip()
    if m[1] or is_json(rest):
        return True
    lines = [line for line in rest.splitlines() if line.strip()]
    return len(lines) > 1 and all(is_json(line) for line in lines)


def sniff(text: str, shown: bool) -> Kind:
    """What a text without a true type is. shown: a browser shows it as plain text, so markup is none."""
    if is_json_body(text):
        return Kind.JSON
    if is_framed(text):
        return Kind.FRAMES
    return Kind.HTML if _MARKUP.match(text) and not shown else Kind.TEXT


def opaque(site: SiteProfile | None, what: str) -> None:
    """Let a body nobody can read pass only where the profile says so. Raises Unchecked otherwise."""
    if site is None or site.opaque is Opaque.BLOCK:
        raise Unchecked(f"{what} cannot be read, and no site profile lets it pass")


def glance(body: bytes, content_type: str, site: SiteProfile | None = None, dest: str = "", url: str = "") -> tuple[TextUnit, ...] | None:
    """The units `read` finds, several times faster and without their places, in a body that is plain JSON; None for any other."""
    if body[:64].lstrip(b" \t\r\n")[:1] not in (b"{", b"["):
        return None
    kind = classify(content_type, dest, url, site)
    if kind not in _MAY_BE_JSON:
        return None
    markup = kind is Kind.HTML or (kind in (Kind.SNIFF, Kind.MEDIA) and dest in PAGE_DESTS)
    return units_of(body, site) if charset.is_utf8_by_name(body, content_type, markup) else None


def read(
    body: bytes, content_type: str, site: SiteProfile | None = None, dest: str = "", url: str = "", nosniff: bool = False
) -> tuple[Document, charset.Text] | None:
    """The texts of a decoded body and its charset; None where the body is not to be read (static, or opaque by the profile).

    Raises Unchecked where it cannot be read.
    """
    kind = classify(content_type, dest, url, site)
    if kind is Kind.STATIC or not body:
        return None
    if kind is Kind.OPAQUE:
        opaque(site, f"a binary answer ({essence(content_type)})")
        return None
    if kind is Kind.MEDIA and is_binary(body[:HEAD]):
        return None
    guess = kind in (Kind.SNIFF, Kind.MEDIA)
    if kind is Kind.SNIFF and body[:1] in (b"\0", b"\1") and (packets := byte_packets(body.decode("latin-1"))):
        return _payload(body, packets, site)
    if kind is Kind.SNIFF and _BINARY.search(body[:_SNIFFED].decode("latin-1")) and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        opaque(site, f"a binary answer ({essence(content_type) or 'no type'})")
        return None
    markup = kind in (Kind.HTML, Kind.XML) or (guess and dest in PAGE_DESTS)
    text = charset.decode(body, content_type, markup, dest in ("", "empty"))
    if kind is Kind.XML and ENTITY.search(text.text):
        raise Unchecked("XML that defines entities of its own")
    if guess or kind is Kind.TEXT:
        kind = sniff(text.text, dest in PAGE_DESTS and not guess)
    elif kind is Kind.HTML and is_json_body(text.text):
        kind = Kind.JSON  # servers label answers to scripts as HTML
    elif kind is Kind.JSON and '"' not in text.text:
        kind = sniff(text.text, False)
    return _document(text, kind, site), text


def _payload(body: bytes, packets: list[Packet], site: SiteProfile | None) -> tuple[Document, charset.Text]:
    """A binary payload of long polling. Raises Unchecked where bytes in it are no text and may not pass."""
    text = charset.Text(body.decode("latin-1"), "latin-1")
    if any(p.binary and not is_text(body[p.start + 1 : p.end]) for p in packets):
        opaque(site, "a binary message")
    nested = Nested(site)
    read_bytes(View(text.text), packets, nested)
    return nested.findings.document(text.text), text


def _document(text: charset.Text, kind: Kind, site: SiteProfile | None) -> Document:
    nested = Nested(site)
    view = View(text.text)
    if text.ascii_only:
        view.escape = ascii_entities if kind in (Kind.HTML, Kind.XML) else lambda s: s.encode(text.codec, "replace").decode(text.codec)
    everything = (view, 0, len(text.text), nested)
    if kind is Kind.JSON:
        read_json(*everything, nested.keys)
        if not _JSONISH.match(text.text) and not _FRAMED.match(text.text):  # it only says that it is JSON
            if _MARKUP.match(text.text):
                read_markup(*everything, site)
            else:
                read_plain(view, nested.findings)
    elif kind is Kind.SCRIPT:
        if is_json_body(text.text):
            read_json(*everything, nested.keys)
        elif _MARKUP.match(text.text):  # it only says that it is a script
            read_markup(*everything, site)
        else:
            read_script(*everything, nested.keys)
    elif kind in (Kind.HTML, Kind.XML):
        read_markup(*everything, site, xml=kind is Kind.XML)
    elif kind is Kind.FRAMES:
        read_frames(view, nested)
    elif kind is Kind.CAPTIONS:
        read_captions(view, nested.findings)
    else:
        read_plain(view, nested.findings)
    return nested.findings.document(text.text)
