"""What several commands share: printing text from outside, the profile option."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
from rich.console import Console
from rich.text import Text

from safeguard.matching.verdict import Reason
from safeguard.policy.profile import PROFILES
from safeguard.system.terminal import json_line, safe

profile_option = click.option("--profile", type=click.Choice(list(PROFILES)), help="The child's profile.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")

MARK = "bold reverse"
WIDE = 500  # columns where no terminal sets them: a program that reads a table wants one line a row


def console() -> Console:
    """A console on standard output; never reads markup or emoji codes out of a text."""
    width = None if sys.stdout.isatty() else WIDE
    return Console(markup=False, emoji=False, highlight=False, soft_wrap=True, width=width)


def outside(text: str, style: str = "") -> Text:
    """Text from outside as rich text, harmless."""
    return Text(safe(text, lines=True), style=style)


def marked(text: str, spans: Sequence[tuple[int, int]]) -> Text:
    """The text with the stretches [start, end) marked, by colour and by >>…<< where there is none."""
    out = Text()
    at = 0
    for start, end in sorted(spans):
        start = max(start, at)
        if end <= start:
            continue
        out.append(safe(text[at:start], lines=True))
        out.append(">>" + safe(text[start:end], lines=True) + "<<", style=MARK)
        at = end
    out.append(safe(text[at:], lines=True))
    return out


def reason_dict(r: Reason) -> dict[str, object]:
    """A finding as `check --jsonl` writes it (safeguard/README.md, section 8)."""
    return {
        "rule": r.rule,
        "category": r.category.value,
        "start": r.start,
        "end": r.end,
        "words": list(r.words),
        "suppressed_by": r.suppressed_by,
    }


def print_json(value: object) -> None:
    """One line of JSON on standard output."""
    click.echo(json_line(value))
