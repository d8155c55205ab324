"""Texts in JSON and in JavaScript state: every string that can be a person's, grouped into units by the object it stands in. Pure."""

from __future__ import annotations

import re

from safeguard.formats.document import Run
from safeguard.formats.escape import string_literal
from safeguard.formats.found import LETTER, MAYBE_LETTER, Draft, Reader
from safeguard.formats.keys import Key, Keys
from safeguard.formats.literals import JS_TOKEN, JSON_TOKEN, NUMERIC, json_string, unescaped
from safeguard.formats.view import View
from safeguard.text.unit import Role

ADDRESS = re.compile(r"(?:https?:|wss?:|data:|blob:)?//[^\s\"\\<]*+")
_SIGNS = r"[\w+/=.:%~@|#?,;$!*()\-]*+"
NO_WORDS = re.compile(rf"{_SIGNS}(?:&(?!#){_SIGNS})*+", re.ASCII)
"""What an identifier is written with; letters may stand behind numbers (`&#107;`), so a reference is none."""
NO_WORDS_BYTES = bytes(c for c in range(128) if NO_WORDS.fullmatch(chr(c)))
NUMBER = re.compile(NUMERIC)
PERHAPS = re.compile(r"[^ !#-%'-@\[\]-`{-\x7f]")
"""What a string may be a text with: a letter, anything beyond ASCII, `&`, or what JSON writes with a backslash, as line ends in runs."""
_YEK = re.compile(r"\s*+:\s*+([\w$]++)")
"""A key without quotes and its colon, read from the value backwards: so it is found at once, or is none."""
_KEY_BEGINS = re.compile(r"[A-Za-z_$]")
MANY = 60  # texts in one object: a list of phrases, no post
SMALL = 3  # members of an object that only wraps a text, such as {"simpleText": …}

NOTHING = Key()


class _Frame:
    """One open bracket."""

    __slots__ = ("author", "draft", "gather", "into", "is_array", "joined", "key", "name", "now", "role", "size", "under", "wraps")

    def __init__(self, is_array: bool, name: str, under: Key, role: Role | None) -> None:
        self.is_array = is_array
        self.name = self.key = name
        self.under = self.now = under
        self.role = role
        self.draft: Draft | None = None
        self.gather: Draft | None = None  # what all texts in here belong to
        self.author = ""
        self.size = 0
        self.wraps = True
        self.joined: list[tuple[str, Run]] | None = [] if is_array and under.join else None
        self.into: list[tuple[str, Run]] | None = None


class _Objects:
    """One pass over one JSON or JavaScript text."""

    def __init__(self, view: View, reader: Reader, keys: Keys, js: bool, draft: Draft | None, role: Role | None) -> None:
        self.view = view
        self.reader = reader
        self.keys = keys
        self.js = js
        self.stack: list[_Frame] = []
        self.top = _Frame(True, "", NOTHING, role)
        self.top.draft = draft

    def draft_of(self, frame: _Frame) -> Draft:
        if frame.draft is None:
            frame.draft = self.reader.findings.draft()
        return frame.draft

    def open(self, is_array: bool) -> None:
        outer = self.top
        role = outer.role
        if not outer.is_array:
            role = (self.role_at() if outer.now.deep else None) or outer.now.role or role
        new = _Frame(is_array, outer.key if not outer.is_array else outer.name, outer.now, role)
        if outer.is_array:
            new.into = outer.joined
        if not outer.now.own:
            if outer.now.part and not outer.is_array and outer.gather is None:
                outer.wraps = False
                new.gather = self.draft_of(outer)
            else:
                new.gather = outer.gather
            new.draft = new.gather
        self.stack.append(outer)
        self.top = new

    def close(self) -> None:
        if not self.stack:
            return
        inner, outer = self.top, self.stack.pop()
        self.top = outer
        if inner.joined:
            owner = outer if not outer.is_array else inner
            owner.wraps = owner.wraps and inner.under.wrapper
            text = "".join(t for t, _ in inner.joined)
            if LETTER.search(text):
                self.draft_of(owner).add(text, inner.role or Role.POST, tuple(r for _, r in inner.joined))
                if owner.under.author and not owner.is_array and not owner.author:
                    owner.author = text[:200]
        if inner.is_array:
            if inner.author and inner.under.owner and not outer.is_array and not outer.author:
                outer.author = inner.author
            return
        if inner.author:
            if inner.draft is not None and inner.gather is None and not inner.draft.author:
                inner.draft.author = inner.author
            if inner.under.owner and not outer.author:
                outer.author = inner.author
        if inner.draft is None or inner.gather is not None or inner.under.own:
            return
        if inner.size > MANY and len(inner.draft.found) > MANY:
            self.reader.findings.scatter(inner.draft)
            return
        if not outer.is_array:
            if inner.size <= SMALL and inner.wraps:
                self.draft_of(outer).take(inner.draft)
                outer.wraps = outer.wraps and outer.now.wrapper
        elif outer.role is Role.POLL_OPTION and self.stack and not self.stack[-1].is_array:
            self.draft_of(self.stack[-1]).take(inner.draft)

    def key(self, start: int, end: int, quoted: str) -> None:
        frame, said = self.top, self.said(start, end)
        frame.key = said
        frame.now = self.keys[said]
        frame.size += 1
        if frame.now.spoken and LETTER.search(said):
            self.reader.string(self.view, start, end, quoted, None, frame.role or Role.POST)

    def role_at(self) -> Role | None:
        """What the site's paths say of the place that was reached."""
        return self.keys.role_at([f.name for f in (*self.stack, self.top) if f.name and not f.is_array] + [self.top.key])

    def said(self, start: int, end: int) -> str:
        """The string whose inside stands there."""
        return unescaped(self.view.text[start:end]) if self.js else json_string(self.view.text, start, end)

    def value(self, start: int, end: int, quoted: str) -> None:
        frame, text = self.top, self.view.text
        now = frame.now
        if not MAYBE_LETTER.search(text, start, end):
            return
        said = self.said(start, end)
        if NUMBER.fullmatch(said) or not PERHAPS.search(said):
            return
        if self.js and not frame.is_array:
            key = _bare_key(text, start - 1)
            if key:
                frame.key = key
                now = frame.now = self.keys[key]
        if now.link and not frame.is_array and frame.draft is not None and not frame.draft.link:
            frame.draft.link = said
        if now.names and not frame.is_array:
            frame.role = self.keys.role_of(said) or frame.role
        if now.ignore or ADDRESS.fullmatch(said):
            return
        if now.ident and NO_WORDS.fullmatch(said):
            return
        role = now.role or frame.role or Role.POST
        if now.answers and frame.under.role is Role.POLL_OPTION:
            role = Role.POLL_OPTION
        if now.deep:
            role = self.role_at() or role
        if (frame.into is not None and now.text) or frame.joined is not None:
            into = frame.into if frame.into is not None and now.text else frame.joined
            assert into is not None
            into.append((said, self.view.run(start, end, string_literal)))
            return
        if not frame.author and (now.author or (frame.under.author and now.text and not frame.is_array)):
            frame.author = said[:200]
        if frame.is_array or (self.js and frame.key == ""):
            nearest = self.stack[-1] if self.stack else None
            together = frame.gather is None and role is Role.POLL_OPTION and nearest is not None and not nearest.is_array
            draft = self.draft_of(nearest) if together and nearest is not None else frame.draft
        else:
            draft = self.draft_of(frame)
            frame.wraps = frame.wraps and now.wrapper
        self.reader.string(self.view, start, end, quoted, draft, role)

    def json(self, start: int, end: int) -> None:
        text, keys = self.view.text, self.keys
        for m in JSON_TOKEN.finditer(text, start, end):
            which = m.lastindex
            if which is None:
                continue
            if which == 6:
                self.bracket(m[6])
            elif which == 4:
                self.value(*m.span(4), "json")
            elif which == 5:
                self.key(*m.span(4), "json")
            else:
                frame = self.top
                frame.size += 1
                if which != 2:
                    frame.key = key = m[1]
                    frame.now = now = keys[key]
                    if which == 3 and not (now.plain and NO_WORDS.fullmatch(text, *m.span(3))):
                        self.value(*m.span(3), "json")

    def script(self, start: int, end: int) -> None:
        text = self.view.text
        for m in JS_TOKEN.finditer(text, start, end):
            which = m.lastindex
            if which is None:
                c = text[m.start()]
                if c != "/":
                    self.bracket(c)
            elif which in (2, 4):
                self.key(m.start(which - 1), m.end(which - 1), "js")
            else:
                self.value(m.start(which), m.end(which), "js")

    def bracket(self, c: str) -> None:
        if c in "{[":
            self.open(c == "[")
        else:
            self.close()

    def finish(self) -> None:
        while self.stack:
            self.close()


def _bare_key(text: str, end: int) -> str:
    """The key without quotes that stands before a value's quote at `end`, or ""."""
    yek = _YEK.match(text[max(0, end - 59) : max(0, end)][::-1])
    word = yek[1][::-1] if yek else ""
    begin = _KEY_BEGINS.search(word)
    return word[begin.start() :] if begin else ""


def read_json(view: View, start: int, end: int, reader: Reader, keys: Keys, draft: Draft | None = None, role: Role | None = None) -> None:
    """Every text of the JSON (or several JSON documents, with any prefix) at start:end. Never fails: what is no JSON has no strings."""
    pass_ = _Objects(view, reader, keys, False, draft, role)
    pass_.json(start, end)
    pass_.finish()


def read_script(view: View, start: int, end: int, reader: Reader, keys: Keys) -> None:
    """Every text in the string literals of the JavaScript at start:end, read as state where it is an object literal."""
    pass_ = _Objects(view, reader, keys, True, None, None)
    pass_.script(start, end)
    pass_.finish()
