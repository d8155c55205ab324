"""TLS on both sides: leaves of our own authority to the browser, always verified certificates from the servers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import serialization
from mitmproxy import certs, connection, ctx, exceptions
from mitmproxy.addons import tlsconfig
from mitmproxy.net import tls as net_tls
from mitmproxy.tls import TlsData
from OpenSSL import SSL, crypto

from safeguard.errors import ProxyError
from safeguard.proxy import handshake
from safeguard.proxy.ca import Authority, LeafCache
from safeguard.proxy.guard import guard
from safeguard.proxy.hosts import normal

_KEY = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


class Tls(tlsconfig.TlsConfig):
    """mitmproxy's TlsConfig without its own authority and without a way to switch verification off.

    Stock mitmproxy copies the server's names into the leaf, which breaks under name constraints: ours carries the asked name alone.
    """

    name = "tlsconfig"

    def __init__(self, authority: Authority, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)) -> None:
        self._leaves = LeafCache(authority)
        self._chain = (certs.Cert(authority.intermediate),)
        self._ours = [c.public_key().public_bytes(*_KEY) for c in (authority.root, authority.intermediate)]
        self._now = now
        net_tls.log_master_secret = None  # made of SSLKEYLOGFILE at import; in a plain mitmdump it may be set

    def configure(self, updated: set[str]) -> None:
        """mitmproxy's hook; also called before any connection. Raises OptionsError."""
        if ctx.options.ssl_insecure:
            raise exceptions.OptionsError("ssl_insecure: SafeGuard always verifies the servers' certificates; start without it")
        if net_tls.Version[ctx.options.tls_version_server_min] in net_tls.INSECURE_TLS_MIN_VERSIONS:
            raise exceptions.OptionsError("tls_version_server_min: SafeGuard speaks TLS 1.2 and later to servers; start without it")

    def running(self) -> None:
        """Nothing to read again."""

    def request(self, flow: Any) -> None:
        """No revocation list is served."""

    def tls_start_client(self, tls_start: TlsData) -> None:
        """mitmproxy's hook: a leaf for the name the browser asked for. Without ssl_conn set, mitmproxy closes the connection."""
        with guard(lambda why: None):
            self._start_client(tls_start)

    def _start_client(self, tls_start: TlsData) -> None:
        client = tls_start.conn
        assert isinstance(client, connection.Client)
        address = tls_start.context.server.address
        name = normal(client.sni or (address[0] if address else ""))
        try:
            leaf = self._leaves.get(name, self._now())
        except ProxyError:
            return  # a site added since the start: the browser sees a closed connection, never a wrong certificate
        options = ctx.options
        shared = net_tls.create_client_proxy_context(
            method=net_tls.Method.TLS_SERVER_METHOD,
            min_version=net_tls.Version.TLS1_2,
            max_version=net_tls.Version.UNBOUNDED,
            cipher_list=tlsconfig._default_ciphers(net_tls.Version.TLS1_2),
            ecdh_curve=None,
            chain_file=None,
            request_client_cert=False,
            alpn_select_callback=tlsconfig.alpn_select_callback,
            extra_chain_certs=self._chain,
            dhparams=None,
        )
        made = SSL.Connection(shared)
        made.use_certificate(leaf.certificate)
        made.use_privatekey(leaf.key)
        server_alpn = tls_start.context.server.alpn
        made.set_app_data(tlsconfig.AppData(client_alpn=client.alpn, server_alpn=server_alpn, http2=options.http2))
        made.set_accept_state()
        tls_start.ssl_conn = made

    def tls_start_server(self, tls_start: TlsData) -> None:
        """mitmproxy's hook: as mitmproxy does it, and verified whatever the options say by now."""

        def fail(why: str) -> None:
            tls_start.ssl_conn = None  # mitmproxy then closes the connection

        with guard(fail):
            tls_start.conn.cipher_list = handshake.CIPHERS
            super().tls_start_server(tls_start)
            assert tls_start.ssl_conn is not None
            tls_start.ssl_conn.set_verify(SSL.VERIFY_PEER, self._vouched_for)

    def _vouched_for(self, conn: SSL.Connection, found: crypto.X509, error: int, depth: int, good: int) -> bool:
        """OpenSSL's judgement of one certificate of a server's chain, and no to any chain of ours, even where the system trusts it."""
        whole = crypto.dump_certificate(crypto.FILETYPE_ASN1, found)
        return bool(good) and not any(key in whole for key in self._ours)
