"""Debian's Redis on loopback alone, in memory alone: what it held is gone when it ends."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Mapping
from pathlib import Path

from tests.live.process import LOOPBACK, Process, free_port


def missing() -> str:
    """What must be installed first, or ""."""
    return "" if shutil.which("redis-server") else "no redis-server on PATH; on Debian: apt install redis-server"


class Redis(Process):
    """The running database; a context manager."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        port = free_port()
        command = ["redis-server", "--bind", LOOPBACK, "--port", str(port), "--dir", str(folder), "--save", "", "--appendonly", "no"]
        super().__init__(command, port, folder / "said")

    def put(self, key: str, fields: Mapping[str, int]) -> None:
        """Fields of one hash, in the form of a typed line."""
        line = " ".join(["HSET", key, *(f"{name} {value}" for name, value in fields.items())])
        with socket.create_connection((LOOPBACK, self.port), 5) as s:
            s.sendall(f"{line}\r\n".encode())
            answer = s.recv(100)
        assert answer.startswith(b":"), answer
