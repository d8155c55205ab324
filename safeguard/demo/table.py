"""The report for people: a before/after table of what was hidden, one of what was shown, the misses, and the last line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from safeguard.demo.report import Report, Row
from safeguard.system.terminal import safe

WIDTH = 150  # where the output is no terminal
LONGEST = 64


def show(report: Report, console: Console) -> None:
    """Print tables, misses and the last line."""
    bad = [r for r in report.rows if r.item.harmful]
    good = [r for r in report.rows if not r.item.harmful]
    console.print(f"What {report.visitor} got through SafeGuard, compared with what the sample network sends:")
    console.print(_table("Harmful", ("", "kind", "before", "after", "rule and reason"), bad))
    console.print(_table("Harmless", ("", "kind", "before", "after", ""), good))
    for row in report.missed:
        told = f"MISSED {row.item.id} ({row.item.category or row.item.topic}): {row.wrong}: {row.item.text}"
        console.print(Text(safe(told)), soft_wrap=True)
    console.print(report.last_line, soft_wrap=True)


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


def _table(title: str, heads: Sequence[str], rows: Sequence[Row]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for n, head in enumerate(heads):
        table.add_column(head, overflow="fold", no_wrap=n < 2, ratio=None if n < 2 else 1)
    for row in rows:
        kind = f"{row.item.lang} {row.item.kind}"
        after = "(the same)" if not row.item.harmful and row.ok else short(row.after) or "(nothing)"
        sign = Text("✓", "green") if row.ok else Text("✗", "bold red")
        told = reason(row) if row.item.harmful or not row.ok else ""
        table.add_row(sign, Text(kind), Text(short(row.item.text)), Text(after), Text(safe(told or row.wrong)))
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
