"""The log: what was hidden, when, where and why. Only this room knows the database."""

from safeguard.store.entry import Entry
from safeguard.store.store import Store

__all__ = ["Entry", "Store"]
