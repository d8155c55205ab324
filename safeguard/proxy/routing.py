"""Which connection is opened up and read, which passes through untouched, and which is refused."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from mitmproxy.net.tls import starts_like_tls_record
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers import ClientTLSLayer, ServerTLSLayer, TCPLayer
from mitmproxy.proxy.layers.http import HTTPMode
from mitmproxy.proxy.layers.tls import parse_client_hello

from safeguard.proxy.guard import guard
from safeguard.proxy.hosts import normal, of_header
from safeguard.proxy.stream import Http
from safeguard.proxy.visitors import Visitors

log = logging.getLogger("safeguard.proxy")
_REQUEST = re.compile(rb"[A-Za-z]{3,}[ ]")
_HOST = re.compile(rb"\r?\nhost:[ \t]*([^\r\n]*)", re.IGNORECASE)
_END = re.compile(rb"\r?\n\r?\n")
_MOST_HEADER = 64 * 1024


class Refuse(layer.Layer):
    """Closes the browser's connection; nothing is sent anywhere."""

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if isinstance(event, events.Start | events.DataReceived):
            yield commands.CloseConnection(self.context.client)


class Routing:
    """Takes the place of mitmproxy's NextLayer, which decides by unanchored patterns and falls back to raw forwarding.

    watched:  whether a normalised host is on the list.
    visitors: told of connections that have come to something.
    """

    name = "nextlayer"  # Proxyserver looks for an addon of that name

    def __init__(self, watched: Callable[[str], bool], visitors: Visitors | None = None) -> None:
        self._watched = watched
        self._visitors = visitors

    def next_layer(self, nextlayer: layer.NextLayer) -> None:
        """mitmproxy's hook."""
        context = nextlayer.context
        before = len(context.layers)

        def refuse(why: str) -> None:
            del context.layers[before:]
            nextlayer.layer = Refuse(context)

        with guard(refuse):
            made = nextlayer.layer = self._choose(context, nextlayer.data_client())
            if self._visitors is not None and isinstance(made, Http):
                self._visitors.speaks_http(context.client, made)
            elif self._visitors is not None and isinstance(made, TCPLayer):
                self._visitors.arrived(context.client)

    def _choose(self, context: Context, data: bytes) -> layer.Layer | None:
        """The layer for what comes next, or None where more bytes are needed to tell."""
        if len(context.layers) == 1:  # the browser speaks to the proxy itself
            return self._refuse(context, "TLS to the proxy") if data[:1] == b"\x16" else Http(context, HTTPMode.regular)
        if isinstance(context.layers[-1], ClientTLSLayer):  # opened up: HTTP, whatever it looks like; never raw bytes
            return Http(context, HTTPMode.transparent)
        if context.server.address is None:
            return self._refuse(context, "a tunnel to nowhere")
        host = normal(context.server.address[0])
        if data[:1] == b"\x16":
            return self._tls(context, host, data)
        return self._plain(context, host, data)

    def _tls(self, context: Context, host: str, data: bytes) -> layer.Layer | None:
        """Inside CONNECT, the browser starts TLS."""
        if len(data) < 3:
            return None
        try:
            hello = parse_client_hello(data) if starts_like_tls_record(data) else None
            readable = starts_like_tls_record(data)
        except ValueError:
            hello, readable = None, False
        if readable and hello is None:
            return None
        name = normal(hello.sni) if hello is not None and hello.sni else ""
        if not self._watched(host) and not (name and self._watched(name)):
            return TCPLayer(context, ignore=True)
        if not readable or (name and name != host):
            return self._refuse(context, f"a tunnel to {host} that asks for {name or 'something unreadable'}")
        stack = ServerTLSLayer(context)
        stack.child_layer = ClientTLSLayer(context)
        return stack

    def _plain(self, context: Context, host: str, data: bytes) -> layer.Layer | None:
        """Inside CONNECT, the browser speaks without TLS (ws:// does)."""
        if self._watched(host):
            return Http(context, HTTPMode.transparent)
        if len(data) < 4 and data.isalpha():
            return None
        if _REQUEST.match(data):
            end = _END.search(data)
            if end is None and len(data) < _MOST_HEADER:
                return None
            head = data[: end.start()] if end else data
            named = [of_header(h.decode("latin-1")) for h in _HOST.findall(head)]
            if any(n and self._watched(n) for n in named):
                return self._refuse(context, f"a tunnel to {host} that asks for {named[0]}")
        return TCPLayer(context, ignore=True)

    def _refuse(self, context: Context, what: str) -> layer.Layer:
        log.warning("refused: %s", what)
        return Refuse(context)
