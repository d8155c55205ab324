"""What weakens protection asks the parents' PIN where one is set: the only place that asks, as a decorator of commands."""

from __future__ import annotations

import functools
import math
import os
import stat
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from safeguard import wiring
from safeguard.cli.common import say
from safeguard.errors import InputError, SafeguardError
from safeguard.language import _, n_
from safeguard.policy.incident import Incident
from safeguard.policy.pin_strength import LONGEST
from safeguard.system import private
from safeguard.system.account import origin
from safeguard.system.paths import Paths
from safeguard.system.pin import PinStore, Verified, Wait

TELL_S = 5.0
"""How long the entry about a guess may hold up the answer; it goes on being written behind it."""


def guarded[R](when: Callable[[Mapping[str, Any]], bool] = lambda given: True) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Makes a command ask the PIN before it does anything; stands between `@click.command()` with its options and the function.

    when: whether what was given on the command line weakens protection, for a command that does not always; gets the parameters by name.
    """

    def around(command: Callable[..., R]) -> Callable[..., R]:
        @click.option(
            "--pin-file", metavar="FILE|-", help="Read the PIN from the first line of FILE (- is standard input), not the terminal."
        )
        @functools.wraps(command)
        def asking(*args: Any, pin_file: str | None, **given: Any) -> R:
            if when(given):
                ask(pin_file)
            return command(*args, **given)

        return asking

    return around


def ask(pin_file: str | None, store: PinStore | None = None) -> None:
    """Returns where the PIN is right or none is set; else one line and exit code 1. Raises InputError where nobody can be asked.

    store: with the PIN that is asked; that of these folders unless given.
    """
    store = store or pin_store()
    if not store.is_set():
        return
    answer = store.verify(typed(_("PIN"), pin_file, "--pin-file"), origin())
    if isinstance(answer, Verified):
        return
    said = _("too many wrong PINs, this one was not tried") if isinstance(answer, Wait) else _("wrong PIN")
    again = _("try again in %(time)s", time=_duration(answer.seconds)) if answer.seconds else _("try again")
    say(f"{said}; {again}")
    raise SystemExit(1)


def pin_store() -> PinStore:
    """The PIN of these folders; what happens to it goes to their log."""
    return PinStore(Paths.of_user().pin, _tell)


def typed(what: str, file: str | None, option: str) -> str:
    """What is typed without being shown, or the first line of a file. Raises InputError with one line."""
    if file is not None:
        return _first_line(what, file)
    if not sys.stdin.isatty():
        raise InputError(
            _(
                "the %(what)s is asked for: run this in a terminal, or give it with %(option)s FILE (- for standard input)",
                what=what,
                option=option,
            )
        )
    try:
        return str(click.prompt(what, hide_input=True, prompt_suffix=": ", err=True))
    except UnicodeDecodeError:  # would quote what was typed
        raise InputError(_("the %(what)s cannot be read: the terminal sent no UTF-8", what=what)) from None


def _first_line(what: str, file: str) -> str:
    try:
        if file == "-":
            line = sys.stdin.buffer.readline(8 * LONGEST)
        else:
            with Path(file).open("rb") as f:
                info = os.fstat(f.fileno())
                if private.POSIX and stat.S_ISREG(info.st_mode) and stat.S_IMODE(info.st_mode) & 0o077:
                    raise InputError(_("%(file)s: others on this computer can open it; run: chmod 600 '%(file)s'", file=file))
                line = f.readline(8 * LONGEST)
    except OSError as e:
        raise InputError(_("%(file)s: cannot be read (%(why)s)", file=file, why=e.strerror)) from e
    text = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
    if not text:
        raise InputError(_("no %(what)s in the first line of %(file)s", what=what, file=_("standard input") if file == "-" else file))
    return text


def _tell(incident: Incident) -> None:
    """Into the log, which queues the alert. A log that is locked or broken neither lets a guess through nor holds anybody up."""

    def write() -> None:
        try:
            store = wiring.open_store(wiring.load_settings())
            store.add(incident)
            store.close()
        except SafeguardError as e:
            say(_("warning: the log does not know of it: %(why)s", why=e))

    writer = threading.Thread(target=write, name="safeguard-pin", daemon=True)
    writer.start()
    writer.join(TELL_S)


def _duration(seconds: float) -> str:
    whole = math.ceil(seconds)
    if whole <= 90:
        return n_("%(n)s second", "%(n)s seconds", whole)
    return n_("%(n)s minute", "%(n)s minutes", math.ceil(whole / 60))
