"""What `safeguard ca show` and `safeguard status` say of the certificate authority, as a value for scripts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from pathlib import Path
from typing import Any

from safeguard.errors import SafeguardError
from safeguard.proxy import ca_due, ca_store
from safeguard.proxy.ca import VALID


def gather(folder: Path, domains: Collection[str]) -> dict[str, Any]:
    """The authority in that folder, what of it waits for the parent, and what a renewal for these watched domains would change.

    error: why it cannot be used, "" where it can; made: false before the filter's first start.
    """
    now = dt.datetime.now(dt.UTC)
    found: dict[str, Any] = {"file": str(folder / ca_store.PUBLIC), "fingerprint": "", "ends": "", "over": False, "domains": []}
    found |= {"missing": [], "waits": [], "replaced": [], "renewal": {}, "made": False, "error": ""}
    try:
        found["made"] = ca_store.exists(folder)
        if not found["made"]:
            return found
        kept, roots = ca_store.read(folder), ca_store.roots(folder)
    except SafeguardError as e:
        return found | {"error": str(e)}
    waits = ca_due.due(kept, domains, now)
    removed = sorted(set(kept.domains) - set(domains))
    return found | {
        "fingerprint": ca_store.fingerprint(roots.new),
        "ends": f"{waits.ends:%Y-%m-%d}",
        "over": waits.over,
        "domains": sorted(kept.domains),
        "missing": list(waits.missing),
        "waits": list(waits.lines()),
        "replaced": [ca_store.fingerprint(pem) for pem in roots.old],
        "renewal": {"ends": f"{now + VALID:%Y-%m-%d}", "added": list(waits.missing), "removed": removed},
    }
