"""The proxy itself: mitmproxy with the four addons it needs and ours, on 127.0.0.1, started and stopped cleanly."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from mitmproxy import master, options
from mitmproxy.addons import core, proxyserver
from mitmproxy.utils import asyncio_utils

from safeguard.errors import ProxyError
from safeguard.language import _
from safeguard.proxy.account import Accounts
from safeguard.proxy.addon import Addon
from safeguard.proxy.before import Before
from safeguard.proxy.ca import Authority
from safeguard.proxy.checking import Checker
from safeguard.proxy.routing import Routing
from safeguard.proxy.tls import Tls
from safeguard.proxy.upstream import Connector, Resolver
from safeguard.proxy.visitors import FIRST_REQUEST_S, Visitors, raise_file_limit
from safeguard.system.server_clock import ServerClock

LISTEN = "127.0.0.1"
HANG_UP_S = 5.0
SWITCH_S = 0.0005
"""How long a thread that checks a large body may keep the others waiting; Python's own 5 ms, several times a request, would show."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a proxy is started with.

    port:        on 127.0.0.1; 0 for any free one.
    trust_roots: PEM file with the roots that servers are verified against; None: the public ones (certifi).
    accounts:    further ports on 127.0.0.1 -> the account each is for.
    first_request_s: within this a connection must have brought a request.
    before:      clears what browsers kept from the time before us; None: nothing is cleared.
    clock:       notes what sites say the time is; None: nobody does.
    """

    checker: Checker
    authority: Authority
    connector: Connector
    port: int = 0
    trust_roots: Path | None = None
    accounts: Mapping[int, str] = field(default_factory=dict)
    first_request_s: float = FIRST_REQUEST_S
    before: Before | None = None
    clock: ServerClock | None = None


class _Master(master.Master):
    """mitmproxy's master with our addons, telling when it listens and failing where it cannot.

    mitmproxy keeps the running master in a global (mitmproxy.ctx): one proxy at a time in a process.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__(options.Options(), with_termlog=False)
        self._server = proxyserver.Proxyserver()
        self._port, self._others = plan.port, plan.accounts
        self.addon = Addon(plan.checker, Accounts(plan.accounts), plan.before, plan.clock)
        tls = Tls(plan.authority)
        self._visitors = Visitors(self._server.connections, plan.first_request_s)
        routing = Routing(lambda host: self.addon.checker.watched(host), self._visitors)
        self.addons.add(core.Core(), self._server, routing, tls, self._visitors, self.addon)
        self.options.update(
            mode=[f"regular@{LISTEN}:{port}" for port in dict.fromkeys((plan.port, *plan.accounts))],
            connection_strategy="lazy",
            http2=True,
            rawtcp=False,
            websocket=True,
            upstream_cert=False,
            validate_inbound_headers=True,
            ssl_insecure=False,
            ssl_verify_upstream_trusted_ca=str(plan.trust_roots) if plan.trust_roots else None,
        )
        self._abort = plan.connector.guard(self.event_loop)

    async def serve(self, ready: Callable[[int], None]) -> None:
        """Listen until shutdown() is called. Raises ProxyError where the port cannot be had."""
        with asyncio_utils.install_exception_handler(self._asyncio_exception_handler), asyncio_utils.set_eager_task_factory():
            level = logging.getLogger("mitmproxy.addons.proxyserver").level
            logging.getLogger("mitmproxy.addons.proxyserver").setLevel(logging.CRITICAL)  # it would say the same in its own way
            try:
                listening = await self._server.setup_servers()
            finally:
                logging.getLogger("mitmproxy.addons.proxyserver").setLevel(level)
            if not listening:
                raise ProxyError(self._why_not())
            try:
                await self.running()
                ready(self._port or next(a[1] for a in self._server.listen_addrs() if a[1] not in self._others))
                await self.should_exit.wait()
            finally:
                await self._server.servers.update([])
                await self._hang_up()
                await self.done()

    async def _hang_up(self) -> None:
        """End the browsers' connections in order; left to the loop's end, each would be reported as a crash."""
        for handler in list(self._server.connections.values()):
            io = handler.transports.get(handler.client)
            if io is not None and io.handler is not None:
                io.handler.cancel("the proxy stops")
        end = self.event_loop.time() + HANG_UP_S
        while self._server.connections and self.event_loop.time() < end:
            await asyncio.sleep(0.01)
        self._abort()  # connections that still have something to say to somebody who does not listen
        self._visitors.abort()
        await asyncio.sleep(0)

    def end(self) -> None:
        """Have serve() return. From any thread; raises RuntimeError where the loop is closed already."""
        self.event_loop.call_soon_threadsafe(self.should_exit.set)

    def _why_not(self) -> str:
        for server in self._server.servers:
            if isinstance(server.last_exception, OSError):
                port, said = server.mode.custom_listen_port, server.last_exception.strerror
                return _(
                    "port %(port)s on %(host)s cannot be used (%(why)s); is SafeGuard running already?", port=port, host=LISTEN, why=said
                )
        return f"cannot listen on {LISTEN}"


@dataclass(slots=True)
class Handle:
    """A running proxy. `stop` may be called from any thread, twice too."""

    port: int
    _master: _Master
    _thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """host:port for a browser's settings."""
        return f"{LISTEN}:{self.port}"

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._thread is None or self._thread.is_alive()

    def partly_protected(self) -> dict[str, str]:
        """Name of each site that had pages without the guard, or texts it could not judge, since the start -> why."""
        return self._master.addon.guarding.partly()

    def take_partly(self) -> list[tuple[str, str]]:
        """The same as (site, why), only what was met since the last call."""
        return self._master.addon.guarding.take_partly()

    def swap(self, checker: Checker) -> None:
        """Use this checker from the next request on."""
        self._master.addon.checker = checker

    def stop(self) -> None:
        """Stop listening and, where the proxy runs in a thread of its own, wait for its end."""
        with suppress(RuntimeError):  # over already
            self._master.end()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(20)


def run(plan: Plan, ready: Callable[[Handle], None]) -> None:
    """Run in this thread until Handle.stop() is called. Raises ProxyError where the port cannot be had."""

    raise_file_limit()
    sys.setswitchinterval(SWITCH_S)

    async def work() -> None:
        made = _Master(plan)
        await made.serve(lambda port: ready(Handle(port, made)))

    asyncio.run(work())


def start_in_thread(
    checker: Checker,
    authority: Authority,
    *,
    resolver: Resolver | None = None,
    private: Iterable[tuple[str, int]] = (),
    trust_roots: Path | None = None,
    port: int = 0,
    accounts: Mapping[int, str] | None = None,
    first_request_s: float = FIRST_REQUEST_S,
    before: Before | None = None,
    clock: ServerClock | None = None,
) -> Handle:
    """A proxy in a thread of its own; returns when it listens. Raises ProxyError where it cannot.

    private:  exact (host, port) of servers that may be reached although their address is not public.
    accounts: further ports -> the account each is for.
    before:   clears what browsers kept from the time before us.
    clock:    notes what sites say the time is.
    """
    plan = Plan(checker, authority, Connector.of(resolver, private), port, trust_roots, accounts or {}, first_request_s, before, clock)
    started: Future[Handle] = Future()

    def work() -> None:
        try:
            run(plan, started.set_result)
        except ProxyError as e:
            started.set_exception(e)
        finally:
            if not started.done():
                started.set_exception(ProxyError(_("the proxy ended while it started")))

    thread = threading.Thread(target=work, name="safeguard-proxy", daemon=True)
    thread.start()
    handle = started.result()
    handle._thread = thread
    return handle
