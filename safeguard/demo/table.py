"""The report for people: a before/after table of what was hidden, one of what was shown, and the misses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from safeguard.demo.report import Report, Row
from safeguard.language import _
from safeguard.system.terminal import safe

WIDTH = 150  # where the output is no terminal
LONGEST = 64


def show(report: Report, console: Console) -> None:
    """Print the tables and the misses."""
    console.print(_("What %(visitor)s got through SafeGuard, compared with what the sample network sends:", visitor=report.visitor))
    console.print(_harmful([r for r in report.rows if r.item.harmful]))
    console.print(_harmless([r for r in report.rows if not r.item.harmful]))
    for row in report.missed:
        missed = _("MISSED %(id)s (%(what)s)", id=row.item.id, what=row.item.category or row.item.topic)
        told = f"{missed}: {row.wrong or reason(row)}: {row.item.text}"
        console.print(Text(safe(told), "bold"), soft_wrap=True)


def as_json(report: Report) -> dict[str, Any]:
    """The report for scripts."""
    return {"visitor": report.visitor, "ok": not report.missed, "summary": report.last_line, "texts": [_row_dict(r) for r in report.rows]}


def reason(row: Row) -> str:
    """Rule and the words that decided, in one line; "" where nothing was found."""
    if row.incident is None:
        return ""
    words = [w for r in row.incident.reasons if r.rule == row.incident.rule and r.suppressed_by is None for w in r.words]
    return f"{row.incident.rule}: {row.incident.category}" + (f" ({', '.join(words)})" if words else "")


def short(text: str, longest: int = LONGEST) -> str:
    """The text, cut in the middle of a sentence if need be, harmless for a terminal."""
    text = safe(text)
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _table(title: str, narrow: Sequence[str], wide: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for head in narrow:
        table.add_column(head, no_wrap=True)
    for head in wide:
        table.add_column(head, overflow="fold", ratio=1)
    return table


def _sign(row: Row) -> Text:
    return Text("✓", "green") if row.ok else Text("✗", "bold red")


def _harmful(rows: Sequence[Row]) -> Table:
    table = _table(_("Harmful"), ("", "", _("where")), (_("before"), _("after"), _("rule and reason")))
    for r in rows:
        told = reason(r) if r.ok else r.wrong
        table.add_row(
            _sign(r), r.item.lang, r.item.kind, Text(short(r.item.text)), Text(short(r.after) or _("(nothing)")), Text(safe(told))
        )
    return table


def _harmless(rows: Sequence[Row]) -> Table:
    table = _table(_("Harmless"), ("", "", _("where"), _("what")), (_("before"), _("after")))
    for r in rows:
        after = _("the same") if r.ok else short(r.after) or _("(nothing)")
        told = "" if r.ok else f" ({reason(r) or r.wrong})"
        table.add_row(_sign(r), r.item.lang, r.item.kind, r.item.topic, Text(short(r.item.text, 90)), Text(after + safe(told)))
    return table


def _row_dict(row: Row) -> dict[str, Any]:
    item, found = row.item, row.incident
    return {
        "id": item.id,
        "lang": item.lang,
        "kind": item.kind,
        "harmful": item.harmful,
        "ok": row.ok,
        "wrong": row.wrong or None,
        "before": item.text,
        "after": row.after,
        "rule": found.rule if found else None,
        "category": found.category if found else None,
        "reason": reason(row) or None,
    }
