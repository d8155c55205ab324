"""Lines of IRC as chats in the browser get them (Twitch, IRCv3): tags, who says it, what is said, names. Else a line is a text. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from safeguard.formats.escape import Escape, identity
from safeguard.formats.found import LETTER, MAYBE_LETTER, Draft, Findings
from safeguard.formats.view import View
from safeguard.formats.words import words
from safeguard.text.unit import Role

_LINES = re.compile(r"[^\r\n]+")
_COMMANDS = (
    "PRIVMSG NOTICE USERNOTICE WHISPER TOPIC JOIN PART QUIT NICK KICK MODE INVITE CAP PING PONG ERROR RECONNECT CLEARCHAT CLEARMSG"
    " GLOBALUSERSTATE USERSTATE ROOMSTATE HOSTTARGET WALLOPS AUTHENTICATE ACCOUNT AWAY CHGHOST SETNAME BATCH FAIL WARN NOTE TAGMSG REDACT"
)
_LINE = re.compile(
    r"(?:@(?P<tags>[^ =]+(?= +:)|[^ =]+=[^ ]*) +)?(?::(?P<who>[^ !@]+)(?P<user>[!@][^ ]*)? +)?"
    rf"(?P<command>(?<= )(?:{_COMMANDS.replace(' ', '|')}|\d{{3}})|\b(?:PING|ERROR|RECONNECT))(?= |\Z)"
)
_WORDS = (re.compile(r" +"), re.compile(r" +[^ ]+ +"))
"""Before what is said: nothing, or to whom."""
_NAMED = re.compile(r"[~&@%+]*([^ ]+)")
_ACTION = re.compile(r"\x01ACTION ")
_TAG = re.compile(r"(?P<key>[^=;]++)(?:=(?P<value>[^;]*+))?+")
_ESCAPED = re.compile(r"\\(.?)")
_COLOURS = re.compile(r"\x03(?:\d{1,2}(?:,\d{1,2})?)?|\x04(?:[0-9a-fA-F]{6})?|[\x02\x0f\x11\x16\x1d\x1f]")
"""Colour, bold, italic … inside a text; they may stand within a word."""
_MACHINE = re.compile(
    r"badges?|badge-info|color|emotes|emote-sets|emote-only|flags|user-type|client-nonce|msgid|msg-id|batch|label|time|account|turbo|mod|vip"
    r"|subscriber|first-msg|returning-chatter|(?:.*-)?(?:id|ts|ms|count|months|color|amount)"
)
_FIRST = words("QUIT AWAY SETNAME")
"""What follows them is what is said; with others the first word is to whom."""
_LIST_OF_NAMES = "353"
_UNESCAPED = {"s": " ", ":": ";", "r": "\r", "n": "\n"}
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\:", " ": "\\s", "\r": "\\r", "\n": "\\n"})
_NO_WORD = re.compile(r"[\s!@:,*?.]+")


def read_lines(view: View, start: int, end: int, findings: Findings) -> None:
    """A message at start:end, or lines of IRC in it, each a unit."""
    lines = [(m, _LINE.match(m[0])) for m in _LINES.finditer(view.text, start, end)]
    if not any(line for _, line in lines):
        _add(view, findings.draft(), start, end, Role.MESSAGE)
        return
    for m, line in lines:
        if line:
            _Line(view, m.start(), m.end(), line, findings).read()
        else:
            _add(view, findings.draft(), m.start(), m.end(), Role.MESSAGE)


class _Line:
    """One line. Names are units of their own, as they are in every format; a reader of the room sees them without the message."""

    def __init__(self, view: View, start: int, end: int, line: re.Match[str], findings: Findings) -> None:
        self.view = view
        self.start = start
        self.end = end
        self.line = line
        self.findings = findings
        self.draft = findings.draft()
        self.draft.author = line["who"] or ""

    def read(self) -> None:
        line = self.line
        said = line["command"]
        if line["tags"]:
            self.tags(self.start + line.start("tags"), self.start + line.end("tags"))
        if line["who"] and (line["user"] or "." not in line["who"]):  # else it is a server
            self.name(self.start + line.start("who"), self.start + line.end("who"))
        self.words(said, self.start + line.end())

    def tags(self, start: int, end: int) -> None:
        for m in _TAG.finditer(self.view.text, start, end):
            key = m["key"].lstrip("+")
            if not m["value"] or not MAYBE_LETTER.search(m["value"]) or _MACHINE.fullmatch(key):
                continue
            is_name = key.endswith(("name", "login"))
            draft = self.draft if key == "system-msg" else self.findings.draft()
            _add(self.view, draft, *m.span("value"), Role.NAME if is_name else Role.MESSAGE, _tag, _ESCAPED, _unescaped)
            if key == "display-name":
                self.draft.author = m["value"]

    def words(self, command: str, at: int) -> None:
        """What follows the command: to whom, more words, then what is said, behind a colon if it has blanks."""
        text = self.view.text
        if command == "NICK":
            self.name(at + 1 + text.startswith(":", at + 1), self.end)
            return
        first = _WORDS[command not in _FIRST and self.line["who"] is not None].match(text, at, self.end)
        last = text.find(" :", at, self.end)
        start = first.end() if first else self.end
        if last < 0:
            self.said(start, self.end, _trailing)
            return
        if start < last:
            self.said(start, last, _word)
        if command == _LIST_OF_NAMES:
            for m in _NAMED.finditer(text, last + 2, self.end):
                self.name(m.start(1), m.end(1))
        else:
            self.said(last + 2, self.end, identity)

    def said(self, start: int, end: int, escape: Escape) -> None:
        text = self.view.text
        if action := _ACTION.match(text, start, end):
            start = action.end()
            end -= text.endswith("\x01", start, end)
        _add(self.view, self.draft, start, end, Role.MESSAGE, escape, _COLOURS)

    def name(self, start: int, end: int) -> None:
        _add(self.view, self.findings.draft(), start, end, Role.NAME, _word)


def _nothing(m: re.Match[str]) -> str:
    return ""


def _add(
    view: View,
    draft: Draft,
    start: int,
    end: int,
    role: Role,
    escape: Escape = identity,
    pattern: re.Pattern[str] | None = None,
    decode: Callable[[re.Match[str]], str] = _nothing,
) -> None:
    """What stands there, with every match of the pattern undone."""
    raw = view.text[start:end]
    text = raw if pattern is None else pattern.sub(decode, raw)
    if LETTER.search(text):
        draft.add(text, role, (view.run(start, end, escape),))


def _unescaped(m: re.Match[str]) -> str:
    return _UNESCAPED.get(m[1], m[1])


def _tag(text: str) -> str:
    return text.translate(_ESCAPES)


def _trailing(text: str) -> str:
    """The last word of a line, which may have blanks only behind a colon."""
    return f":{text}"


def _word(text: str) -> str:
    """A name, or a word before the last, cannot have blanks, nor what divides a name from an address."""
    return _NO_WORD.sub("_", text)
