"""An entry of the log as the commands write it: for scripts, for spreadsheets; and how times are written."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from safeguard import wiring
from safeguard.cli.common import reason_dict
from safeguard.errors import InputError, RuleError
from safeguard.evidence import Told
from safeguard.language import _
from safeguard.store import Entry, Store
from safeguard.system.terminal import safe


@contextmanager
def opened() -> Iterator[Store]:
    """The log of this account, closed at the end. Raises StoreError."""
    store = wiring.open_store(wiring.load_settings())
    try:
        yield store
    finally:
        store.close()


def found(store: Store, code: str) -> Entry:
    """The entry with that code. Raises InputError where there is none."""
    entry = store.show(code)
    if entry is None:
        raise InputError(_("no entry %(code)s in the log; `safeguard log list` lists them", code=repr(safe(code))))
    return entry


def told_by_rules() -> Told:
    """What the rules say of themselves, in the language spoken here; the log can be read even while they are broken."""
    try:
        return wiring.told_by_rules(wiring.load_settings())
    except RuleError:
        return Told()


def as_dict(entry: Entry) -> dict[str, Any]:
    """The entry for scripts; times in ISO 8601, UTC."""
    i = entry.incident
    return {
        "code": i.code,
        "kind": i.kind,
        "first_seen": iso(entry.first_seen),
        "last_seen": iso(entry.last_seen),
        "seen": entry.seen,
        "account": i.account,
        "computer": entry.computer,
        "site": i.site,
        "url": i.url,
        "author": i.author,
        "role": i.role,
        "action": i.action,
        "review": entry.review,
        "category": i.category,
        "severity": i.severity,
        "score": i.score,
        "group": i.group,
        "rule": i.rule,
        "excerpt": i.excerpt,
        "whole": i.whole,
        "reasons": [reason_dict(r) for r in i.reasons],
    }


def iso(ms: int) -> str:
    """Time for scripts, UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms / 1000)) + f".{ms % 1000:03d}Z"
