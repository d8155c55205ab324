"""Plain text and caption tracks: what has no structure but lines. Pure."""

from __future__ import annotations

import re

from safeguard.formats.escape import identity
from safeguard.formats.found import LETTER, Draft, Findings
from safeguard.formats.view import View
from safeguard.text.unit import Role

_PARAGRAPH = re.compile(r"[^\s](?:[^\n\r]|\r?\n(?![ \t]*\r?\n))*")
_LINE = re.compile(r"[^\r\n]+")
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


def _add(view: View, draft: Draft, start: int, end: int, role: Role) -> None:
    text = view.text[start:end]
    if LETTER.search(text):
        draft.add(text, role, (view.run(start, end, identity),))
