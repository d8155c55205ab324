"""What one person wrote, as one value: a TextUnit is a post, comment, message, poll or article with its parts in order.

A unit and not a text node is what gets judged, because a hateful sentence quoted in a report means something else than alone.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """What part of a unit a text is; the names are those of `check --jsonl` (safeguard/README.md, section 8)."""

    POST = "post"
    COMMENT = "comment"
    MESSAGE = "message"
    POLL_QUESTION = "poll_question"
    POLL_OPTION = "poll_option"
    BIO = "bio"
    NAME = "name"
    CAPTION = "caption"
    ALT = "alt"
    CARD = "card"
    TRANSLATION = "translation"
    RULES = "rules"
    ARTICLE = "article"


class Segment(NamedTuple):
    """One text of a unit.

    text:  the text as a reader sees it (all escapes undone), any length.
    role:  its part in the unit.
    place: index into the Document's places that this text came from; -1 where there is no document.
    """

    text: str
    role: Role = Role.POST
    place: int = -1


class TextUnit(NamedTuple):
    """The segments of one post, comment, message, poll, profile or article, in reading order.

    author: the author's handle or name where the format knows it, else "".
    link:   address of the unit itself where known, else "".
    lang:   language hint (ISO 639-1) or "".
    """

    segments: tuple[Segment, ...]
    author: str = ""
    link: str = ""
    lang: str = ""

    @classmethod
    def of(cls, text: str, role: Role = Role.POST, lang: str = "") -> TextUnit:
        """A unit of one segment."""
        return cls((Segment(text, role),), lang=lang)
