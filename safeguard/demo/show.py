"""Sets the demo up: sample network, pipeline, the real proxy between them, and who looks at it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from safeguard import wiring
from safeguard.config import Settings
from safeguard.demo import browser, report, window
from safeguard.demo.client import Client
from safeguard.demo.content import items
from safeguard.demo.network import LOOPBACK, SampleNetwork
from safeguard.demo.reading import View
from safeguard.errors import ProxyError
from safeguard.formats.sites.model import SiteProfile, Sites
from safeguard.language import N_, _
from safeguard.matching.engine import Engine
from safeguard.policy.incident import Incident
from safeguard.proxy import ca_store, master, upstream
from safeguard.proxy.ca import Authority
from safeguard.proxy.checking import PipelineChecker
from safeguard.system.chromium_pipe import Chromium, find_chromium, prepare_chromium_home
from safeguard.system.paths import Paths

BEFORE = N_("What the network sends")
AFTER = N_("What the child sees with SafeGuard")
SHOT = (960, 1000)
CODE_KEY = b"the demo keeps no secret"  # so that the same text has the same code in every run


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs. incidents grows as the filter finds something; folder goes away at the end."""

    network: SampleNetwork
    proxy_port: int
    proxy_ca: bytes
    incidents: list[Incident]
    folder: Path

    @property
    def proxy(self) -> str:
        return f"{LOOPBACK}:{self.proxy_port}"

    def client(self, *, filtered: bool) -> Client:
        """A plain client, through the proxy or straight to the network."""
        n = self.network
        return Client(n.host, n.port, self.proxy_ca if filtered else n.ca, self.proxy_port if filtered else n.port, filtered)

    def home(self) -> Path:
        """A home folder whose Chromium trusts the proxy. Raises ProxyError where certutil is missing."""
        return prepare_chromium_home(self.folder / "home", self.proxy_ca)


@contextmanager
def stage(
    engine: Engine | None = None, roots: bytes | None = None, authority: Authority | None = None, port: int = 0, cache: Path | None = None
) -> Iterator[Stage]:
    """The sample network and the proxy in front of it, running; with the shipped rules unless an engine is given.

    roots: PEM of whom the proxy trusts; the network's own authority unless others are given.
    authority, port: of the proxy; a new one and any free one unless given. cache: where compiled rules are kept.
    Everything is kept in a temporary folder: this account's own settings, rules and log are neither read nor written.
    """
    with tempfile.TemporaryDirectory(prefix="safeguard-demo-", ignore_cleanup_errors=True) as scratch, SampleNetwork() as network:
        folder = Path(scratch)
        incidents: list[Incident] = []
        paths = Paths.under(folder) if cache is None else replace(Paths.under(folder), cache=cache)
        pipeline = wiring.build_pipeline(Settings(lang="en"), sink=incidents.append, paths=paths, code_key=CODE_KEY)
        wiring.for_children(pipeline, Settings(), paths=paths)
        if engine is not None:
            pipeline.engine = engine
        sample = SiteProfile("chorus", "Chorus, the sample network", (network.host,))
        pipeline.sites = Sites.of([*pipeline.sites.profiles, sample])
        authority = authority or ca_store.open_authority(folder / "ca", [network.host]).authority
        trusted = folder / "network-ca.pem"
        trusted.write_bytes(roots or network.ca)
        running = master.start_in_thread(
            PipelineChecker(pipeline),
            authority,
            resolver=upstream.table_resolver({network.host: LOOPBACK}),
            private=[(network.host, network.port)],
            trust_roots=trusted,
            port=port,
        )
        try:
            yield Stage(network, running.port, authority.root_pem, incidents, folder)
        finally:
            running.stop()


def visit(on: Stage, *, plain: bool = False) -> report.Report:
    """Visit everything straight and through the filter, by headless Chromium where there is one, and compare."""
    before = on.client(filtered=False).visit()
    after, visitor = _by_chromium(on) if not plain and find_chromium() else (None, "")
    if after is None:
        after, visitor = on.client(filtered=True).visit(), _("a plain client") + visitor
    return report.compare(items(), before, after, tuple(on.incidents), visitor)


def _by_chromium(on: Stage) -> tuple[View | None, str]:
    try:
        with Chromium(proxy=on.proxy, home=on.home()) as b:
            return browser.visit(b, on.network.url.rstrip("/")), b.version
    except ProxyError as e:  # no certutil, or a Chromium that cannot run here
        return None, " " + _("(not Chromium: %(why)s)", why=e)


def draw(on: Stage, target: Path) -> None:
    """Write the before/after picture. Raises ProxyError where there is no Chromium or certutil."""
    first = on.network.url + "en/"
    with browser.direct(on.folder / "direct", on.network.host, on.network.ca) as b:
        before = browser.shoot(b, first, SHOT)
    with Chromium(proxy=on.proxy, home=on.home()) as b:
        after = browser.shoot(b, first, SHOT)
        browser.side_by_side(b, (_(BEFORE), before), (_(AFTER), after), target)


def look(on: Stage) -> bool:
    """Open a window on the filtered network and wait for its end; False where there is no browser for it."""
    try:
        return window.look(on.network.url, on.proxy, on.home(), on.folder / "window")
    except ProxyError:
        return False
