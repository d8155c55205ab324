"""SafeGuard as `safeguard run` has it, with all rules, in front of the bench's server: `python -m tests.bench.child FOLDER PORT`."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from safeguard.proxy import ca, master
from safeguard.proxy.checking import PipelineChecker
from safeguard.proxy.upstream import table_resolver
from tests.bench.engine import pipeline

HOST = "localhost"


def main(folder: Path, server: int) -> None:
    """Serve until standard input ends."""
    authority = ca.issue([HOST], dt.datetime.now(dt.UTC))
    (folder / "safeguard.pem").write_bytes(authority.root_pem)
    handle = master.start_in_thread(
        PipelineChecker(pipeline(folder)),
        authority,
        resolver=table_resolver({HOST: "127.0.0.1"}),
        private=[(HOST, server)],
        trust_roots=folder / "roots.pem",
    )
    print(handle.port, flush=True)
    sys.stdin.read()
    handle.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
