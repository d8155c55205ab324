"""A PostgreSQL cluster of its own, by Debian's programs: in a temporary folder, reached by a socket there alone, gone at the end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.live.process import LOOPBACK, Process, free_port

OWNER = "forum"
ACCOUNT = "postgres"
"""Who runs the server where we are root, to whom it refuses to run; Debian's package makes this account."""
PORT = 5432
"""Part of the socket's name; no network is listened on, but with TLS."""


def _programs() -> Path | None:
    """The folder of the newest installed version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    return found[-1].parent if found else None


def _as_account() -> list[str]:
    """What a command begins with so that it does not run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--clear-groups"]


def missing() -> str:
    """What must be installed first, or ""."""
    return "" if _programs() else "no PostgreSQL in /usr/lib/postgresql; on Debian: apt install postgresql"


class Postgres(Process):
    """The running server; a context manager. `folder` is the host to connect to: user OWNER, database "postgres", no password.

    tls: (certificate, key) in PEM; then it also listens at `port` on loopback, and asks for a password there and for TLS.
    """

    def __init__(self, tls: tuple[bytes, bytes] | None = None) -> None:
        programs = _programs()
        assert programs is not None
        self._programs = programs
        # Not below pytest's folder: another account may not enter that, and the name of a socket must be short.
        self.folder = Path(tempfile.mkdtemp(prefix="safeguard-pg-"))
        try:
            if os.geteuid() == 0:
                shutil.chown(self.folder, ACCOUNT, ACCOUNT)
            data = str(self.folder / "data")
            make = [str(programs / "initdb"), "-D", data, "-U", OWNER, "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
            subprocess.run([*_as_account(), *make], cwd=self.folder, check=True, capture_output=True, timeout=60)
            self.data = Path(data)
            port = free_port() if tls else PORT
            serve = [str(programs / "postgres"), "-D", data, "-k", str(self.folder), "-p", str(port)]
            serve += ["-c", f"listen_addresses={LOOPBACK if tls else ''}"]
            if tls:
                serve += ["-c", "ssl=on"]
                for name, pem in zip(("server.crt", "server.key"), tls, strict=True):
                    self._private(self.data / name, pem)
                self._private(self.data / "pg_hba.conf", b"local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n")
            quick = ["-c", "fsync=off", "-c", "full_page_writes=off"]
            super().__init__([*_as_account(), *serve, *quick], port, self.folder / "said")
        except BaseException:
            self._remove()
            raise

    def __enter__(self) -> Self:
        try:
            return super().__enter__()
        except BaseException:
            self._remove()
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            super().__exit__(kind, error, trace)
        finally:
            self._remove()

    def crash(self) -> None:
        """Ends it at once, as a loss of power does; `again` starts it on the same data."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(20)

    def again(self) -> None:
        """Starts it once more after `crash`."""
        super().__enter__()

    def _private(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        path.chmod(0o600)
        if os.geteuid() == 0:
            shutil.chown(path, ACCOUNT, ACCOUNT)

    def _answers(self) -> bool:
        ask = [str(self._programs / "pg_isready"), "-q", "-h", str(self.folder), "-p", str(self.port)]
        return subprocess.run(ask, timeout=20).returncode == 0  # it listens before it takes anybody

    def _remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
