"""`safeguard pin`: the parents' PIN, its recovery code, and root's way where both are lost."""

from __future__ import annotations

import click

from safeguard.cli.guarded import guarded, pin_store, typed
from safeguard.errors import InputError
from safeguard.language import _
from safeguard.policy import pin_entry
from safeguard.policy.pin_strength import weakness
from safeguard.system.account import origin
from safeguard.system.pin import ROOT

new_option = click.option("--new-pin-file", metavar="FILE|-", help="Read the new PIN from the first line of FILE (- is standard input).")


@click.group()
def pin() -> None:
    """The PIN that is asked before anything weakens protection: at least 6 digits or 8 characters.

    Wrong ones must wait, longer each time, and you are alerted. Where none is set, nothing is asked.

    \b
    Example:
      safeguard pin set
      safeguard pin recover
    """


@pin.command("set")
@guarded()
@new_option
def set_(new_pin_file: str | None) -> None:
    """Set the PIN, or change it (the one until now is asked first), and print a new recovery code.

    From standard input the old PIN stands in the first line, the new one in the next.

    \b
    Example:
      safeguard pin set
    """
    print_code(pin_store().set(new_pin(new_pin_file)))


@pin.command()
@guarded()
def check() -> None:
    """Ask the PIN and say whether it is right. Exit code 1 where it is wrong or none is set.

    \b
    Example:
      safeguard pin check
    """
    if not pin_store().is_set():
        click.echo(_("No PIN is set; set one with: safeguard pin set"))
        raise SystemExit(1)
    click.echo(_("The PIN is right."))


@pin.command()
@click.option("--code-file", metavar="FILE|-", help="Read the recovery code from the first line of FILE (- is standard input).")
@new_option
def recover(code_file: str | None, new_pin_file: str | None) -> None:
    """Set a new PIN with the recovery code, when you have forgotten the old one; a new code is printed. You are alerted.

    \b
    Example:
      safeguard pin recover
    """
    store = pin_store()
    if not store.is_set():
        raise InputError(_("no PIN is set; set one with: safeguard pin set"))
    code = typed(_("recovery code"), code_file, "--code-file")
    fresh = store.recover(code, new_pin(new_pin_file))
    if fresh is None:
        click.echo(_("This is not the recovery code; nothing was changed."), err=True)
        raise SystemExit(1)
    print_code(fresh)


@pin.command()
@new_option
def reset(new_pin_file: str | None) -> None:
    """Set a new PIN without the old one, as root alone (on Windows an administrator); the log and an alert say so.

    \b
    Example:
      safeguard pin reset
    """
    if origin() != ROOT:
        raise InputError(_("only root sets a PIN without the old one: sudo safeguard pin reset; or use: safeguard pin recover"))
    print_code(pin_store().set(new_pin(new_pin_file), pin_entry.SAID_RESET))


def new_pin(file: str | None, option: str = "--new-pin-file") -> str:
    """A new PIN, typed twice at a terminal. Raises InputError for one that is too easy."""
    made = typed(_("new PIN"), file, option)
    if wrong := weakness(made):
        raise InputError(wrong)
    if file is None and typed(_("new PIN again"), None, option) != made:
        raise InputError(_("these are two different PINs; nothing was changed"))
    return made


def print_code(code: str) -> None:
    """Says it once; it is kept nowhere."""
    click.echo(_("The PIN is set."))
    click.echo(_("Recovery code, shown this once, for the day you forget the PIN: %(code)s", code=code))
    click.echo(_("Write it on paper and keep it where your child does not look."))
