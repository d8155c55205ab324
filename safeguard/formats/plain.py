"""Plain text, caption tracks and chat lines: what has no structure but lines. Pure."""

from __future__ import annotations

import re

from safeguard.formats.escape import identity
from safeguard.formats.found import LETTER, Draft, Findings
from safeguard.formats.view import View
from safeguard.text.unit import Role

_PARAGRAPH = re.compile(r"[^\s](?:[^\n\r]|\r?\n(?![ \t]*\r?\n))*")
_LINE = re.compile(r"[^\r\n]+")
_CHAT = re.compile(r"(?:@\S+ )?:(?P<who>[^ !]+)\S* (?:PRIVMSG|NOTICE|USERNOTICE|WHISPER|TOPIC) \S+ :(?P<said>.*)\Z")
_TIMING = re.compile(r"\d[\d:.,]+ +--> ")


def read_plain(view: View, findings: Findings, role: Role = Role.POST) -> None:
    """One unit whose segments are the paragraphs of the text."""
    draft = findings.draft()
    for m in _PARAGRAPH.finditer(view.text):
        _add(view, draft, m.start(), m.end(), role)


def read_captions(view: View, findings: Findings) -> None:
    """WebVTT, SRT: one unit, a segment a line of speech; header and timing lines are no speech."""
    draft = findings.draft()
    for m in _LINE.finditer(view.text):
        if not _TIMING.search(m[0]) and not m[0].startswith("WEBVTT"):
            _add(view, draft, m.start(), m.end(), Role.CAPTION)


def read_chat(view: View, start: int, end: int, findings: Findings) -> None:
    """A message at start:end, or lines in IRC's framing (`@tags :nick PRIVMSG #room :text`), each a unit."""
    lines = [(m, _CHAT.match(m[0])) for m in _LINE.finditer(view.text, start, end)]
    if not any(chat for _, chat in lines):
        _add(view, findings.draft(), start, end, Role.MESSAGE)
        return
    for m, chat in lines:
        draft = findings.draft()
        if chat:
            draft.author = chat["who"]
        _add(view, draft, m.start() + (chat.start("said") if chat else 0), m.end(), Role.MESSAGE)


def _add(view: View, draft: Draft, start: int, end: int, role: Role) -> None:
    text = view.text[start:end]
    if LETTER.search(text):
        draft.add(text, role, (view.run(start, end, identity),))
