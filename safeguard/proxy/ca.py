"""The family's certificate authority: made once per install, able to vouch for the watched domains and for nothing else. No I/O.

Browsers trust the root. Its key signs one intermediate and is dropped on the spot; the intermediate carries the name constraints,
because clients enforce those of an intermediate everywhere, and those of a trust anchor only in places. A stolen key forges no bank.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from safeguard.errors import ProxyError
from safeguard.language import _

VALID = dt.timedelta(days=3 * 365)
LEAF_VALID = dt.timedelta(days=14)
SKEW = dt.timedelta(days=2)  # clocks of family PCs are wrong by a day now and then
_ANY_ADDRESS = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))


@dataclass(frozen=True, slots=True)
class Leaf:
    """A certificate for one name, its key, and the intermediate that goes out with it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    intermediate: x509.Certificate


@dataclass(frozen=True, slots=True)
class Authority:
    """root: what browsers trust (certificate alone, its key is gone); intermediate and key: what signs leaves."""

    root: x509.Certificate
    intermediate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def root_pem(self) -> bytes:
        """The certificate that browsers are to trust, PEM."""
        return self.root.public_bytes(serialization.Encoding.PEM)

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains it may vouch for."""
        limits = self.intermediate.extensions.get_extension_for_class(x509.NameConstraints).value
        return tuple(n.value for n in limits.permitted_subtrees or [] if isinstance(n, x509.DNSName))

    def covers(self, domains: Iterable[str]) -> bool:
        """Whether it may vouch for each of these domains."""
        allowed = self.domains
        return all(any(d == a or d.endswith("." + a) for a in allowed) for d in domains)

    @property
    def ends(self) -> dt.datetime:
        """The moment after which no browser takes it."""
        return min(self.intermediate.not_valid_after_utc, self.root.not_valid_after_utc)

    def leaf(self, name: str, key: ec.EllipticCurvePrivateKey, now: dt.datetime) -> x509.Certificate:
        """A certificate for that one name over the public half of `key`. Raises ProxyError for a name it does not cover."""
        if not self.covers([name]):
            raise ProxyError(f"{name}: not a watched domain, so no certificate is made for it")
        return (
            _builder(_subject(name), self.intermediate.subject, now, LEAF_VALID)
            .public_key(key.public_key())
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )

    def to_pem(self) -> bytes:
        """Key, intermediate and root, for the private file."""
        key = self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return key + self.intermediate.public_bytes(serialization.Encoding.PEM) + self.root_pem

    @classmethod
    def from_pem(cls, data: bytes) -> Authority:
        """What to_pem wrote. Raises ProxyError where it is broken or its parts do not belong together."""
        try:
            key = serialization.load_pem_private_key(data, None)
            intermediate, root = x509.load_pem_x509_certificates(data)
            intermediate.verify_directly_issued_by(root)
            whole = isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == intermediate.public_key()
            intermediate.extensions.get_extension_for_class(x509.NameConstraints)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.ExtensionNotFound, x509.InvalidVersion) as e:
            raise ProxyError(_("the certificate authority's file is broken")) from e
        if not whole or not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ProxyError(_("the certificate authority's key does not fit its certificate"))
        return cls(root, intermediate, key)


def issue(domains: Iterable[str], now: dt.datetime) -> Authority:
    """A new authority for these domains (lower case ASCII). Raises ProxyError where there are none: it would be unlimited."""
    names = sorted(set(domains))
    if not names:
        raise ProxyError(_("no watched domain: rules/sites/ names none, so no certificate authority is made"))
    root_key = ec.generate_private_key(ec.SECP256R1())
    key = ec.generate_private_key(ec.SECP256R1())
    mark = f"{x509.random_serial_number() & 0xFFFFFFFF:08x}"  # two installs on one PC must not share a name
    root_name = _subject(f"SafeGuard family root {mark}")
    limits = x509.NameConstraints([x509.DNSName(n) for n in names], [x509.IPAddress(n) for n in _ANY_ADDRESS])
    root = (
        _builder(root_name, root_name, now, VALID)
        .public_key(root_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
        .add_extension(limits, critical=True)
        .sign(root_key, hashes.SHA256())
    )
    intermediate = (
        _builder(_subject(f"SafeGuard family {mark}"), root_name, now, VALID)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .add_extension(limits, critical=True)
        .sign(root_key, hashes.SHA256())
    )
    return Authority(root, intermediate, key)  # root_key ends here, unwritten


@dataclass(slots=True)
class LeafCache:
    """Leaves by name, made when first asked for; one key for all of them, in memory only."""

    authority: Authority
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False)
    _leaves: dict[str, x509.Certificate] = field(default_factory=dict, repr=False)

    def get(self, name: str, now: dt.datetime) -> Leaf:
        """The leaf for a name, renewed when half of its time is over. Raises ProxyError for a name that is not covered."""
        made = self._leaves.get(name)
        if made is None or not made.not_valid_before_utc <= now < made.not_valid_after_utc - LEAF_VALID / 2:
            if len(self._leaves) >= 1000:  # names below a watched domain are without number
                self._leaves.clear()
            made = self._leaves[name] = self.authority.leaf(name, self._key, now)
        return Leaf(made, self._key, self.authority.intermediate)


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _builder(subject: x509.Name, issuer: x509.Name, now: dt.datetime, valid: dt.timedelta) -> x509.CertificateBuilder:
    start = now - SKEW
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + valid)
    )


def _usage(digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(digital_signature, False, False, False, False, key_cert_sign, crl_sign, False, False)
