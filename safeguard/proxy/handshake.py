"""How a server must speak TLS to us, and what its failure to do so means: the words of mitmproxy and OpenSSL as one of ours."""

from __future__ import annotations

from safeguard.policy import bad_server

CIPHERS = (
    "@SECLEVEL=2",  # no keys below 112 bits, no SHA-1
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
)
"""For TLS 1.2; mitmproxy's own list has CBC and RSA key exchange too. Those of TLS 1.3 are all good."""

_CERTIFICATE = "Certificate verify failed: "
_OF_CERTIFICATE = {
    "certificate has expired": bad_server.EXPIRED,
    "certificate is not yet valid": bad_server.EARLY,
    "certificate is not yet valid or the system clock is incorrect": bad_server.EARLY,
    "hostname mismatch": bad_server.NAME,
    "IP address mismatch": bad_server.NAME,
    "self-signed certificate": bad_server.SELF,
    "self signed certificate": bad_server.SELF,
    "self-signed certificate in certificate chain": bad_server.UNKNOWN,
    "self signed certificate in certificate chain": bad_server.UNKNOWN,
    "unable to get local issuer certificate": bad_server.UNKNOWN,
    "unable to get issuer certificate": bad_server.UNKNOWN,
    "unable to verify the first certificate": bad_server.UNKNOWN,
    "EE certificate key too weak": bad_server.WEAK,
    "CA certificate key too weak": bad_server.WEAK,
    "CA signature digest algorithm too weak": bad_server.WEAK,
    "unspecified certificate verification error": bad_server.OWN,  # what OpenSSL says where tls.Tls said no
}
_NO_AGREEMENT = (
    "unsupported protocol",
    "protocol version",
    "alert handshake failure",
    "insufficient security",
    "wrong ssl version",
    "no protocols available",
    "wrong cipher returned",
    "key too small",
    "legacy renegotiation disabled",
)


def reason(message: str) -> str:
    """Which of bad_server's reasons is meant by the message with which a connection failed; "" where it failed otherwise."""
    if message.startswith(_CERTIFICATE):
        return _OF_CERTIFICATE.get(message.removeprefix(_CERTIFICATE).strip(), bad_server.INVALID)
    if message.startswith("The remote server and mitmproxy cannot agree on a TLS version"):
        return bad_server.OLD
    if message.startswith("OpenSSL "):
        return bad_server.OLD if any(part in message for part in _NO_AGREEMENT) else bad_server.NOT_SECURE
    if message.startswith("The remote server does not speak TLS") or message == "connection closed":  # in the middle of the handshake
        return bad_server.NOT_SECURE
    return ""
