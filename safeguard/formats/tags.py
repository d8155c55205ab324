"""HTML and XML cut into tags, texts, comments and raw contents with their offsets, as WHATWG's tokenizer cuts them. Pure; never fails."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import NamedTuple

from safeguard.formats.words import words

_NEXT = re.compile(r"<(?:(!--)|(!\[CDATA\[)|(/?)([a-zA-Z][^ \t\n\f\r/>]*+)(>)?+|[!?/])")
_ATTRIBUTE = re.compile(
    r"[ \t\n\f\r/]*+(?:(>)|([^ \t\n\f\r/>][^ \t\n\f\r/>=]*+)"
    r"(?:[ \t\n\f\r]*+=[ \t\n\f\r]*+(?:\"([^\"]*+)\"|'([^']*+)'|([^ \t\n\f\r>\"'][^ \t\n\f\r>]*+)|(?=>)))?+)"
)
_COMMENT_END = re.compile(r"--!?>")
_RAW = words("script style xmp iframe noembed noframes noscript textarea title plaintext")
_RAW_END = {name: re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.I) for name in _RAW}
_SCRIPT_AGAIN = re.compile(r"<script(?=[ \t\n\f\r/>])", re.I)


class Attribute(NamedTuple):
    """name in lower case; start:end of the value inside its quotes; quoted: whether it has any."""

    name: str
    start: int
    end: int
    quoted: bool


class Token(NamedTuple):
    """kind: text, start, end, comment, cdata, raw (what is inside a raw element `name`) or broken (a tag the text ends in).

    start:end is the text, the tag, or the inside of a comment or raw element.
    """

    kind: str
    start: int
    end: int
    name: str = ""
    attributes: tuple[Attribute, ...] = ()


def tokens(text: str, start: int, end: int, xml: bool = False) -> Iterator[Token]:
    """The tokens of text[start:end] in order. xml: no raw elements."""
    search = _NEXT.search
    new = tuple.__new__  # what a NamedTuple's own constructor does, without the call
    at = start
    while at < end:
        m = search(text, at, end)
        if m is None:
            break
        begins = m.start()
        if begins > at:
            yield new(Token, ("text", at, begins, "", ()))
        which = m.lastindex
        if which == 5 or which == 4:
            if which == 5:
                at = m.end()
                tag = new(Token, ("end" if m[3] else "start", begins, at, m[4].lower(), ()))
            else:
                tag = _tag(text, m, end)
                at = tag.end
            yield tag
            if tag.name in _RAW and tag.kind == "start" and not xml:
                stop = _raw_end(text, tag.name, at, end)
                yield Token("raw", at, stop, tag.name, tag.attributes)
                at = stop
        elif which == 1:
            at = yield from _comment(text, m.end(), end)
        elif which == 2:
            close = text.find("]]>", m.end(), end)
            # outside SVG, HTML ends a CDATA section at the first ">": what follows is text either way
            stop = close if close >= 0 else end
            yield Token("cdata", m.end(), stop)
            at = min(stop + 3, end)
        else:
            close = text.find(">", m.end(), end)
            stop = close if close >= 0 else end
            yield Token("comment", m.end(), stop)
            at = min(stop + 1, end)
    if at < end:
        yield Token("text", at, end)


def _comment(text: str, at: int, end: int) -> Generator[Token, None, int]:
    for short in (">", "->"):
        if text.startswith(short, at, end):
            return at + len(short)
    m = _COMMENT_END.search(text, at, end)
    yield Token("comment", at, m.start() if m else end)
    return m.end() if m else end


def _tag(text: str, m: re.Match[str], end: int) -> Token:
    at = m.end()
    found: list[Attribute] = []
    match, new = _ATTRIBUTE.match, tuple.__new__
    while True:
        a = match(text, at, end)
        if a is None:
            return Token("broken", m.start(), end, m[4].lower())
        at = a.end()
        which = a.lastindex
        if which == 1:
            return new(Token, ("end" if m[3] else "start", m.start(), at, m[4].lower(), tuple(found)))
        if which == 2 or which is None:
            found.append(new(Attribute, (a[2].lower(), at, at, True)))
        else:
            found.append(new(Attribute, (a[2].lower(), *a.span(which), which < 5)))


def _raw_end(text: str, name: str, at: int, end: int) -> int:
    if name == "plaintext":
        return end
    begin = at
    while True:
        m = _RAW_END[name].search(text, at, end)
        if m is None:
            return end
        if name == "script" and _twice_escaped(text, begin, m.start()):
            at = m.end()
            begin = m.start()
            closed = text.find("-->", at, end)
            if closed < 0:
                return m.start()
            continue
        return m.start()


def _twice_escaped(text: str, start: int, end: int) -> bool:
    """WHATWG's "script data double escaped": after `<!--` and `<script`, the next `</script` does not end the element."""
    opened = text.rfind("<!--", start, end)
    return opened >= 0 and text.find("-->", opened, end) < 0 and _SCRIPT_AGAIN.search(text, opened, end) is not None
