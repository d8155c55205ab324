"""The real proxy on real sockets with real TLS, in front of a server that says whatever a test wants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from safeguard.formats.sites.model import OnError, Opaque, SiteProfile, Sites
from safeguard.matching.engine import Engine
from safeguard.matching.verdict import CLEAN, Category, Level, Reason, Verdict
from safeguard.pipeline import Pipeline
from safeguard.policy.incident import Incident
from safeguard.proxy import ca, master
from safeguard.proxy.checking import PipelineChecker
from safeguard.proxy.upstream import table_resolver
from safeguard.text.unit import TextUnit
from tests.proxy.rig import HOST, LOOPBACK, OTHER, Pki, Route, Server, Tunnel

BAD = "xyzzyhate"
"""What the test's engine finds harmful; no rule file is needed."""


class WordEngine(Engine):
    """Finds BAD, raises at `boom`."""

    def __init__(self) -> None:
        """No rules."""

    def check_many(self, units: object) -> list[Verdict]:
        return [self._verdict(u) for u in units]  # type: ignore[attr-defined]

    def _verdict(self, unit: TextUnit) -> Verdict:
        reasons = []
        for i, s in enumerate(unit.segments):
            if "boom" in s.text:
                raise RuntimeError(s.text)
            at = s.text.find(BAD)
            if at >= 0 or BAD in "".join(c for c in s.text if c.isprintable()):
                reasons.append(Reason("test", Category.SLUR, 2, 1.0, i, max(at, 0), at + len(BAD), (BAD,), Level.HARMFUL))
        return Verdict(Level.HARMFUL, Category.SLUR, 2, 1.0, None, tuple(reasons)) if reasons else CLEAN


@dataclass
class Net:
    """One server, the proxy, and what the log got."""

    pki: Pki
    folder: Path
    server: Server
    other: Server
    routes: dict[str, Route]
    authority: ca.Authority
    incidents: list[Incident] = field(default_factory=list)
    proxy: master.Handle | None = None
    pipeline: Pipeline | None = None

    def tunnel(self, host: str = HOST, port: int = 0, roots: bytes = b"", sni: str | None = None) -> Tunnel:
        assert self.proxy is not None
        return Tunnel(self.proxy.port, host, port or self.server.port, roots or self.authority.root_pem, sni)

    def reasons(self) -> str:
        return " | ".join(i.excerpt for i in self.incidents if i.kind == "unchecked")


Start = Callable[..., Net]


@pytest.fixture
def net_of(tmp_path: Path) -> Iterator[Start]:
    """Starts a Net; arguments: routes, limit, private (False: loopback stays refused), names and ended (the certificate's).

    opaque, on_error: the site profile's.
    """
    made: list[Net] = []

    def start(
        routes: dict[str, Route] | None = None,
        limit: int = 2**20,
        opaque: Opaque = Opaque.BLOCK,
        private: bool = True,
        names: tuple[str, ...] = (HOST,),
        ended: bool = False,
        pki: Pki | None = None,
        h2: bool = False,
        on_error: OnError = OnError.BLOCK,
        **rest: Any,
    ) -> Net:
        trusted = Pki()
        roots = tmp_path / "roots.pem"
        roots.write_bytes(trusted.pem)
        table = {} if routes is None else routes
        alpn = ("h2", "http/1.1") if h2 else ("http/1.1",)
        server = Server((pki or trusted).context(tmp_path, list(names), ended, alpn), table)
        other = Server(trusted.context(tmp_path, [OTHER]), table)
        authority = ca.issue([HOST], dt.datetime.now(dt.UTC))
        net = Net(trusted, tmp_path, server, other, table, authority)
        made.append(net)
        sites = Sites.of([SiteProfile("social", "Social", (HOST,), opaque=opaque, on_error=on_error)])
        net.pipeline = Pipeline(WordEngine(), sites, b"k" * 32, limit=limit, sink=net.incidents.append)
        doors = [(HOST, server.port), (OTHER, other.port)] if private else []
        net.proxy = master.start_in_thread(
            PipelineChecker(net.pipeline),
            authority,
            resolver=table_resolver({HOST: LOOPBACK, OTHER: LOOPBACK, "www." + HOST: LOOPBACK}),
            private=doors,
            trust_roots=roots,
            **rest,
        )
        return net

    yield start
    for net in made:
        if net.proxy is not None:
            net.proxy.stop()
        net.server.close()
        net.other.close()
