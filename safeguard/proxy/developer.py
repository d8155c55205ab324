"""The filter inside a plain `mitmdump -s`, for developers: the same pipeline, guard, routing and certificates, or no start.

Until everything is checked and in place, every connection is closed: mitmproxy listens before its scripts are ready.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from typing import Any

from mitmproxy import ctx
from mitmproxy.connection import Client
from mitmproxy.net import tls as net_tls

from safeguard import wiring
from safeguard.errors import SafeguardError
from safeguard.proxy import ca_store
from safeguard.proxy.addon import Addon
from safeguard.proxy.before import Before
from safeguard.proxy.checking import PipelineChecker
from safeguard.proxy.routing import Routing
from safeguard.proxy.tls import Tls
from safeguard.proxy.upstream import Connector
from safeguard.system.cleared import Cleared
from safeguard.system.paths import Paths

log = logging.getLogger("safeguard.proxy")


class Developer:
    """The addon for addons/safeguard_addon.py."""

    def __init__(self) -> None:
        self._ready = False

    def running(self) -> None:
        """mitmproxy's hook, after the options are known: take over, or log an error, at which mitmdump exits with 1."""
        try:
            wrong = refusal(ctx.options, ctx.master.addons)
            if wrong:
                log.error("safeguard: %s", wrong)
                return
            self._take_over()
        except SafeguardError as e:
            log.error("safeguard: %s", e)
            return
        self._ready = True

    def client_connected(self, client: Client) -> None:
        """mitmproxy's hook: nothing goes through before we are ready."""
        if not self._ready:
            client.error = "SafeGuard is not ready"

    def _take_over(self) -> None:
        """Replace mitmproxy's own routing and certificates by ours. Raises SafeguardError."""
        settings = wiring.load_settings()
        store = wiring.open_store(settings, mend=True)
        store.start()
        checker = PipelineChecker(wiring.build_pipeline(settings, sink=store.add))
        wiring.for_children(checker.pipeline, settings)
        kept = ca_store.open_authority(Paths.of_user().state / "ca", checker.pipeline.sites.domains)
        before = Before(Cleared(Paths.of_user().cleared, checker.pipeline.code_key))
        Connector.of(private=settings.private_hosts).guard(asyncio.get_running_loop())
        addons = ctx.master.addons
        for name in ("nextlayer", "tlsconfig"):
            addons.remove(addons.get(name))
        ours = Addon(checker, before=before)
        addons.add(Routing(checker.watched), Tls(kept.authority), ours)
        ours.running()  # that hook is over for what comes now
        ctx.options.update(connection_strategy="lazy", rawtcp=False, upstream_cert=False)
        log.warning("safeguard: %d domains watched; browsers must trust %s", len(checker.pipeline.sites.domains), ca_store.PUBLIC)


def refusal(options: Any, addons: Any) -> str:
    """What in mitmproxy's options forbids the start, "" where nothing does."""
    if options.ssl_insecure:
        return "ssl_insecure is set: the servers' certificates must be verified; start without it"
    if net_tls.Version[options.tls_version_server_min] in net_tls.INSECURE_TLS_MIN_VERSIONS:
        return "tls_version_server_min is below TLS 1.2, which others can break; start without it"
    if addons.get("onboarding") is not None and options.onboarding:
        return "the onboarding page is on; start with --set onboarding=false"
    if options.stream_large_bodies:
        return "stream_large_bodies is set: bodies would go by unread; start without it"
    for mode in addons.get("proxyserver").servers:
        spec = mode.mode
        if spec.type_name != "regular":
            return f"mode {spec.full_spec} is not supported; start with --mode regular"
        if not _loopback(spec.listen_host(options.listen_host)):
            return "the proxy would listen for other computers too; start with --listen-host 127.0.0.1"
    return ""


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
