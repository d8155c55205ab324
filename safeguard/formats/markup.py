"""Texts of HTML and XML: a paragraph with its inline elements is one text, an article, list item or block is one unit. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from safeguard.formats.document import Run
from safeguard.formats.escape import Escape, html_text, identity
from safeguard.formats.found import LETTER, MAYBE_LETTER, Draft, Reader
from safeguard.formats.references import REFERENCE, undo_reference, undone
from safeguard.formats.sites.model import Selector, SiteProfile
from safeguard.formats.tags import Attribute, Token, tokens
from safeguard.formats.view import View
from safeguard.formats.words import words
from safeguard.text.unit import Role

_BOXES = words("html head body main div section aside nav header footer td th form figure details dialog dd center fieldset title")
_UNITS = words("article li item entry message status tr")
_LINES = words(
    "p h1 h2 h3 h4 h5 h6 ul ol dl dt blockquote pre table tbody thead tfoot caption hr option select optgroup "
    "button label legend figcaption summary address menu textarea iframe video audio canvas object svg math "
    "template slot input noscript script style xmp plaintext noembed noframes"
)
_BLOCKS = _BOXES | _UNITS | _LINES
_NONE: Mapping[str, str] = MappingProxyType({})
_VOID = words("area base br col embed hr img input link meta param source track wbr")
_IMPLIED_END = words("li option tr td th dt dd")
_LISTS = words("ul ol menu table select dl")
_ATTR_NEVER = words(
    "class style id href src srcset sizes rel media type name for action method target role d points viewbox "
    "transform fill stroke charset integrity crossorigin nonce width height lang dir tabindex http-equiv property "
    "itemprop itemtype itemscope autocomplete datetime imagesrcset imagesizes loading as hreflang allow sandbox "
    "xmlns aria-labelledby aria-describedby aria-controls jsaction jsname jscontroller jsmodel poster enctype "
    "accept pattern"
)
_ATTR_ALWAYS = words(
    "alt title placeholder aria-label aria-description aria-valuetext aria-roledescription label summary content value srcdoc"
)
_SPANS = words("b i em strong span u s small big sub sup del ins mark font code")
"""Inside a line in XML too: chats and feeds carry HTML (XEP-0071)."""
_SAYS_NAME = words("nick nickname fn")  # elements of XMPP and vCards
_PLAIN = re.compile(r"\s*+[^<{\[\s][^<]*+")
_XML_NAMES = words("name nick")  # of contacts and rooms in chats; technical in HTML
_OCCUPANT = re.compile(r"[^\s/@]+@[^\s/@]+/(?=.)", re.S)
"""What stands before the nickname in the address of somebody in a chat room (XEP-0045); the nickname may be any text."""
_SPEECH = re.compile(r"[^\x00-\x7f]|\s|&")
_THREAD = re.compile(r"\b(?:comment|reply|message|tweet|post|status)(?!s\b|-?(?:list|count|box|form|button|icon|link))", re.I)
_TECHNICAL = words(
    "viewport robots googlebot theme-color color-scheme format-detection generator referrer msapplication-tilecolor og:type og:locale"
    " og:url og:image twitter:card apple-mobile-web-app-capable mobile-web-app-capable csrf-token csrf-param google-site-verification"
)
_GROUPS = re.compile(r"<(?:div|li|article|section|td)\b", re.I)
_COMMENT = re.compile(r"comment|reply", re.I)
_MESSAGE = re.compile(r"message", re.I)
_ODD_TAG = re.compile(r"""<[a-zA-Z][\w:-]*(?:\s+[\w:@.-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+)|\s+[\w-]+(?=\s*/?>))*\s*/?>""", re.S)


_About = tuple[tuple[tuple[Selector, Role], ...], tuple[Selector, ...]]
"""Selectors of roles, and of what a unit begins with."""


def _about(site: SiteProfile, name: str, attributes: bool) -> _About:
    """What of a profile's selectors can be about an element of that name, with attributes or without."""
    if "elements" not in site.met:
        site.met["elements"] = _by_name(site)
    known: dict[tuple[str, bool], _About] = site.met["elements"]
    return known.get((name, attributes)) or known["", attributes]


def _by_name(site: SiteProfile) -> dict[tuple[str, bool], _About]:
    """For every name in the profile's selectors and for any other ("")."""

    def fits(s: Selector, name: str, attributes: bool) -> bool:
        return s.tag in ("", name) and (attributes or not (s.classes or s.attributes))

    names = {"", *(s.tag for s, _ in site.selectors), *(s.tag for s in site.units)}
    return {
        (name, some): (tuple((s, r) for s, r in site.selectors if fits(s, name, some)), tuple(s for s in site.units if fits(s, name, some)))
        for name in names
        for some in (False, True)
    }


class _Open:
    """One open block. strong: an article, a list item or what a profile names: inner boxes begin no unit of their own.

    inside: inline elements of the same name that are open in it, as in a <span> that a profile names.
    """

    __slots__ = ("draft", "inside", "name", "role", "strong")

    def __init__(self, name: str, draft: Draft | None, strong: bool, role: Role) -> None:
        self.name = name
        self.draft = draft
        self.strong = strong
        self.role = role
        self.inside = 0


class _Markup:
    """One pass over one piece of markup."""

    def __init__(self, view: View, reader: Reader, site: SiteProfile | None, draft: Draft | None, role: Role | None, xml: bool) -> None:
        self.view = view
        self.reader = reader
        self.site = site
        self.xml = xml
        self.root = _Open("", draft, draft is not None and not _GROUPS.search(view.text), role or Role.POST)
        self.stack = [self.root]
        self.count: dict[str, int] = {}
        self.parts: list[str] = []
        self.runs: list[Run] = []

    def draft(self) -> Draft:
        """The unit of the innermost open block; begun before its lines are, so that they share it."""
        top = self.stack[-1]
        if top.draft is None:
            top.draft = self.reader.findings.draft()
        return top.draft

    def flush(self) -> None:
        if not self.parts:
            return
        if self.runs:
            text = "".join(self.parts).strip()
            if LETTER.search(text):
                self.draft().add(text, self.stack[-1].role, tuple(self.runs))
            self.runs = []
        self.parts = []

    def text(self, start: int, end: int, references: bool = True, escape: Escape = html_text) -> None:
        raw = self.view.text[start:end]
        if not raw or raw.isspace():
            if self.parts:
                self.parts.append(" ")
            return
        stripped = raw.strip()
        lead = start if len(stripped) == len(raw) else start + len(raw) - len(raw.lstrip())
        if self.xml and references and "&lt;" in raw:  # markup inside XML, as feeds have it
            self.flush()
            self.reader.string(self.view, start, end, "html", self.draft(), self.stack[-1].role)
            return
        self.parts.append(undone(raw) if references else raw)
        self.runs.append(self.view.run(lead, lead + len(stripped), escape))

    def start(self, token: Token) -> None:
        name = token.name
        attributes = self.attributes(token) if token.attributes else _NONE
        if name == "br":
            if self.parts:
                self.parts.append("\n")
            return
        if name == "html" and "lang" in attributes and not self.reader.findings.lang:
            self.reader.findings.lang = attributes["lang"][:20]
        role, unit = self.selected(name, attributes)
        if not unit and role is None and (name in _SPANS if self.xml else name not in _BLOCKS):
            if name == "img" and 0 < len(attributes.get("alt", "")) <= 4:
                self.parts.append(attributes["alt"])  # an emoji drawn as a picture
            if self.count.get(name) and name not in _VOID:
                self.innermost(name).inside += 1
            self.spoken(token)
            return
        self.flush()
        if name in _IMPLIED_END:
            self.implied_end(name)
        if name not in _VOID:
            self.push(name, attributes, role, unit)
        if attributes:
            self.spoken(token)

    def push(self, name: str, attributes: Mapping[str, str], role: Role | None, unit: bool) -> None:
        outer = self.stack[-1]
        stanza = self.xml and name == "message"  # XMPP; in an archive's answer it stands inside another one
        if stanza and role is None:
            role = Role.MESSAGE
        elif self.xml and role is None and name in _SAYS_NAME:
            role = Role.NAME
        marks = ""
        if attributes and name in _BOXES and outer.name:
            marks = f"{attributes.get('class', '')} {attributes.get('id', '')} {attributes.get('data-testid', '')}"
        thread = marks != "" and _THREAD.search(marks) is not None
        listed = attributes.get("role") in ("article", "listitem")
        if role is None:
            role = Role.COMMENT if thread and _COMMENT.search(marks) else Role.MESSAGE if thread and _MESSAGE.search(marks) else outer.role
        if unit or name == "article" or listed or (thread and not outer.strong) or (name in _UNITS and not outer.strong):
            opened = _Open(name, None, True, role)
        elif outer.strong or name in _LINES:
            opened = _Open(name, self.draft(), outer.strong, role)
        elif self.xml:
            opened = _Open(name, outer.draft, False, role)
        else:
            opened = _Open(name, None, False, role)
        self.stack.append(opened)
        self.count[name] = self.count.get(name, 0) + 1
        if stanza and (sender := attributes.get("from")):
            self.draft().author = sender

    def implied_end(self, name: str) -> None:
        """`<li>` ends the `<li>` before it, unless a list of its own stands between."""
        for opened in reversed(self.stack[-4:]):
            if opened.name == name:
                self.end(name)
                return
            if opened.name not in _LINES or opened.name in _LISTS:
                return

    def end(self, name: str) -> None:
        if self.count.get(name):
            if (opened := self.innermost(name)).inside:
                opened.inside -= 1
                return
            self.flush()
            while True:
                gone = self.stack.pop()
                self.count[gone.name] -= 1
                if gone.name == name:
                    break
        elif name in _LINES or name in _BOXES:
            self.flush()

    def innermost(self, name: str) -> _Open:
        for opened in reversed(self.stack):
            if opened.name == name:
                return opened
        raise AssertionError(name)  # asked only where one is counted

    def selected(self, name: str, attributes: Mapping[str, str]) -> tuple[Role | None, bool]:
        if self.site is None:
            return None, False
        roles, units = _about(self.site, name, bool(attributes))
        role = next((r for s, r in roles if s.matches(name, attributes)), None) if roles else None
        return role, any(s.matches(name, attributes) for s in units) if units else False

    def attributes(self, token: Token) -> dict[str, str]:
        text = self.view.text
        return {a.name: undone(text[a.start : a.end]) for a in reversed(token.attributes)}

    def spoken(self, token: Token) -> None:
        """The attributes a person can read, judged in the unit they stand in."""
        text = self.view.text
        if token.name == "meta" and any(
            a.name == "http-equiv" or (a.name in ("name", "property") and text[a.start : a.end].lower() in _TECHNICAL)
            for a in token.attributes
        ):
            return
        for a in token.attributes:
            if a.end - a.start < 2:
                continue
            if self.xml and a.quoted and a.name in ("from", "jid") and (m := _OCCUPANT.match(text, a.start, a.end)):
                nick = self.view.run(m.end(), a.end, html_text)
                self.reader.findings.draft().add(undone(text[m.end() : a.end]), Role.NAME, (nick,))
                continue
            if self.xml and a.name in _XML_NAMES:
                self.reader.string(self.view, a.start, a.end, "attr", self.draft(), Role.NAME)
                continue
            if a.name in _ATTR_NEVER:
                continue
            if a.name.startswith("on"):
                self.handler(a)
            elif MAYBE_LETTER.search(text, a.start, a.end) and (a.name in _ATTR_ALWAYS or _SPEECH.search(text, a.start, a.end)):
                role = Role.ALT if a.name == "alt" else self.stack[-1].role
                draft = None if token.name == "meta" else self.draft()  # a page's descriptions tell nothing of each other
                self.reader.string(self.view, a.start, a.end, "attr", draft, role)

    def handler(self, a: Attribute) -> None:
        raw = self.view.text[a.start : a.end]
        if a.quoted and _SPEECH.search(raw):
            code = undone(raw)
            pattern = REFERENCE if code != raw else None
            inner = self.view.inside(a.start, a.end, code, html_text, pattern, undo_reference)
            self.reader.script(inner, 0, len(code), "text/javascript")

    def raw(self, token: Token) -> None:
        if token.name == "script":
            kind = next((self.view.text[a.start : a.end] for a in token.attributes if a.name == "type"), "")
            self.reader.script(self.view, token.start, token.end, kind)
        elif token.name in ("title", "textarea"):
            self.text(token.start, token.end)
            self.flush()
        elif token.name == "plaintext":
            self.text(token.start, token.end, references=False)
        elif token.name != "style" or "<" in self.view.text[token.start : token.end]:
            self.reader.markup(self.view, token.start, token.end)

    def read(self, start: int, end: int, fragment: bool) -> None:
        for t in tokens(self.view.text, start, end, self.xml):
            kind = t.kind
            if kind == "text":
                self.text(t.start, t.end)
            elif kind == "end":
                self.end(t.name)
            elif kind == "start":
                self.start(t)
                if fragment and self.odd(t):
                    self.literal(t)
            elif kind == "raw":
                self.raw(t)
            elif kind == "cdata":
                self.cdata(t)
            elif kind == "comment":
                self.reader.markup(self.view, t.start, t.end)
            else:
                self.literal(t)
        self.flush()

    def odd(self, t: Token) -> bool:
        """Whether a tag may be meant as text."""
        if t.name.isalnum() and t.end - t.start == len(t.name) + 2:  # nothing but its name, as most are
            return False
        return _ODD_TAG.fullmatch(self.view.text, t.start, t.end) is None

    def cdata(self, t: Token) -> None:
        if self.xml and _PLAIN.fullmatch(self.view.text, t.start, t.end):
            self.text(t.start, t.end, references=False, escape=identity)
        elif self.xml:
            self.flush()
            self.reader.string(self.view, t.start, t.end, "plain", self.draft(), self.stack[-1].role)
        else:
            self.text(t.start, t.end)

    def literal(self, t: Token) -> None:
        """A tag that is none: where the string is shown as plain text, a person reads its inside."""
        raw = self.view.text[t.start : t.end]
        if LETTER.search(raw):
            self.reader.findings.draft().add(raw, self.stack[-1].role, (self.view.run(t.start, t.end, html_text),))


def read_markup(
    view: View,
    start: int,
    end: int,
    reader: Reader,
    site: SiteProfile | None,
    draft: Draft | None = None,
    role: Role | None = None,
    *,
    fragment: bool = False,
    xml: bool = False,
) -> None:
    """Every text of the markup at start:end. draft: the unit a fragment belongs to; fragment: it came out of a string."""
    _Markup(view, reader, site, draft, role, xml).read(start, end, fragment)
