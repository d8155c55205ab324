"""The containers of a body (boxes of HTML, objects and lists of JSON) and the pictures that stand in them. Pure.

A second pass over the body, made only where something is hidden; the readers of every body pay nothing for it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from safeguard.formats.addresses import EXTENSION, Found, in_set, in_style
from safeguard.formats.escape import html_text, identity
from safeguard.formats.literals import ESCAPES, JS_TOKEN, undo, unescaped
from safeguard.formats.nested import TAG, looks_like_json
from safeguard.formats.references import REFERENCE, undo_reference, undone
from safeguard.formats.sites.model import SiteProfile
from safeguard.formats.tags import Attribute, Token, tokens
from safeguard.formats.view import DEEPEST, View
from safeguard.formats.words import words

MOST = 20_000
"""Pictures of one body that are looked at; a page has a few hundred."""
LONGEST = 4096
"""Of an address, in letters; a picture written out in its address may be as long as it likes."""
_DRAWN = re.compile(rf"(?:{EXTENSION}|\.svg)(?:[?#:!]|\Z)", re.I)
_INLINE = re.compile(r"\s*+data:image/", re.I)
_ADDRESS = re.compile(
    r"(?:https?:)?//[^\s\"'<>]+|/[^\s\"'<>/][^\s\"'<>]*|[\w.-]+(?:/[\w.%-]+)*\.(?:jpe?g|png|gif|webp|avif)(?:\?\S*)?", re.I
)
PICTURE_KEY = re.compile(r"image|img|photo|picture|\bpics?\b|thumb|preview|poster|cover|media|display_url|gallery|attachment|sticker", re.I)
_PICTURE_ATTRIBUTE = re.compile(rf"src|original|background|\bbg\b|lazy|full|large|hi-?res|{PICTURE_KEY.pattern}", re.I)
_NOT_THE_POSTS = re.compile(
    r"avatar|profile_?(?:image|pic|photo|banner)|user_?(?:pic|icon|image|photo)|(?:author|channel|owner|community)_?(?:photo|thumb|image|icon)"
    r"|emoji|icon|badge|logo|verified",
    re.I,
)
"""The author's portrait and the site's own drawings stand beside many units and belong to none."""
_ATTRIBUTES = words("src poster href xlink:href background data")
_LINKS = words("href xlink:href data")
_PLAYED = words("video audio source iframe embed script track")
_NAMES = 4
"""Keys around an address that say what it leads to: url, small, sizes, photo."""
_BOXES = words(
    "html body main div section aside nav header footer td th form details dialog ul ol table tbody article li tr entry item message"
)
_SEALED = words("article li tr entry item message")
_THREAD = re.compile(r"\b(?:comment|reply|message|tweet|post|status)(?!s\b|-?(?:list|count|box|form|button|icon|link))", re.I)
_QUOTE = re.compile(
    r"quot|retweet|repost|reblog|crosspost|forward|shared_?(?:post|status|story)|attached_?story|copy_history|fwd_messages"
    r"|repl(?:y|ied)_?(?:to_?)?message|referenced_?message|message_snapshots?",
    re.I,
)
_ATTACHED = re.compile(
    r"attachments?\Z|\A(?:(?:link|url|page|status|share|preview)[_-]?)?(?:card|previews?|embeds?|unfurls?)\Z|web_?page\Z|\A(?:link|external)\Z"
    r"|open_?graph|translat",
    re.I,
)
_THREAD_KEY = re.compile(r"comments?(?:\Z|_|renderer)|replies|\A(?:reply|children)\Z", re.I)
_QUOTED_MARK = re.compile(
    r"(?<![a-z])quot(?:e|ed)?(?![a-z]|[_-]+(?:count|button|btn|icon|link|form|action|toggle))"
    r"|\b(?:repost|reblog|forwarded)(?:[_-](?:post|status|message|tweet|note)|(?![\w-]))",
    re.I,
)
_ATTACHED_MARK = re.compile(
    r"\b(?:link|url|status|page|og|web)_?-?_?(?:card|preview)|preview-?_?card|\bunfurl|\bonebox|\b(?:embed|translat(?:ion|ed))(?![\w-])",
    re.I,
)
"""What sites call a post that another one shows, and what hangs on a post: a link's card, a translation. First keys, then classes."""
_HUNG = words("a blockquote q figure")
"""Elements that are a container where they are such a thing."""
_NO_PICTURE = re.compile(r"\.(?:mp4|m4[asv]|mov|webm|m3u8|mpd|ts|mp3|ogg|js|css|json|html?|php|pdf)(?:[?#]|\Z)", re.I)
_BARE_KEY = re.compile(r"([A-Za-z_$][\w$]*)\s*:\s*\Z")
_FIRST = re.compile(r"<[a-zA-Z!/?]|[{\[]")


def is_address(text: str) -> bool:
    """Whether a text is nothing but an address or a picture written out."""
    return _INLINE.match(text) is not None or _ADDRESS.fullmatch(text.strip()) is not None


@dataclass(slots=True, eq=False)
class Box:
    """One container.

    sealed:  what stands outside of it does not belong to its units.
    quoted:  a post that another one shows: its pictures belong to both, its text to itself.
    attached: what hangs on a post and says nothing of its own: a link's card, a translation.
    thread:  comments on what is around it.
    is_list: a list of things.
    """

    start: int
    end: int
    parent: Box | None
    name: str = ""
    sealed: bool = False
    is_list: bool = False
    quoted: bool = False
    attached: bool = False
    thread: bool = False
    items: int = 0

    @property
    def closed_off(self) -> bool:
        return self.sealed or self.quoted or (self.is_list and self.items > 1)


class Picture(NamedTuple):
    """One address in a body, read; at: where its element or string begins; start, end: a picture written out in its address.

    seen: whether it is shown here, and not only announced (a preload) or linked to.
    """

    url: str
    at: int
    box: Box
    seen: bool = True
    start: int = -1
    end: int = -1


@dataclass(slots=True)
class Tree:
    """The containers and pictures of one body, with their offsets in it."""

    top: Box
    site: SiteProfile | None = None
    boxes: list[Box] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    base: str = ""
    _starts: list[int] = field(default_factory=list)

    def open(self, start: int, name: str = "", sealed: bool = False, is_list: bool = False) -> Box:
        outer = self.top
        outer.items += 1
        made = self.top = Box(start, start, outer, name, sealed, is_list, _QUOTE.search(name) is not None)
        made.attached = _ATTACHED.search(name) is not None
        made.thread = not made.quoted and _THREAD_KEY.search(name) is not None
        self.boxes.append(made)
        return made

    def innermost(self, at: int) -> Box:
        """The smallest container around an offset; when all is read."""
        if not self._starts:
            self.boxes.sort(key=lambda b: (b.start, -b.end))
            self._starts = [b.start for b in self.boxes]
        known = self.boxes[max(0, bisect_right(self._starts, at) - 1)]
        while known.parent is not None and not known.start <= at < known.end:
            known = known.parent
        return known

    def close(self, end: int) -> None:
        if self.top.parent is not None:
            self.top.end = end
            self.top = self.top.parent

    def picture(self, url: str, at: int, view: View, start: int, end: int, seen: bool = True) -> None:
        """An address that stands, perhaps escaped, at start:end of the view."""
        if len(self.pictures) >= MOST:
            return
        if _INLINE.match(url):
            self.pictures.append(Picture("", at, self.top, seen, view.at(start), view.at(end)))
        elif 0 < len(url) <= LONGEST:
            self.pictures.append(Picture(url, at, self.top, seen))


def read(body: str, site: SiteProfile | None = None) -> Tree:
    """The tree of a body of any format; what is not read well ends in fewer containers, never in a failure."""
    tree = Tree(Box(0, len(body) + 1, None), site)
    tree.boxes.append(tree.top)
    view = View(body)
    first = _FIRST.search(body)
    if first is not None and first[0][0] == "<":
        _markup(tree, view)
    else:
        _objects(tree, view, 0, len(body))
    while tree.top.parent is not None:
        tree.close(len(body))
    return tree


def _markup(tree: Tree, view: View) -> None:
    stack: list[tuple[str, Box]] = []
    text = view.text
    units = tree.site.units if tree.site is not None else ()
    for t in tokens(text, 0, len(text)):
        if t.kind == "start":
            values = {a.name: undone(text[a.start : a.end]) for a in reversed(t.attributes)}
            at = view.at(t.start)
            unit = any(s.matches(t.name, values) for s in units)
            quoted, attached = _hangs(t.name, values) if t.name in _BOXES or t.name in _HUNG else (False, False)
            if t.name in _BOXES or unit or quoted or attached:
                sealed = unit or t.name in _SEALED or _is_listed(t.name, values)
                box = tree.open(at, sealed=sealed, is_list=t.name in ("ul", "ol", "table"))
                box.quoted, box.attached = quoted, attached
                stack.append((t.name, box))
            elif t.name == "base" and not tree.base:
                tree.base = values.get("href", "")
            _of_tag(tree, view, t, values, at)
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


def _hangs(name: str, values: Mapping[str, str]) -> tuple[bool, bool]:
    """Whether an element is a post that another one shows; whether it hangs on a post."""
    marks = _marks(values)
    return name in ("blockquote", "q") or _QUOTED_MARK.search(marks) is not None, _ATTACHED_MARK.search(marks) is not None


def _marks(values: Mapping[str, str]) -> str:
    return f"{values.get('class', '')} {values.get('id', '')} {values.get('data-testid', '')}"


def _is_listed(name: str, values: Mapping[str, str]) -> bool:
    return values.get("role") in ("article", "listitem") or (name == "div" and _THREAD.search(_marks(values)) is not None)


def _raw(tree: Tree, view: View, t: Token) -> None:
    if t.name == "script":
        _objects(tree, view, t.start, t.end)
    elif t.name == "noscript" and view.depth < DEEPEST:
        _markup(tree, view.inside(t.start, t.end, view.text[t.start : t.end], identity))


def _of_tag(tree: Tree, view: View, t: Token, values: Mapping[str, str], at: int) -> None:
    if _NOT_THE_POSTS.search(" ".join(values.get(n, "") for n in ("class", "id", "data-testid", "role"))):
        return
    shown = t.name in ("img", "image") or (t.name == "input" and values.get("type", "").lower() == "image")
    for a in reversed({a.name: a for a in reversed(t.attributes)}.values()):
        value = values[a.name]
        if "url(" in value or "image-set(" in value:
            if a.name == "style" or a.name.startswith("data-"):
                inner = _attribute(view, a, value)
                for found in in_style(value):
                    tree.picture(found.url.strip(), at, inner, found.start, found.end)
        elif a.name.endswith("srcset"):
            if shown or t.name in ("source", "link"):
                inner = _attribute(view, a, value)
                for found in in_set(value):
                    tree.picture(found.url, at, inner, found.start, found.end, t.name != "link")
        elif a.name in _ATTRIBUTES:
            own = (shown and a.name not in _LINKS) or t.name == "image" or a.name in ("poster", "background")
            if own or _DRAWN.search(value) or _INLINE.match(value) or _announced(t.name, values):
                tree.picture(value.strip(), at, view, a.start, a.end, a.name not in _LINKS)
        elif a.name.startswith("data-"):
            _of_data(tree, view, a, value, at, t.name)


def _announced(name: str, values: Mapping[str, str]) -> bool:
    """A link that makes the browser load a picture ahead."""
    return name == "link" and values.get("as", "").lower() == "image"


def _of_data(tree: Tree, view: View, a: Attribute, value: str, at: int, name: str) -> None:
    """What scripts take for a picture later: an address in an attribute of their own, or their objects in JSON."""
    if value.lstrip()[:1] in ("{", "["):
        if view.depth < DEEPEST and looks_like_json(value):
            _objects(tree, _attribute(view, a, value), 0, len(value))
    elif _INLINE.match(value) or (_ADDRESS.fullmatch(value.strip()) and not _NOT_THE_POSTS.search(a.name)):
        says = PICTURE_KEY if name in _PLAYED else _PICTURE_ATTRIBUTE
        if _DRAWN.search(value) or _INLINE.match(value) or says.search(a.name):
            tree.picture(value.strip(), at, view, a.start, a.end)


def _attribute(view: View, a: Attribute, value: str) -> View:
    """The value of an attribute with its references undone."""
    same = len(value) == a.end - a.start
    return view.inside(a.start, a.end, value, html_text, None if same else REFERENCE, None if same else undo_reference)


def _objects(tree: Tree, view: View, start: int, end: int) -> None:
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


def _names(name: str, box: Box | None) -> tuple[str, ...]:
    """A key and those of the containers around it; a thing in a list bears the name of the list."""
    names = [name]
    while box is not None and box.name and len(names) < _NAMES:
        if box.name != names[-1]:
            names.append(box.name)
        box = box.parent
    return tuple(names)


def _value(tree: Tree, view: View, start: int, end: int, name: str) -> None:
    raw = view.text[start:end]
    value = unescaped(raw)
    if value[:1] in ("{", "[") or ("<" in value and not _INLINE.match(value)):
        _nested(tree, view, start, end, value)
    elif ("/" in value or "." in value) and (len(value) <= LONGEST or "data:image" in value.lower()):
        keys = _names(name, tree.top)
        if any(_NOT_THE_POSTS.search(k) for k in keys):
            return  # an author's portrait: by its own key or that of an object around it
        inner = view.inside(start, end, value, identity, ESCAPES if len(value) != len(raw) else None, undo)
        for found in _in_value(value, keys):
            tree.picture(found.url, view.at(start), inner, found.start, found.end)


def _in_value(value: str, keys: tuple[str, ...]) -> Iterator[Found]:
    """The addresses of pictures in a string of JSON."""
    if _INLINE.match(value):
        yield Found(value, 0, len(value))
    elif _ADDRESS.fullmatch(value):
        if _DRAWN.search(value) or (any(PICTURE_KEY.search(k) for k in keys) and not _NO_PICTURE.search(value)):
            yield Found(value, 0, len(value))
            if "&amp;" in value:
                yield Found(undone(value), 0, len(value))  # some write JSON as if it were HTML
    elif "srcset" in keys[0].lower():
        yield from in_set(value)
    elif "url(" in value:
        yield from in_style(value)


def _nested(tree: Tree, view: View, start: int, end: int, text: str) -> None:
    """Markup or JSON in a string that reads `text`."""
    if view.depth >= DEEPEST:
        return
    inner = view.inside(start, end, text, identity, ESCAPES if len(text) != end - start else None, undo)
    if looks_like_json(text):
        _objects(tree, inner, 0, len(text))
    elif "<" in text and TAG.search(text):
        outermost = tree.top
        _markup(tree, inner)
        while tree.top is not outermost:
            tree.close(view.at(end))
