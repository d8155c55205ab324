"""What goes with a hidden post though nothing is found in it: its quotes, cards, translations, descriptions of pictures, its poll. Pure.

Like its pictures, these are found by the containers of the body: a card belongs to the first text that stands around it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator
from typing import NamedTuple

from safeguard.formats.boxes import PICTURE_KEY, Box, Tree, is_address
from safeguard.formats.document import Document
from safeguard.formats.pictures import is_said
from safeguard.text.unit import Role

HANGING = frozenset({Role.ALT, Role.CARD, Role.TRANSLATION, Role.POLL_QUESTION, Role.POLL_OPTION})
"""Roles of what goes with the post it stands at."""
STAYING = frozenset({Role.NAME, Role.BIO, Role.RULES})
"""Who somebody is, and what the site says of itself: it goes only for what it says itself."""
_FARTHEST = 200
"""Containers between a text and what hangs on it …"""
_DEEP = 3
"""… and how many of them the text itself may be wrapped in: `{"record": {"text": …}, "embed": …}`."""
_MOST = 20
"""Texts of one quote or card; what holds more is a part of the page that only bears such a name."""
_OPTIONS = ("options", "choices", "answers", "poll_options")


class _Own(NamedTuple):
    """A text of a post's own, as a container around it knows it."""

    at: int
    depth: int
    place: int
    hidden: bool


class _Owns(NamedTuple):
    """What a container knows: all texts, and the places of the hidden ones that speak for it."""

    all: list[_Own]
    hidden: list[int]

    def put(self, text: _Own, box: Box) -> None:
        self.all.append(text)
        if text.hidden and (text.depth <= _DEEP or not box.name):
            self.hidden.append(text.place)


def of_places(document: Document, tree: Tree, hidden: Collection[int]) -> dict[int, int]:
    """Place of each text that goes along -> place of the hidden text it goes with."""
    own: dict[int, _Owns] = {}
    asking = []
    places = [document.places[s.place].runs[0].start for unit in document.units for s in unit.segments]
    shells = Counter(id(shell) for at in places if (shell := _shell(tree.innermost(at))) is not None)
    for box in tree.boxes:
        if shells[id(box)] > _MOST:
            box.attached = False
    for unit in document.units:
        for s in unit.segments:
            at = document.places[s.place].runs[0].start
            box = tree.innermost(at)
            shell, gone = _shell(box), s.place in hidden
            quoted = shell is not None and shell.quoted
            hung = shell is not None and not quoted
            says = not (s.role in HANGING or hung or is_address(s.text) or (box.name and not is_said(s.text)))
            if s.role not in STAYING and (says or (gone and (hung or s.role not in HANGING))):
                for depth, around in enumerate(_holders(box)):
                    own.setdefault(id(around), _Owns([], [])).put(_Own(at, depth, s.place, gone), around)
            if not gone and s.role not in STAYING:
                if hung or s.role in HANGING:
                    asking.append((s.place, at, box))
                elif shell is not None and shell.parent is not None and shells[id(shell)] <= _MOST:
                    asking.append((s.place, at, shell.parent))
    found = {}
    for texts in own.values():
        texts.all.sort()
    for place, at, box in asking:
        owner = _owner(own, at, box)
        if owner is not None:
            found[place] = owner
    return found


def _up(box: Box | None) -> Iterator[Box]:
    """The container and those around it; the page around a script's objects is none of them."""
    for _ in range(_FARTHEST):
        if box is None:
            return
        yield box
        inner, box = box, box.parent
        if inner.name and box is not None and not box.name:
            return


def _ends(box: Box) -> bool:
    """Whether what is around it is another's."""
    return (box.sealed or box.thread) and not (box.quoted or box.attached)


def _shell(box: Box) -> Box | None:
    """The innermost quote or card that a text stands in."""
    for around in _up(box):
        if around.quoted or around.attached:
            return around
        if _ends(around):
            return None
    return None


def _holders(box: Box) -> Iterator[Box]:
    """The containers that know a text as their own: no farther than its post, and no list of several things."""
    for around in _up(box):
        if around.is_list and around.items > 1:
            return
        yield around
        if around.quoted or around.attached or _ends(around):
            return


def _owner(own: dict[int, _Owns], at: int, box: Box) -> int | None:
    """The hidden text that what stands at that offset goes with: its own post's, or that of a post which quotes this one."""
    start: Box | None = box
    while start is not None:
        for around in _up(start):
            texts = own.get(id(around))
            if texts:
                near = _near(around, texts, at)
                if near is not None:
                    return near
                shell = _shell(around)
                start = shell.parent if shell is not None else None
                break
            if _ends(around) or (around.is_list and around.items > 1 and not _holds_one_post(around)):
                return None
        else:
            return None
    return None


def _holds_one_post(box: Box) -> bool:
    """Whether the things in a list are all of one post: its pictures, cards, quotes or answers."""
    return box.quoted or box.attached or PICTURE_KEY.search(box.name) is not None or box.name.lower() in _OPTIONS


def _near(box: Box, texts: _Owns, at: int) -> int | None:
    """The hidden one among a container's texts; in a row of HTML that is no post, the one before and the one after count."""
    if box.name or box.sealed or box.quoted or box.attached:
        return texts.hidden[0] if texts.hidden else None
    behind = bisect_right(texts.all, at, key=lambda t: t.at)
    return next((t.place for t in texts.all[max(0, behind - 1) : behind + 1] if t.hidden), None)
