"""What several commands share: options, settings, waiting for the end, and printing text from outside."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from safeguard import config, language, wiring
from safeguard.config import Settings
from safeguard.errors import InputError
from safeguard.language import N_, _
from safeguard.matching.verdict import Reason
from safeguard.policy.incident import DONE
from safeguard.system.paths import Paths
from safeguard.system.terminal import json_line, safe

profile_option = click.option("--profile", metavar="NAME", help="The child's profile; `safeguard profile list` names them.")


def _for_scripts(ctx: click.Context, param: click.Parameter, value: bool) -> bool:
    if value:
        language.speak(language.ENGLISH)  # what a script reads is the same for every family
    return value


json_option = click.option("--json", "as_json", is_flag=True, is_eager=True, callback=_for_scripts, help="Print JSON, for scripts.")
port_option = click.option("--port", type=click.IntRange(1, 65535), help="Port on 127.0.0.1; the one of the settings unless given.")
config_option = click.option(
    "--config", "file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Settings file to use instead of yours."
)

MARK = "bold reverse"
SEVERITIES = (N_("none"), N_("low"), N_("high"), N_("highest"))
WORDS = (
    *(N_("incitement"), N_("threat"), N_("personal threat"), N_("dehumanisation"), N_("derogation"), N_("slur"), N_("expulsion")),
    *(N_("glorification"), N_("atrocity mockery"), N_("parent list"), N_("unchecked"), N_("reduced"), N_("reveal"), N_("certificate")),
    N_("asked"),
    *(N_("pin guessed"), N_("pin changed"), N_("post"), N_("comment"), N_("message"), N_("poll question"), N_("poll option"), N_("bio")),
    *(N_("name"), N_("caption"), N_("alt"), N_("card"), N_("translation"), N_("rules"), N_("article")),
)
"""What words() says: categories of finds and of other entries, and what a text was."""
WIDE = 500  # columns where no terminal sets them: a program that reads a table wants one line a row


def words(name: str) -> str:
    """A name from the code as words."""
    return _(name.replace("_", " "))


def done(action: str) -> str:
    """What was done with a text, or is to be: an action of a profile or of the log, as words."""
    return _(DONE[action]) if action in DONE else action


def console() -> Console:
    """A console on standard output; never reads markup or emoji codes out of a text."""
    width = None if sys.stdout.isatty() else WIDE
    return Console(markup=False, emoji=False, highlight=False, soft_wrap=True, width=width)


def outside(text: str, style: str = "") -> Text:
    """Text from outside as rich text, harmless."""
    return Text(safe(text, lines=True), style=style)


def marked(text: str, spans: Sequence[tuple[int, int]]) -> Text:
    """The text with the stretches [start, end) marked, by colour and by >>…<< where there is none."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    out = Text()
    at = 0
    for start, end in joined:
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


def settings_of(file: Path | None, port: int | None) -> Settings:
    """The settings, from `file` where given, with `port` in place of theirs. Raises ConfigError or InputError."""
    if file is None:
        settings = wiring.load_settings()
    else:
        try:
            settings = config.parse(str(file), file.read_bytes(), wiring.choices())
        except OSError as e:
            raise InputError(_("%(file)s: cannot be read (%(why)s)", file=file, why=e.strerror)) from e
    return replace(settings, port=port) if port else settings


def of_service(place: Paths) -> bool:
    """Whether these are the folders of an installed filter's account, which this one cannot enter."""
    return place.door.parent.is_dir() and not os.access(place.state, os.R_OK | os.X_OK)


def say(text: str) -> None:
    """Lines for the parent, on standard error; text from outside is made harmless."""
    click.echo(safe(text, lines=True), err=True)


@contextmanager
def until_told() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set."""
    stop = threading.Event()
    before = {s: signal.signal(s, lambda number, frame: stop.set()) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
