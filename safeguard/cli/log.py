"""`safeguard log`: the parent's look at what was hidden and why."""

from __future__ import annotations

import time
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from safeguard import wiring
from safeguard.cli.common import console, json_option, outside, print_json, reason_dict
from safeguard.errors import InputError, RuleError
from safeguard.store import Entry
from safeguard.system.terminal import safe


@click.group()
def log() -> None:
    """What was hidden, and why.

    \b
    Example:
      safeguard log list
      safeguard log show K7Q2
    """


@log.command("list")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many entries, newest first.")
@json_option
def list_(limit: int, as_json: bool) -> None:
    """The newest entries, one a line, with the code that the child sees.

    \b
    Example:
      safeguard log list --limit 10
    """
    entries = _entries(limit)
    if as_json:
        for entry in entries:
            print_json(as_dict(entry))
        return
    if not entries:
        click.echo("The log is empty.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("code", "last seen", "times", "site", "category", "severity", "what was done", "author"):
        table.add_column(title, justify="right" if title in ("times", "severity") else "left", no_wrap=title == "code")
    for e in entries:
        i = e.incident
        cells = (i.code, _when(e.last_seen), str(e.seen), i.site, _words(i.category), str(i.severity), i.action, i.author)
        table.add_row(*(Text(safe(cell)) for cell in cells))
    console().print(table)


@log.command()
@click.argument("code")
@json_option
def show(code: str, as_json: bool) -> None:
    """All about one entry: rule, words, reason, and an excerpt of the hidden text.

    \b
    Example:
      safeguard log show K7Q2
    """
    store = wiring.open_store(wiring.load_settings())
    try:
        entry = store.show(code)
    finally:
        store.close()
    if entry is None:
        raise InputError(f"no entry {safe(code)!r} in the log; `safeguard log list` lists them")
    if as_json:
        print_json(as_dict(entry))
    else:
        _print(entry)


def _entries(limit: int) -> list[Entry]:
    store = wiring.open_store(wiring.load_settings())
    try:
        return store.entries(limit)
    finally:
        store.close()


def as_dict(entry: Entry) -> dict[str, Any]:
    """The entry for scripts; times in ISO 8601, UTC."""
    i = entry.incident
    return {
        "code": i.code,
        "kind": i.kind,
        "first_seen": _iso(entry.first_seen),
        "last_seen": _iso(entry.last_seen),
        "seen": entry.seen,
        "site": i.site,
        "url": i.url,
        "author": i.author,
        "role": i.role,
        "action": i.action,
        "category": i.category,
        "severity": i.severity,
        "score": i.score,
        "group": i.group,
        "rule": i.rule,
        "excerpt": i.excerpt,
        "whole": i.whole,
        "reasons": [reason_dict(r) for r in i.reasons],
    }


def _print(entry: Entry) -> None:
    i = entry.incident
    whys = _whys()
    facts = [
        ("code", i.code),
        ("seen", _when(entry.last_seen) + (f", {entry.seen} times since {_when(entry.first_seen)}" if entry.seen > 1 else "")),
        ("site", i.site),
        ("address", i.url),
        ("author", i.author),
        ("what it is", _words(i.role)),
        ("what was done", i.action),
        ("category", f"{_words(i.category)}, severity {i.severity}, score {i.score:g}"),
        ("group", i.group or ""),
        ("excerpt", i.excerpt),
        ("whole text", i.whole if i.whole and i.whole != i.excerpt else ""),
    ]
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts:
        if value:
            table.add_row(name, outside(value))
    for r in i.reasons:
        said = Text(f"{safe(r.rule)} ({_words(r.category.value)}): ").append(outside(" … ".join(r.words)))
        if r.suppressed_by:
            said.append(f"; switched off by {safe(r.suppressed_by)}")
        elif r.rule in whys:
            said.append(f"\n{safe(whys[r.rule])}")
        table.add_row("not counted" if r.suppressed_by else "found by", said)
    console().print(table)


def _whys() -> dict[str, str]:
    """Why each rule is there; an entry can be read even while the rules are broken."""
    try:
        return wiring.rule_whys(wiring.compiled_rules(wiring.load_settings()))
    except RuleError:
        return {}


def _words(name: str) -> str:
    return name.replace("_", " ")


def _when(ms: int) -> str:
    """Local time, as a parent reads it."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(ms / 1000))


def _iso(ms: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms / 1000)) + f".{ms % 1000:03d}Z"
