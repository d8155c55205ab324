"""The command line's language: chosen before a command is loaded, and the help of commands in it.

Help stands in the code as click wants it, in English; it is translated by paragraphs when it is asked for, but for the examples.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator

import click
from click import core, decorators, exceptions, formatting, termui

from safeguard.config import Settings
from safeguard.errors import SafeguardError
from safeguard.language import N_, _, spoken
from safeguard.system import catalogue, settings_file
from safeguard.system.paths import Paths

EXAMPLE = N_("Example:")
OF_CLICK = (
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("Show this message and exit."),
    N_("Error: {message}"),
    N_("Try '{command} {option}' for help."),
    N_("No such option: {name}"),
    N_("No such command {name!r}."),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Missing command."),
    N_("Aborted!"),
    N_("Repeat for confirmation"),
)
"""What a parent meets of click's own messages."""


def choose() -> None:
    """Speak the parent's language: of the settings, else of the session."""
    try:
        settings = settings_file.read(Paths.of_user())
    except SafeguardError:  # said by the command that needs them
        settings = Settings()
    catalogue.speak(catalogue.of_parent(settings))
    for module in (core, decorators, exceptions, formatting, termui):
        module._ = _  # type: ignore[attr-defined]  # click asks gettext, which reads built catalogues only


def paragraphs(text: str) -> Iterator[tuple[str, bool]]:
    """(paragraph, whether it is words and no example) of a command's help."""
    for part in inspect.cleandoc(text).split("\n\n"):
        words = not part.startswith("\b")
        yield " ".join(part.split()) if words else part, words


def translated[C: click.Command](command: C) -> C:
    """The command with its help in the language spoken now, and those below it."""
    if spoken() == "en":
        return command
    said = copy.copy(command)
    if command.help:
        said.help = "\n\n".join(_(p) if words else p.replace(EXAMPLE, _(EXAMPLE), 1) for p, words in paragraphs(command.help))
    said.params = [_param(p) for p in command.params]
    if isinstance(said, click.Group):
        said.commands = {name: translated(c) for name, c in said.commands.items()}
    return said


def _param(param: click.Parameter) -> click.Parameter:
    if not isinstance(param, click.Option) or not param.help:
        return param
    said = copy.copy(param)
    said.help = _(param.help)
    return said
