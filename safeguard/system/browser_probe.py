"""Is the filter that listens on a port this account's own? Told by its certificate, not by the port number."""

from __future__ import annotations

import socket
import ssl

LOOPBACK = "127.0.0.1"


def answers(port: int, root_pem: bytes, domain: str, timeout_s: float = 3.0) -> bool:
    """Whether a proxy on that loopback port shows a certificate for `domain` by the authority in `root_pem`. Nothing goes upstream."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=root_pem.decode())
    try:
        with socket.create_connection((LOOPBACK, port), timeout_s) as plain:
            plain.sendall(f"CONNECT {domain}:443 HTTP/1.1\r\nHost: {domain}:443\r\n\r\n".encode())
            head = b""
            while b"\r\n\r\n" not in head and len(head) < 4096:
                more = plain.recv(1)
                if not more:
                    return False
                head += more
            if not head.startswith(b"HTTP/1.1 200"):
                return False
            with context.wrap_socket(plain, server_hostname=domain):
                return True
    except (OSError, ValueError):
        return False
