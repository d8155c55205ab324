"""The proxy as a process of its own, so that its memory can be measured: `python -m tests.proxy.child FOLDER PORT`."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from safeguard.formats.sites.model import SiteProfile, Sites
from safeguard.pipeline import Pipeline
from safeguard.proxy import ca, master
from safeguard.proxy.checking import PipelineChecker
from safeguard.proxy.upstream import table_resolver
from tests.proxy.conftest import WordEngine
from tests.proxy.rig import HOST, LOOPBACK


def main(folder: Path, server: int) -> None:
    """Serve until standard input ends; the port stands on the first line of standard output."""
    authority = ca.issue([HOST], dt.datetime.now(dt.UTC))
    (folder / "authority.pem").write_bytes(authority.root_pem)
    pipeline = Pipeline(WordEngine(), Sites.of([SiteProfile("social", "Social", (HOST,))]), b"k" * 32)
    handle = master.start_in_thread(
        PipelineChecker(pipeline),
        authority,
        resolver=table_resolver({HOST: LOOPBACK}),
        private=[(HOST, server)],
        trust_roots=folder / "roots.pem",
    )
    print(handle.port, flush=True)
    sys.stdin.read()
    handle.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
