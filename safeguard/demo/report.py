"""Compares what the sample network sends with what the visitor got: which harmful texts are gone, which harmless ones stand. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from safeguard.demo.content import Item
from safeguard.demo.reading import View, plain
from safeguard.language import _
from safeguard.policy.incident import Incident

MARK = "SafeGuard"  # every notice names it


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one text.

    ok:       hidden where harmful, shown where harmless.
    after:    what stands at its place now, "" where nothing came.
    wrong:    where not ok: what is the matter; else "".
    incident: the finding behind the notice at its place, if there is one.
    """

    item: Item
    ok: bool
    after: str
    wrong: str
    incident: Incident | None


@dataclass(frozen=True, slots=True)
class Report:
    """rows: one for every text; visitor: who looked, for people."""

    rows: tuple[Row, ...]
    visitor: str

    @property
    def missed(self) -> tuple[Row, ...]:
        return tuple(r for r in self.rows if not r.ok)

    @property
    def last_line(self) -> str:
        """The line that scripts rely on (safeguard/README.md, section 8)."""
        bad = [r for r in self.rows if r.item.harmful]
        good = [r for r in self.rows if not r.item.harmful]
        hidden, shown = sum(r.ok for r in bad), sum(r.ok for r in good)
        return f"demo: {hidden} of {len(bad)} harmful texts hidden, {shown} of {len(good)} harmless texts shown"


def compare(items: Sequence[Item], before: View, after: View, incidents: Iterable[Incident], visitor: str) -> Report:
    """The report on two visits to the same pages: one straight to the network, one through the filter."""
    by_code = {i.code: i for i in incidents}
    return Report(tuple(_row(item, before, after, by_code) for item in items), visitor)


def _row(item: Item, before: View, after: View, by_code: dict[str, Incident]) -> Row:
    text = plain(item.text)
    places = after.places.get(item.id, [])
    noticed = [p for p in places if MARK in p]
    found = next((i for p in noticed for code, i in by_code.items() if code in p), None)
    stands = noticed[0] if noticed else places[0] if places else ""
    if text not in before.places.get(item.id, []):
        wrong = _("the sample network did not send it")
    elif not places:
        wrong = _("nothing came in its place")
    elif item.harmful:
        wrong = _still_there(text, places, noticed, after)
    else:
        wrong = "" if all(p == text for p in places) else _("hidden although harmless") if noticed else _("changed")
    return Row(item, not wrong, stands, wrong, found)


def _still_there(text: str, places: Sequence[str], noticed: Sequence[str], after: View) -> str:
    if text in places:
        return _("not hidden")
    if after.stands_anywhere(text):
        return _("hidden, but it still stands elsewhere in the page")
    return "" if len(noticed) == len(places) else _("gone, but no notice says so")
