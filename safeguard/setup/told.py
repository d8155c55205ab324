"""A step's actions in words, a line each, for `--dry-run`: what a parent, or whoever helps one, can check. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from safeguard.language import _
from safeguard.setup.plan import Account, Action, CopyTree, Folder, Run, Step, WriteFile


def lines(step: Step) -> Iterator[str]:
    """Every action, and how it is taken back where that is a command."""
    for action in step.actions:
        yield from _told(action)


def _told(action: Action) -> Iterator[str]:
    match action:
        case Folder():
            yield _("folder %(path)s (%(owner)s, %(mode)s)", path=action.path, owner=action.owner, mode=f"{action.mode:04o}")
        case WriteFile():
            told = {"path": action.path, "owner": action.owner, "mode": f"{action.mode:04o}", "size": len(action.data)}
            if action.once:
                yield _("write %(path)s (%(owner)s, %(mode)s, %(size)s bytes; stays as it is where an earlier setup made it)", **told)
            else:
                yield _("write %(path)s (%(owner)s, %(mode)s, %(size)s bytes)", **told)
        case CopyTree():
            yield _("copy %(count)s folders and files to %(path)s (root, readable by all)", count=len(action.parts), path=action.path)
        case Account():
            yield _("account %(name)s (system, no login)", name=action.name)
        case Run():
            who = "" if action.account == "root" else _("as %(account)s: ", account=action.account)
            if action.command:
                yield _("run %(command)s", command=who + " ".join(action.command))
            if action.undo:
                yield _("to take it back: %(command)s", command=who + " ".join(action.undo))
