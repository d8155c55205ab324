"""A quick look at plain JSON: the units `read_json` finds, without their places, for the many bodies in which nothing is hidden.

Made as a tree by a C parser and walked once. Whatever is not plain JSON gets None, and is read in full. Pure.
"""

from __future__ import annotations

from operator import gt, itemgetter
from typing import Any

import orjson

from safeguard import collector
from safeguard.formats.escape import identity
from safeguard.formats.found import LETTER, Draft, is_answer
from safeguard.formats.keys import Key
from safeguard.formats.markup import read_markup
from safeguard.formats.nested import TAG, Nested, looks_like_json
from safeguard.formats.objects import ADDRESS, MANY, NO_WORDS, NO_WORDS_BYTES, NUMBER, PERHAPS, SMALL, read_json
from safeguard.formats.references import undone
from safeguard.formats.sites.model import SiteProfile
from safeguard.formats.view import View
from safeguard.text.unit import Role, Segment, TextUnit

_place = itemgetter(2)


_Unit = list[Any]
"""A unit that is being read: author, link, segments, whose places say which came first. A bare list, for speed."""
_NONE, _ONE = 2, 3
"""Length of a unit without a segment and with one."""

_RARE = 1000
"""Bytes for each backslash, where they are looked for one by one."""


def _take(unit: _Unit, other: _Unit) -> None:
    """Make the other's segments the unit's."""
    unit += other[_NONE:]
    del other[_NONE:]
    unit[0] = unit[0] or other[0]
    unit[1] = unit[1] or other[1]


def units_of(body: bytes, site: SiteProfile | None) -> tuple[TextUnit, ...] | None:
    """The units of a JSON document in UTF-8 in reading order, each segment's place being a number without meaning.

    None for what is no such document to the letter, and where a key stands twice in an object, so that a value would be lost.
    """
    try:
        with collector.paused():  # a tree has no cycles
            return _units_of(body, site)
    except (orjson.JSONDecodeError, RecursionError):
        return None


def _units_of(body: bytes, site: SiteProfile | None) -> tuple[TextUnit, ...] | None:
    tree = orjson.loads(body)
    wanted = _strings(body)
    for batch in (True, False):
        look = _Look(site)
        if look.read(tree, wanted, batch):
            return look.units()
    return None


def _strings(body: bytes) -> int:
    """How many strings a JSON document has, its keys among them."""
    find = body.find
    escaped = 0
    at = find(b"\\")
    for _ in range(len(body) // _RARE):  # from one backslash to the next is quick where they are few
        if at < 0:
            break
        escaped += body.startswith(b'"', at + 1)
        at = find(b"\\", at + 2)
    if at >= 0:
        rest = body[at:]
        escaped += (rest.replace(b"\\\\", b"") if b"\\\\" in rest else rest).count(b'\\"')
    return (body.count(b'"') - escaped) // 2


class _Look:
    """One pass over one tree; it decides as `_Objects` does, bracket by bracket."""

    def __init__(self, site: SiteProfile | None) -> None:
        self.site = site
        self.nested = Nested(site)
        self.keys = self.nested.keys
        self.found: list[_Unit] = []
        self.next = 0
        self.mixed = False
        self.asks = False

    def units(self) -> tuple[TextUnit, ...]:
        new, found = tuple.__new__, [u for u in self.found if len(u) > _NONE]
        if self.mixed:
            for u in found:
                if len(u) > _ONE:
                    u[_NONE:] = sorted(u[_NONE:], key=_place)
        places = [u[_NONE][2] for u in found]
        if any(map(gt, places, places[1:])):
            found.sort(key=lambda u: u[_NONE][2])
        if self.asks:
            for u in found:
                if len(u) > _ONE:
                    u[_NONE:] = sorted(u[_NONE:], key=is_answer)
        self.found.clear()
        return tuple([new(TextUnit, ((u[_NONE],) if len(u) == _ONE else tuple(u[_NONE:]), u[0], u[1], "")) for u in found])

    def read(self, tree: Any, wanted: int, batch: bool) -> bool:
        """Gather the units of the tree; False where it has not as many strings as `wanted`.

        batch: check identifiers all at once at the end, and say False if one of them could be words.

        One function with its state in local names, since it runs for every member of every body.
        """
        found, units_append, string, unit_of = self.found, self.found.append, self.string, self.unit
        new, post, option = tuple.__new__, Role.POST, Role.POLL_OPTION
        plain = self.keys.plain if batch else frozenset[str]()
        identifiers: list[str] = []
        identifier = identifiers.append
        address, no_words, number, perhaps = ADDRESS.fullmatch, NO_WORDS.fullmatch, NUMBER.fullmatch, PERHAPS.search
        strings = 0

        def of_object(
            members: dict[str, Any], under: Key, role: Role | None, into: list[Segment] | None = None, gather: _Unit | None = None
        ) -> tuple[_Unit | None, str, bool] | None:
            """The unit of an object unless it is one of its own or is gathered, its author, and whether it only wraps a text."""
            nonlocal strings
            keys = under.below
            unit = gather
            author = ""
            wraps = True
            count = len(members)
            for key, value in members.items():
                kind = type(value)
                if kind is str:
                    if key in plain and " " not in value:
                        identifier(value)
                        continue
                    count += 1
                    now = keys[key]
                    if now.spoken:
                        self.key(key, role)
                    if not value:
                        continue
                    begins = value[0].isalpha()
                    if not begins and (number(value) or not perhaps(value)):
                        continue
                    said = now.said or role or post
                    if now.special:
                        if now.names:
                            role = keys.role_of(value) or role
                            said = now.said or role or post
                        if now.answers and under.role is option:
                            said = option
                        if now.link and unit is not None and not unit[1]:
                            unit[1] = value
                        if now.ignore:
                            continue
                        if now.ident:
                            if no_words(value):
                                continue
                            if now.plain and " " not in value:
                                self.keys.wordy(key)
                    if "//" in value and address(value):
                        continue
                    if said is option:
                        self.asks = True
                    if into is not None and now.text:
                        into.append(Segment(value, said, self.next))
                        self.next += 1
                        continue
                    if not author and (now.author or (under.author and now.text)):
                        author = value[:200]
                    if unit is None:
                        unit = ["", ""]
                        units_append(unit)
                    if not now.wrapper:
                        wraps = False
                    if begins and "&" not in value and "<" not in value:
                        unit.append(new(Segment, (value, said, self.next)))
                        self.next += 1
                    else:
                        string(value, said, unit)
                elif kind is dict:
                    now = keys[key]
                    inside = gather
                    if now.odd:
                        if now.spoken:
                            self.key(key, role)
                        if now.own:
                            inside = None
                        elif now.part and gather is None:
                            wraps = False
                            inside = unit = unit if unit is not None else unit_of()
                    got = of_object(value, now, now.said or role, None, inside)
                    if got is None:
                        continue
                    inner, who, wrapping = got
                    if now.owner and not author:
                        author = who
                    if inner is not None and wrapping and len(value) <= SMALL:
                        if unit is None:
                            unit = inner
                        else:
                            _take(unit, inner)
                        wraps = wraps and now.wrapper
                elif kind is list:
                    now = keys[key]
                    inside = gather
                    if now.odd:
                        if now.spoken:
                            self.key(key, role)
                        if now.own:
                            inside = None
                        elif now.part and gather is None:
                            wraps = False
                            inside = unit = unit if unit is not None else unit_of()
                    if not value:
                        continue
                    listed = of_array(value, now, now.said or role, None, True, inside)
                    if listed is None:
                        continue
                    part, ran, text, who = listed
                    if ran:
                        wraps = wraps and now.wrapper
                        if under.author and text and not author:
                            author = text[:200]
                    if now.owner and not author:
                        author = who
                    if part is not None:
                        if unit is None:
                            unit = part
                        else:
                            _take(unit, part)
                elif key not in keys and keys[key].spoken:
                    self.key(key, role)
            strings += count
            if unit is None or gather is not None:
                return (None, author, wraps) if author else None
            if author and not unit[0]:
                unit[0] = author
            if under.own:
                return None, author, wraps
            if len(members) > MANY and len(unit) > MANY + _NONE:
                found.extend([["", "", one] for one in unit[_NONE:]])
                del unit[_NONE:]
                return None, author, wraps
            return unit, author, wraps

        def of_array(
            values: list[Any],
            under: Key,
            role: Role | None,
            into: list[Segment] | None,
            in_object: bool,
            gather: _Unit | None,
        ) -> tuple[_Unit | None, bool, str, str] | None:
            """What the object around an array has of it: a text in runs, the options of a poll; whether there was a text in runs, and
            who the first author in it is."""
            nonlocal strings
            who = ""
            runs: list[Segment] | None = [] if under.join else None
            outer: _Unit | None = None
            for value in values:
                kind = type(value)
                if kind is dict:
                    if not value:
                        continue
                    got = of_object(value, under, role, runs, gather)
                    if got is None:
                        continue
                    if under.owner and not who:
                        who = got[1]
                    if role is option and in_object and got[0] is not None:
                        if outer is None:
                            outer = got[0]
                        else:
                            _take(outer, got[0])
                elif kind is str:
                    strings += 1
                    if not value or number(value) or not perhaps(value):
                        continue
                    if under.ignore or address(value) or (under.ident and no_words(value)):
                        continue
                    said = role or post
                    if said is option:
                        self.asks = True
                    where = into if into is not None and under.text else runs
                    if where is not None:
                        where.append(Segment(value, said, self.next))
                        self.next += 1
                        continue
                    if under.author and not who:
                        who = value[:200]
                    if gather is not None:
                        string(value, said, gather)
                    elif said is option and in_object:
                        if outer is None:
                            outer = unit_of()
                        string(value, said, outer)
                    else:
                        string(value, said, unit_of())
                elif kind is list and value:
                    of_array(value, under, role, runs, False, gather)
            text = ""
            if role is option:
                self.asks = True
            if runs:
                text = "".join([s[0] for s in runs])
                if LETTER.search(text):
                    self.mixed = True
                    joined = gather if gather is not None else unit_of()
                    joined.append(Segment(text, role or post, runs[0][2]))
                    if gather is None and in_object and outer is None:
                        outer = joined
                    elif gather is None and in_object and outer is not None:
                        _take(outer, joined)
                else:
                    text = ""
            return (outer, bool(runs), text, who) if runs or who or outer is not None else None

        top = Key(below=self.keys)
        if type(tree) is dict:
            of_object(tree, top, None)
        elif type(tree) is list:
            of_array(tree, top, None, None, False, None)
        else:
            return False
        strings += len(identifiers)
        together = "".join(identifiers)
        identifiers.clear()  # the two functions know each other: what they hold would wait for the collector
        return strings == wanted and "&#" not in together and not together.encode("utf-8", "replace").translate(None, NO_WORDS_BYTES)

    def unit(self) -> _Unit:
        new: _Unit = ["", ""]
        self.found.append(new)
        return new

    def key(self, key: str, role: Role | None) -> None:
        if LETTER.search(key):
            self.string(key, role or Role.POST, self.unit())

    def string(self, text: str, role: Role, unit: _Unit) -> None:
        """A string as `Nested.string` has it."""
        if looks_like_json(text):
            view = self.inside(text)
            read_json(view, 0, len(text), self.nested, self.keys, None, role)
        elif "<" in text and TAG.search(text):
            own = Draft()
            read_markup(self.inside(text), 0, len(text), self.nested, self.site, own, role, fragment=True)
            self.take(own, unit)
        else:
            shown = undone(text) if "&" in text else text
            if LETTER.search(shown):
                unit.append(Segment(shown, role, self.next))
                self.next += 1
            return
        drafts = self.nested.findings.drafts
        for draft in drafts:
            self.take(draft, self.unit())
        drafts.clear()

    def inside(self, text: str) -> View:
        """The text, as if it stood behind all that was read."""
        start = self.next
        self.next += len(text) + 1
        return View("").inside(start, self.next, text, identity)

    def take(self, draft: Draft, unit: _Unit) -> None:
        unit[0] = unit[0] or draft.author
        unit[1] = unit[1] or draft.link
        self.asks = self.asks or draft.asks
        unit += [Segment(text, role, runs[0].start) for text, role, runs in draft.found]
        self.mixed = True
