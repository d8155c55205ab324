"""The authority vouches for the watched domains alone, and openssl agrees."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from safeguard.errors import ProxyError
from safeguard.proxy import ca

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
DOMAINS = ("social.test", "chat.test")
PEM = serialization.Encoding.PEM


@pytest.fixture(scope="module")
def authority() -> ca.Authority:
    return ca.issue(DOMAINS, NOW)


def test_the_intermediate_is_constrained_and_the_root_key_is_nowhere(authority: ca.Authority) -> None:
    limits = authority.intermediate.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    assert sorted(n.value for n in limits.value.permitted_subtrees or []) == sorted(DOMAINS)
    assert {str(n.value) for n in limits.value.excluded_subtrees or []} == {"0.0.0.0/0", "::/0"}
    assert authority.intermediate.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    for made in (authority.intermediate, authority.root):
        assert made.not_valid_after_utc - made.not_valid_before_utc <= dt.timedelta(days=3 * 365)
    assert authority.key.public_key() != authority.root.public_key()
    assert authority.to_pem().count(b"PRIVATE KEY-----") == 2  # the intermediate's, begin and end


def test_two_installs_share_nothing(authority: ca.Authority) -> None:
    other = ca.issue(DOMAINS, NOW)
    assert other.root.public_key() != authority.root.public_key()
    assert other.root.subject != authority.root.subject


def test_a_leaf_names_the_asked_host_alone(authority: ca.Authority) -> None:
    leaf = ca.LeafCache(authority).get("www.social.test", NOW)
    names = leaf.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["www.social.test"]
    assert len(list(names)) == 1
    usage = leaf.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert leaf.certificate.not_valid_after_utc - NOW <= ca.LEAF_VALID
    leaf.certificate.verify_directly_issued_by(leaf.intermediate)


def test_leaves_are_kept_and_renewed_in_time(authority: ca.Authority) -> None:
    cache = ca.LeafCache(authority)
    first = cache.get("social.test", NOW)
    assert cache.get("social.test", NOW + dt.timedelta(days=1)).certificate is first.certificate
    assert cache.get("social.test", NOW + ca.LEAF_VALID / 2).certificate is not first.certificate


@pytest.mark.parametrize("name", ["bank.test", "notsocial.test", "social.test.evil.test", "127.0.0.1", ""])
def test_no_leaf_for_other_names(authority: ca.Authority, name: str) -> None:
    with pytest.raises(ProxyError):
        authority.leaf(name, ec.generate_private_key(ec.SECP256R1()), NOW)


@pytest.mark.parametrize(
    ("domains", "covered"),
    [(["social.test"], True), (["www.chat.test"], True), ([], True), (["new.test"], False), (["social.test", "new.test"], False)],
)
def test_covers(authority: ca.Authority, domains: list[str], covered: bool) -> None:
    assert authority.covers(domains) is covered


def test_round_trip_and_broken_files(authority: ca.Authority) -> None:
    data = authority.to_pem()
    assert ca.Authority.from_pem(data).intermediate == authority.intermediate
    other = ca.issue(DOMAINS, NOW).to_pem()
    mixed = data[: data.index(b"-----BEGIN CERT")] + other[other.index(b"-----BEGIN CERT") :]
    for broken in (b"", b"junk", data[:300], mixed, data[data.index(b"-----BEGIN CERT") :]):
        with pytest.raises(ProxyError):
            ca.Authority.from_pem(broken)


def test_no_domains_no_authority() -> None:
    with pytest.raises(ProxyError, match="no watched domain"):
        ca.issue([], NOW)


@pytest.mark.parametrize(("name", "good"), [("social.test", True), ("a.b.chat.test", True), ("bank.test", False), ("xsocial.test", False)])
def test_openssl_agrees(authority: ca.Authority, tmp_path: Path, name: str, good: bool) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    free = type("Thief", (ca.Authority,), {"covers": lambda self, names: True})(authority.root, authority.intermediate, authority.key)
    files = {"root": authority.root, "chain": authority.intermediate, "leaf": free.leaf(name, authority.key, NOW)}
    for file, made in files.items():
        (tmp_path / file).write_bytes(made.public_bytes(PEM))
    at = ["-attime", str(int(NOW.timestamp())), "-x509_strict", "-purpose", "sslserver"]
    command = ["openssl", "verify", *at, "-CAfile", "root", "-untrusted", "chain", "leaf"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=20)
    assert (done.returncode == 0) is good, done.stderr + done.stdout


def test_a_stolen_key_makes_no_further_authority(authority: ca.Authority, tmp_path: Path) -> None:
    """Path length 0, as openssl sees it: an authority below the intermediate vouches for nobody, not even for a watched site."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Below")])
    below = (
        x509.CertificateBuilder(authority.intermediate.subject, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW)
        .not_valid_after(NOW + dt.timedelta(days=9))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(authority.key, hashes.SHA256())
    )
    thief = type("Thief", (ca.Authority,), {"covers": lambda self, names: True})(authority.root, below, key)
    (tmp_path / "root").write_bytes(authority.root.public_bytes(PEM))
    (tmp_path / "chain").write_bytes(authority.intermediate.public_bytes(PEM) + below.public_bytes(PEM))
    (tmp_path / "leaf").write_bytes(thief.leaf("social.test", key, NOW).public_bytes(PEM))
    at = ["-attime", str(int(NOW.timestamp()) + 60), "-purpose", "sslserver"]
    command = ["openssl", "verify", *at, "-CAfile", "root", "-untrusted", "chain", "leaf"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=20)
    assert done.returncode != 0
    assert "path length" in done.stderr + done.stdout
