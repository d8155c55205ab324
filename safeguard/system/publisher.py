"""By whose signature a pack of rules is known: the public halves of the publisher's keys. CONTRIBUTING says how the private one is kept."""

from __future__ import annotations

import base64

KEYS: tuple[str, ...] = ("MzGBn9jn9PC/jrKw4K1mxtWiEZhi0m2ecDd3aeZwhKU=",)
"""Ed25519, base64; while keys change, the new one and the one before it."""


def known() -> tuple[bytes, ...]:
    """The keys, any of which may have signed a pack."""
    return tuple(base64.b64decode(key) for key in KEYS)
