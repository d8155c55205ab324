"""A step's actions in words, a line each, for `--dry-run`: what a parent, or whoever helps one, can check. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from safeguard.setup.plan import Account, Action, CopyTree, Folder, Run, Step, WriteFile


def lines(step: Step) -> Iterator[str]:
    """Every action, and how it is taken back where that is a command."""
    for action in step.actions:
        yield from _told(action)


def _told(action: Action) -> Iterator[str]:
    match action:
        case Folder():
            yield f"folder {action.path} ({action.owner}, {action.mode:04o})"
        case WriteFile():
            kept = "; stays as it is where an earlier setup made it" if action.once else ""
            yield f"write {action.path} ({action.owner}, {action.mode:04o}, {len(action.data)} bytes{kept})"
        case CopyTree():
            yield f"copy {len(action.parts)} folders and files to {action.path} (root, readable by all)"
        case Account():
            yield f"account {action.name} (system, no login)"
        case Run():
            who = "" if action.account == "root" else f"as {action.account}: "
            if action.command:
                yield f"run {who}{' '.join(action.command)}"
            if action.undo:
                yield f"to take it back: {who}{' '.join(action.undo)}"
