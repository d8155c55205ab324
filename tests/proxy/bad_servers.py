"""A small PKI of ours and one TLS server for each way in which a server can fail to prove who it is."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from safeguard.formats.sites.model import SiteProfile, Sites
from safeguard.pipeline import Pipeline
from safeguard.policy import bad_server
from safeguard.proxy import ca, master
from safeguard.proxy.checking import PipelineChecker
from safeguard.proxy.upstream import table_resolver
from tests.proxy.conftest import Net, WordEngine
from tests.proxy.rig import HOST, LOOPBACK, Pki, Reply, Route, Server, websocket

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Made:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key


def certificate(
    name: str,
    issuer: Made | None,
    *,
    key: Key | None = None,
    names: tuple[str, ...] = (HOST,),
    ca: bool = False,
    days: tuple[int, int] = (-1, 10),
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
    permitted: str = "",
) -> Made:
    """One certificate; issuer None: self-signed. days: from and until, counted from now; permitted: a name constraint."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).public_key(own.public_key()).serial_number(x509.random_serial_number())
    builder = builder.issuer_name(issuer.certificate.subject if issuer else subject)
    builder = builder.not_valid_before(NOW + days[0] * DAY).not_valid_after(NOW + days[1] * DAY)
    builder = builder.add_extension(x509.BasicConstraints(ca, None), critical=True)
    signing = issuer.key if issuer else own
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
    if permitted:
        builder = builder.add_extension(x509.NameConstraints([x509.DNSName(permitted)], None), critical=True)
    if not ca:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([_name(n) for n in names]), critical=False)
    return Made(builder.sign(signing, hashes.SHA256()), own)


def _name(name: str) -> x509.GeneralName:
    return x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)


_RSA_SHA256, _RSA_SHA1 = (bytes.fromhex(f"2a864886f70d0101{last}") for last in ("0b", "05"))
_SHA1_INFO = bytes.fromhex("3021300906052b0e03021a05000414")


def with_sha1(made: Made, issuer: Made) -> Made:
    """The same certificate with a signature over SHA-1 by the issuer's RSA key, by hand: no library of today makes one."""
    assert isinstance(issuer.key, rsa.RSAPrivateKey)
    found = made.certificate
    body = found.tbs_certificate_bytes.replace(_RSA_SHA256, _RSA_SHA1)
    size = len(found.signature)
    signed = _SHA1_INFO + hashlib.sha1(body).digest()
    padded = b"\x00\x01" + b"\xff" * (size - len(signed) - 3) + b"\x00" + signed
    secret = issuer.key.private_numbers()
    signature = pow(int.from_bytes(padded), secret.d, secret.public_numbers.n).to_bytes(size)
    whole = found.public_bytes(serialization.Encoding.DER).replace(_RSA_SHA256, _RSA_SHA1).replace(found.signature, signature)
    return Made(x509.load_der_x509_certificate(whole), made.key)


@dataclass(frozen=True)
class Tools:
    """What a case is made of: the authority that the proxy trusts, and the family's own."""

    trusted: Made
    family: ca.Authority
    folder: Path

    def leaf(self, **how: object) -> Made:
        """A certificate for HOST by the trusted authority."""
        return certificate(HOST, self.trusted, **how)  # type: ignore[arg-type]

    def context(self, *chain: Made | x509.Certificate, ciphers: str = "", version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
        """A server with that chain, leaf first; the security level of this side is none at all."""
        leaf = chain[0]
        assert isinstance(leaf, Made)
        path = self.folder / f"{leaf.certificate.serial_number}.pem"
        private = leaf.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        found = [c.certificate if isinstance(c, Made) else c for c in chain]
        path.write_bytes(private + b"".join(c.public_bytes(serialization.Encoding.PEM) for c in found))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers(f"{ciphers or 'ALL'}:@SECLEVEL=0")
        context.load_cert_chain(path)
        context.set_alpn_protocols(["http/1.1"])
        if version is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # old versions are what is tested
                context.minimum_version = context.maximum_version = version
        return context


def _middle(tools: Tools, issuer: Made | None = None, **how: object) -> Made:
    return certificate("Middle", issuer or tools.trusted, ca=True, **how)  # type: ignore[arg-type]


def _below(tools: Tools, middle: Made, shown: bool = True) -> ssl.SSLContext:
    return tools.context(certificate(HOST, middle), *([middle] if shown else []))


def _unknown_root(tools: Tools) -> ssl.SSLContext:
    root = certificate("Nobody", None, ca=True)
    return tools.context(certificate(HOST, root), root)


def _stolen(tools: Tools) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    return tools.context(Made(tools.family.leaf(HOST, key, NOW), key), tools.family.intermediate)


def _sha1_leaf(tools: Tools) -> ssl.SSLContext:
    middle = _middle(tools, key=_rsa())
    return tools.context(with_sha1(certificate(HOST, middle), middle), middle)


def _sha1_authority(tools: Tools) -> ssl.SSLContext:
    top = _middle(tools, key=_rsa())
    middle = with_sha1(certificate("Lower", top, ca=True), top)
    return tools.context(certificate(HOST, middle), middle, top)


def _suite(name: str) -> Callable[[Tools], ssl.SSLContext]:
    def make(tools: Tools) -> ssl.SSLContext:
        return tools.context(tools.leaf(key=_rsa()), ciphers=name, version=ssl.TLSVersion.TLSv1_2)

    return make


def _version(version: ssl.TLSVersion) -> Callable[[Tools], ssl.SSLContext]:
    return lambda tools: tools.context(tools.leaf(), version=version)


def _rsa(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@dataclass(frozen=True)
class Case:
    """A server, and why it is refused; "" where it is not."""

    why: str
    context: Callable[[Tools], ssl.SSLContext]


CASES = {
    "good": Case("", lambda t: t.context(t.leaf())),
    "good, TLS 1.2": Case("", lambda t: t.context(t.leaf(), version=ssl.TLSVersion.TLSv1_2)),
    "good, RSA": Case("", _suite("ECDHE-RSA-AES128-GCM-SHA256")),
    "good, by a middle authority": Case("", lambda t: _below(t, _middle(t))),
    "ended": Case(bad_server.EXPIRED, lambda t: t.context(t.leaf(days=(-20, -1)))),
    "not yet valid": Case(bad_server.EARLY, lambda t: t.context(t.leaf(days=(5, 20)))),
    "authority ended": Case(bad_server.EXPIRED, lambda t: _below(t, _middle(t, days=(-20, -1)))),
    "another name": Case(bad_server.NAME, lambda t: t.context(t.leaf(names=("other.test",)))),
    "a name above": Case(bad_server.NAME, lambda t: t.context(t.leaf(names=("*.social.test",)))),
    "an address": Case(bad_server.NAME, lambda t: t.context(t.leaf(names=(LOOPBACK,)))),
    "the name outside the list of names": Case(bad_server.NAME, lambda t: t.context(t.leaf(names=()))),
    "self-signed": Case(bad_server.SELF, lambda t: t.context(certificate(HOST, None))),
    "unknown root": Case(bad_server.UNKNOWN, _unknown_root),
    "chain incomplete": Case(bad_server.UNKNOWN, lambda t: _below(t, _middle(t), shown=False)),
    "weak key": Case(bad_server.WEAK, lambda t: t.context(t.leaf(key=_rsa(1024)))),
    "weak key of the authority": Case(bad_server.WEAK, lambda t: _below(t, _middle(t, key=_rsa(1024)))),
    "SHA-1": Case(bad_server.WEAK, _sha1_leaf),
    "SHA-1 of the authority": Case(bad_server.WEAK, _sha1_authority),
    "TLS 1.0": Case(bad_server.OLD, _version(ssl.TLSVersion.TLSv1)),
    "TLS 1.1": Case(bad_server.OLD, _version(ssl.TLSVersion.TLSv1_1)),
    "no encryption": Case(bad_server.OLD, _suite("ECDHE-RSA-NULL-SHA")),
    "no encryption, RSA key exchange": Case(bad_server.OLD, _suite("NULL-SHA256")),
    "RSA key exchange": Case(bad_server.OLD, _suite("AES128-GCM-SHA256")),
    "CBC": Case(bad_server.OLD, _suite("ECDHE-RSA-AES128-SHA256")),
    "CBC, SHA-1": Case(bad_server.OLD, _suite("ECDHE-RSA-AES256-SHA")),
    "our own authority": Case(bad_server.OWN, _stolen),
    "an issuer that may not issue": Case(bad_server.INVALID, lambda t: _below(t, certificate("A site", t.trusted))),
    "an issuer for other names": Case(bad_server.INVALID, lambda t: _below(t, _middle(t, permitted="other.test"))),
    "for clients": Case(bad_server.INVALID, lambda t: t.context(t.leaf(usage=ExtendedKeyUsageOID.CLIENT_AUTH))),
}
BAD = [name for name, case in CASES.items() if case.why]


class Slow(Server):
    """One connection after the other, answered without a loop: unlike asyncio's, it says why a handshake failed, as real servers do."""

    def __init__(self, context: ssl.SSLContext, routes: dict[str, Route]) -> None:
        self.seen = []
        self._context = context
        self._listening = socket.create_server((LOOPBACK, 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while True:
            try:
                plain, _ = self._listening.accept()
            except OSError:
                return
            with plain, suppress(OSError), self._context.wrap_socket(plain, server_side=True) as tls:
                tls.settimeout(10)
                asked = tls.recv(65536)
                if asked:
                    self.seen.append((asked.split()[1].decode(), {}))
                    tls.sendall(Reply(b"<!doctype html><p>reached").raw())

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(10)


@dataclass
class BadNet(Net):
    """All of them at once behind one proxy, which trusts the family's authority too, as a system does on which it is installed.

    server: shows PAGE, and is good.
    """

    servers: dict[str, Server] = field(default_factory=dict)

    def url(self, name: str, scheme: str = "https") -> str:
        return f"{scheme}://{HOST}:{self.servers[name].port}/"


ROUTES: dict[str, Route] = {"/": Reply(b"<!doctype html><p>reached"), "/ws": websocket(["reached"])}


@contextmanager
def bad_servers(folder: Path) -> Iterator[BadNet]:
    """Every server of CASES, and a proxy before them."""
    trusted = Pki()
    family = ca.issue([HOST], NOW)
    roots = folder / "roots.pem"
    roots.write_bytes(trusted.pem + family.root_pem)
    tools = Tools(Made(trusted.root, trusted.key), family, folder)
    with ExitStack() as stack:
        servers = {}
        for name, case in CASES.items():
            kind = Slow if case.why == bad_server.OLD else Server
            servers[name] = kind(case.context(tools), dict(ROUTES))
            stack.callback(servers[name].close)
        net = BadNet(trusted, folder, servers["good"], servers["good"], servers["good"].routes, family, servers=servers)
        net.pipeline = Pipeline(
            WordEngine(), Sites.of([SiteProfile("social", "Social", (HOST,))]), b"k" * 32, limit=2**20, sink=net.incidents.append
        )
        net.proxy = master.start_in_thread(
            PipelineChecker(net.pipeline),
            family,
            resolver=table_resolver({HOST: LOOPBACK}),
            private=[(HOST, server.port) for server in servers.values()],
            trust_roots=roots,
        )
        stack.callback(net.proxy.stop)
        yield net
