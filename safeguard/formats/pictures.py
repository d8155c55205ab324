"""Which pictures belong to a hidden unit: those that stand in its container, a box of HTML or an object of JSON. Pure.

A second pass over the body, made only where something is hidden; the readers of every body pay nothing for it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin, urlsplit

from safeguard.formats.document import Document
from safeguard.formats.escape import identity
from safeguard.formats.literals import ESCAPES, JS_TOKEN, undo, unescaped
from safeguard.formats.nested import TAG, looks_like_json
from safeguard.formats.references import undone
from safeguard.formats.tags import Token, tokens
from safeguard.formats.view import DEEPEST, View
from safeguard.formats.words import words
from safeguard.text.unit import Role

MOST = 5000
"""Pictures of one body that are looked at; a page has a few hundred."""
LONGEST = 4096
_EXTENSION = re.compile(r"\.(?:jpe?g|jfif|png|gif|webp|avif|bmp|svg|heic)(?:[?#:!]|\Z)", re.I)
_ADDRESS = re.compile(
    r"(?:https?:)?//[^\s\"'<>]+|/[^\s\"'<>/][^\s\"'<>]*|[\w.-]+(?:/[\w.%-]+)*\.(?:jpe?g|png|gif|webp|avif)(?:\?\S*)?", re.I
)
_PICTURE_KEY = re.compile(
    r"image|img|photo|picture|\bpics?\b|thumb|preview|poster|cover|media|display_url|gallery|attachment|sticker", re.I
)
_NOT_THE_POSTS = re.compile(
    r"avatar|profile_?(?:image|pic|photo|banner)|user_?(?:pic|icon|image|photo)|(?:author|channel|owner|community)_?(?:photo|thumb|image|icon)"
    r"|emoji|icon|badge|logo|verified",
    re.I,
)
"""The author's portrait and the site's own drawings stand beside many units and belong to none."""
_ATTRIBUTES = words("src data-src data-lazy-src data-original data-image data-full poster href xlink:href")
_SETS = words("srcset data-srcset imagesrcset")
_SET_ITEM = re.compile(r"[\s,]*+(\S*[^\s,])(?:,+(?=\s|\Z)|\s[^,]*+(?:,|\Z)|\Z)")
_STYLE = re.compile(r"url\(\s*['\"]?([^'\")]+)", re.I)
_BOXES = words(
    "html body main div section aside nav header footer td th form details dialog ul ol table tbody article li tr entry item message"
)
_SEALED = words("article li tr entry item message")
_THREAD = re.compile(r"\b(?:comment|reply|message|tweet|post|status)(?!s\b|-?(?:list|count|box|form|button|icon|link))", re.I)
_BARE_KEY = re.compile(r"([A-Za-z_$][\w$]*)\s*:\s*\Z")
_ATTACHED = frozenset({Role.ALT, Role.NAME, Role.CARD})
"""Texts that speak of the picture or its author: the unit that shows the picture may be farther out."""


def key(url: str) -> str:
    """One spelling for every way to write the address of a picture; "" for what is no address. The scheme does not count."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").rstrip(".").lower()
    if parts.scheme not in ("http", "https") or not host:
        return ""
    where = host if port in (None, 80, 443) else f"{host}:{port}"
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return f"{where}{path}?{query}" if query else where + path


def key_in(base: str, url: str) -> str:
    """The key of an address that stands in the body at `base`; "" for what is no address."""
    try:
        return key(urljoin(base, url))
    except ValueError:
        return ""


@dataclass(slots=True, eq=False)
class _Box:
    """One container. sealed: what stands outside of it does not belong to its units; listed: a list of things."""

    start: int
    end: int
    parent: _Box | None
    name: str = ""
    sealed: bool = False
    is_list: bool = False
    items: int = 0

    @property
    def closed_off(self) -> bool:
        return self.sealed or (self.is_list and self.items > 1)


@dataclass(slots=True)
class _Tree:
    """The containers and pictures of one body, with their offsets in it."""

    top: _Box
    boxes: list[_Box] = field(default_factory=list)
    pictures: list[tuple[str, int, _Box]] = field(default_factory=list)
    base: str = ""

    def open(self, start: int, name: str = "", sealed: bool = False, is_list: bool = False) -> _Box:
        outer = self.top
        outer.items += 1
        self.top = _Box(start, start, outer, name, sealed, is_list)
        self.boxes.append(self.top)
        return self.top

    def close(self, end: int) -> None:
        if self.top.parent is not None:
            self.top.end = end
            self.top = self.top.parent

    def picture(self, url: str, at: int) -> None:
        if len(self.pictures) < MOST and 0 < len(url) <= LONGEST:
            self.pictures.append((url, at, self.top))


def of_places(document: Document, hidden: Collection[int], base: str) -> dict[str, int]:
    """Key of each picture that stands with a hidden text -> index of that text's place. base: address of the body."""
    body = document.body
    tree = _Tree(_Box(0, len(body) + 1, None))
    tree.boxes.append(tree.top)
    view = View(body)
    if body.lstrip("\ufeff \t\r\n")[:1] == "<":
        _markup(tree, view)
    else:
        _objects(tree, view, 0, len(body))
    while tree.top.parent is not None:
        tree.close(len(body))
    near = _Near(document, tree.boxes, hidden)
    if tree.base:
        base = urljoin(base, tree.base)
    out: dict[str, int] = {}
    for url, at, box in tree.pictures:
        place = near.hidden_with(at, box)
        if place is None:
            continue
        if absolute := key_in(base, url):
            out.setdefault(absolute, place)
    return out


@dataclass(frozen=True, slots=True)
class _Text:
    """One text of a unit. whole: what it is a part of, a unit as far as one container holds it together."""

    at: int
    whole: tuple[int, int]
    attached: bool


class _Near:
    """Which texts a picture belongs to."""

    def __init__(self, document: Document, boxes: list[_Box], hidden: Collection[int]) -> None:
        self._boxes = sorted(boxes, key=lambda b: (b.start, -b.end))
        self._starts = [b.start for b in self._boxes]
        self._known: dict[int, _Box] = {}
        self._hidden: dict[tuple[int, int], int] = {}
        self._texts: list[_Text] = []
        for number, unit in enumerate(document.units):
            for s in unit.segments:
                at = document.places[s.place].runs[0].start
                whole = number, self._kept_by(at).start
                self._texts.append(_Text(at, whole, s.role in _ATTACHED))
                if s.place in hidden:
                    self._hidden.setdefault(whole, s.place)
        self._texts.sort(key=lambda t: t.at)
        self._at = [t.at for t in self._texts]

    def hidden_with(self, at: int, box: _Box) -> int | None:
        """The place of a hidden text that a picture goes with."""
        return next((self._hidden[w] for w in self._owners(at, box) if w in self._hidden), None)

    def _innermost(self, at: int) -> _Box:
        known = self._known.get(at)
        if known is None:
            known = self._boxes[max(0, bisect_right(self._starts, at) - 1)]
            while known.parent is not None and not known.start <= at < known.end:
                known = known.parent
            self._known[at] = known
        return known

    def _kept_by(self, at: int) -> _Box:
        """The innermost container that keeps its texts to itself: a comment within a post is not the post."""
        box = self._innermost(at)
        while box.parent is not None and not box.sealed:
            box = box.parent
        return box

    def _depth(self, at: int, box: _Box) -> int:
        """How many containers stand between; -1 where one of them keeps its own for itself."""
        depth, inner = 0, self._innermost(at)
        while inner is not box:
            if inner.closed_off or inner.parent is None:
                return -1
            inner = inner.parent
            depth += 1
        return depth

    def _owners(self, at: int, box: _Box | None) -> Iterator[tuple[int, int]]:
        """Those in the smallest container that has any, then in what is around it as long as these only describe the picture."""
        while box is not None:
            first, last = bisect_left(self._at, box.start), bisect_left(self._at, box.end)
            if last - first <= MOST:
                level = [(d, t) for t in self._texts[first:last] if (d := self._depth(t.at, box)) >= 0]
                texts = [(d, t) for d, t in level if not t.attached]
                yield from self._nearest(at, box, texts)
                yield from self._nearest(at, box, [(d, t) for d, t in level if t.attached])
                if texts and not _PICTURE_KEY.search(box.name):
                    return
            if box.sealed:
                return
            box = box.parent

    def _nearest(self, at: int, box: _Box, found: list[tuple[int, _Text]]) -> Iterator[tuple[int, int]]:
        """Of the least deep ones: in an object every one, in a row the one before the picture and the one after it."""
        least = min((d for d, _ in found), default=0)
        those = [t for d, t in found if d == least]
        if box.name and not box.is_list:
            yield from dict.fromkeys(t.whole for t in those)
            return
        before = [t.whole for t in those if t.at <= at]
        after = [t.whole for t in those if t.at > at]
        yield from dict.fromkeys(before[-1:] + after[:1])


def _addresses(value: str) -> Iterator[str]:
    """The addresses in a srcset."""
    for m in _SET_ITEM.finditer(value):
        yield m[1]


def _markup(tree: _Tree, view: View) -> None:
    stack: list[tuple[str, _Box]] = []
    text = view.text
    for t in tokens(text, 0, len(text)):
        if t.kind == "start":
            values = {a.name: undone(text[a.start : a.end]) for a in reversed(t.attributes)}
            at = view.at(t.start)
            if t.name in _BOXES:
                marks = f"{values.get('class', '')} {values.get('id', '')} {values.get('data-testid', '')}"
                listed = values.get("role") in ("article", "listitem") or (t.name == "div" and _THREAD.search(marks) is not None)
                stack.append((t.name, tree.open(at, sealed=t.name in _SEALED or listed, is_list=t.name in ("ul", "ol", "table"))))
            elif t.name == "base" and not tree.base:
                tree.base = values.get("href", "")
            _of_tag(tree, t.name, values, at)
        elif t.kind == "end" and any(name == t.name for name, _ in stack[-40:]):
            while stack:
                name, _ = stack.pop()
                tree.close(view.at(t.start))
                if name == t.name:
                    break
        elif t.kind == "raw":
            _raw(tree, view, t)
    for _ in stack:
        tree.close(view.at(len(text)))


def _raw(tree: _Tree, view: View, t: Token) -> None:
    if t.name == "script":
        _objects(tree, view, t.start, t.end)
    elif t.name == "noscript" and view.depth < DEEPEST:
        _markup(tree, view.inside(t.start, t.end, view.text[t.start : t.end], identity))


def _of_tag(tree: _Tree, name: str, values: Mapping[str, str], at: int) -> None:
    if _NOT_THE_POSTS.search(" ".join(values.get(n, "") for n in ("class", "id", "data-testid", "role"))):
        return
    shown = name in ("img", "image")
    for attribute, value in values.items():
        if attribute in _SETS:
            for url in _addresses(value) if shown or name == "source" else ():
                tree.picture(url, at)
        elif attribute in _ATTRIBUTES:
            own = (shown and attribute not in ("href", "xlink:href")) or (name == "image" or attribute == "poster")
            if own or _EXTENSION.search(value):
                tree.picture(value.strip(), at)
        elif attribute == "style" and "url(" in value:
            for m in _STYLE.finditer(value):
                tree.picture(m[1].strip(), at)


def _objects(tree: _Tree, view: View, start: int, end: int) -> None:
    """JSON, or the literals of JavaScript."""
    text = view.text
    outermost = tree.top
    name = ""
    for m in JS_TOKEN.finditer(text, start, end):
        which = m.lastindex
        if which is None:
            c = text[m.start()]
            if c in "{[":
                under = name if name or not tree.top.is_list else tree.top.name
                tree.open(view.at(m.start()), under or "{", is_list=c == "[")
                name = ""
            elif c in "}]" and tree.top is not outermost:
                tree.close(view.at(m.end()))
                name = ""
        elif which in (2, 4):
            name = unescaped(text[m.start(which - 1) : m.end(which - 1)])
        else:
            if bare := _BARE_KEY.search(text, max(start, m.start() - 60), m.start()):
                name = bare[1]
            _value(tree, view, m.start(which), m.end(which), name)
            name = ""
    while tree.top is not outermost:
        tree.close(view.at(end))


def _value(tree: _Tree, view: View, start: int, end: int, name: str) -> None:
    if end - start > LONGEST or "<" in view.text[start:end] or "{" in view.text[start : start + 3]:
        _nested(tree, view, start, end)
        return
    url = unescaped(view.text[start:end])
    if not _ADDRESS.fullmatch(url):
        if "<" in url:
            _nested(tree, view, start, end)
        return
    outer = tree.top.parent.name if tree.top.parent is not None else ""
    keys = (name, tree.top.name, outer)
    # an author's portrait: by its own key or that of the object around it
    if any(_NOT_THE_POSTS.search(k) for k in keys):
        return
    if _EXTENSION.search(url) or any(_PICTURE_KEY.search(k) for k in keys):
        tree.picture(url, view.at(start))


def _nested(tree: _Tree, view: View, start: int, end: int) -> None:
    """Markup or JSON in a string."""
    raw = view.text[start:end]
    text = unescaped(raw)
    if view.depth >= DEEPEST:
        return
    inner = view.inside(start, end, text, identity, ESCAPES if len(text) != len(raw) else None, undo)
    if looks_like_json(text):
        _objects(tree, inner, 0, len(text))
    elif "<" in text and TAG.search(text):
        outermost = tree.top
        _markup(tree, inner)
        while tree.top is not outermost:
            tree.close(view.at(end))
