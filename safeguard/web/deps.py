"""What the page is made of: everything it reads or changes, as one value, so that tests bring their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from safeguard.config import AUTO
from safeguard.matching.engine import Engine
from safeguard.ruleset.compiler import compile_rules
from safeguard.store import Store
from safeguard.system import peer
from safeguard.system.own_rules import OwnRules
from safeguard.system.pin import PinStore

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Words:
    """What the rules and sites say of themselves, in words: id -> why it is there, group -> its title, site -> its title."""

    whys: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    sites: Mapping[str, str] = field(default_factory=dict)


def account_of(client: peer.Address, server: peer.Address) -> str:
    """The account at the other end of a connection, "" where nobody can tell."""
    return peer.account(client, server)


def no_rules() -> Engine:
    """An engine that knows none."""
    return Engine(compile_rules(()))


@dataclass(frozen=True, slots=True)
class Deps:
    """port: where the page is served. idle_minutes: a session unused for so long ends. lang: of the page, or `auto` for the browser's.

    own:     the family's lists, where `hide this author` is written.
    words:   asked for each page, as rules are loaded anew while the filter runs.
    engine:  that of the running filter, asked for each time.
    rules:   every rule file (name, bytes), shipped and the family's, as they are now.
    account: (client, server) -> account of the computer; a session belongs to the account that signed in.
    say:     takes one line for who runs the filter.
    """

    pin: PinStore
    store: Store
    own: OwnRules
    port: int
    idle_minutes: int = 10
    lang: str = AUTO
    words: Callable[[], Words] = Words
    engine: Callable[[], Engine] = no_rules
    rules: Callable[[], Sequence[tuple[str, bytes]]] = tuple
    account: Callable[[peer.Address, peer.Address], str] = account_of
    clock: Callable[[], float] = time.monotonic
    say: Callable[[str], None] = lambda line: None
