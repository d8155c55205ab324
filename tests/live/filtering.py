"""The real proxy with the shipped rules in front of a server it knows only the name of; all on loopback, all gone at the end."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from safeguard import wiring
from safeguard.config import Settings
from safeguard.formats.sites.model import SiteProfile, Sites
from safeguard.policy.incident import Incident
from safeguard.proxy import ca_store, master, upstream
from safeguard.proxy.checking import PipelineChecker
from safeguard.system.chromium_pipe import find_chromium, prepare_chromium_home
from safeguard.system.paths import Paths
from tests.live.process import LOOPBACK


@dataclass(frozen=True)
class Filter:
    """The running proxy (host:port), the home of a browser that trusts it, and the incidents so far."""

    proxy: str
    home: Path
    incidents: list[Incident] = field(default_factory=list)


@contextmanager
def filtering(folder: Path, cache: Path, host: str, port: int, ca: bytes | None = None) -> Iterator[Filter]:
    """A filter in front of one server on loopback that nobody described. ca: PEM of who vouches for it, where it speaks TLS."""
    incidents: list[Incident] = []
    paths = replace(Paths.under(folder / "own"), cache=cache)
    pipeline = wiring.build_pipeline(Settings(lang="en"), sink=incidents.append, paths=paths, code_key=b"k" * 32)
    pipeline.sites = Sites.of([*pipeline.sites.profiles, SiteProfile("chat", "Chat", (host,))])
    authority = ca_store.open_authority(folder / "ca", [host]).authority
    roots = folder / "roots.pem"
    roots.write_bytes(ca or b"")
    running = master.start_in_thread(
        PipelineChecker(pipeline),
        authority,
        resolver=upstream.table_resolver({host: LOOPBACK}),  # knows no other name: nothing leaves
        private=[(host, port)],
        trust_roots=roots if ca else None,
    )
    try:
        yield Filter(running.address, prepare_chromium_home(folder / "home", authority.root_pem), incidents)
    finally:
        running.stop()


def no_browser() -> str:
    """What must be installed before Chromium can be driven, or ""."""
    if find_chromium() is None:
        return "no Chromium on PATH; on Debian: apt install chromium"
    return "" if shutil.which("certutil") else "no certutil on PATH; on Debian: apt install libnss3-tools"
