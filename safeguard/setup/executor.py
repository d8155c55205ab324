"""Carries a plan out and takes it back: each action is in the journal before it is done, and undone backwards from there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from safeguard.errors import SetupError
from safeguard.language import _
from safeguard.setup import acts
from safeguard.setup.journal import Entry, Journal
from safeguard.setup.plan import Plan, WriteFile

Say = Callable[[str], None]


def carry_out(plan: Plan, journal: Journal, made_with: Mapping[str, Any], say: Say) -> None:
    """Do every step, over an earlier setup where there is one; what only that one did is taken back at the end.

    Where a step fails, or is interrupted, all of this setup is taken back, and the error raised again.
    """
    if journal.removing:
        raise SetupError(_("a removal of SafeGuard was cut off; run: safeguard repair"))
    roll_back(journal)
    known = {acts.key(e.act) for e in journal.live}
    number = journal.begin(made_with)
    try:
        for step in plan:
            say(step.says)
            for action in step.actions:
                act = acts.prepare(action, journal, known)
                entry = journal.will(number, step.id, act)
                if isinstance(action, WriteFile) and action.once and acts.key(act) in known:
                    journal.undone(entry)  # it stays as it is
                    continue
                if told := acts.do(action, act):
                    say(told)
                journal.done(entry)
    except BaseException:  # Ctrl-C too: half an installation protects nobody
        say(_("It did not work, so what was done is taken back."))
        roll_back(journal)
        raise
    journal.finish(number)
    settle(journal)


def settle(journal: Journal) -> None:
    """Make one of a finished setup and those before it; can be cut off and called again. Raises SetupError where something stays.

    Each thing keeps its first entry, which knows how it was before SafeGuard and stands in the order of undoing; what the last setup no
    longer has is taken back.
    """
    if not journal.finished:
        return
    last = max(journal.finished)
    first: dict[tuple[Any, ...], Entry] = {}
    for entry in [e for e in journal.live if e.setup in journal.finished]:
        keeper = first.setdefault(acts.key(entry.act), entry)
        acts.settle(entry.act, keeper.act)
        if keeper is not entry or entry.act.get("meanwhile"):
            journal.undone(entry)
            acts.forget(entry.act, journal)
    planned = {acts.key(e.act) for e in journal.entries if e.setup == last}
    take_back([e for e in journal.live if e.setup < last and acts.key(e.act) not in planned], journal)


def roll_back(journal: Journal) -> bool:
    """Take back what a setup that was cut off has left; whether there was any. Raises SetupError where something stays."""
    left = journal.cut_off
    take_back(left, journal)
    if not journal.removing:
        settle(journal)
    return bool(left)


def uninstall(journal: Journal) -> None:
    """Take back everything. Raises SetupError where something stays; calling it again goes on where it ended."""
    roll_back(journal)
    journal.remove()
    take_back(journal.live, journal)
    journal.discard()


def take_back(entries: Iterable[Entry], journal: Journal) -> None:
    """Undo these, youngest first, and go on past one that fails. Raises SetupError at the end with each that did."""
    failed = []
    for entry in sorted(entries, key=lambda e: e.number, reverse=True):
        try:
            acts.undo(entry.act, journal, done=entry.done)
        except SetupError as e:
            failed.append(str(e))
        else:
            journal.undone(entry)
    if failed:
        raise SetupError("\n".join([_("Not everything could be taken back; mend this and run: safeguard repair"), *failed]))
