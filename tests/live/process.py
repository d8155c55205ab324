"""A server program that a test starts and stops: on loopback, in a session of its own, within bounded time."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

LOOPBACK = "127.0.0.1"
START_S = 20.0
STOP_S = 5.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server((LOOPBACK, 0)) as s:
        return int(s.getsockname()[1])


class Process:
    """The running program; a context manager that begins when it answers at its port. said: file for what it prints. cwd: where it runs."""

    def __init__(
        self, command: Sequence[str], port: int, said: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> None:
        self.port = port
        self._command, self._said, self._env, self._cwd = command, said, env, cwd

    def log(self) -> str:
        """What it wrote, for a test's message."""
        return self._said.read_text(errors="replace") if self._said.exists() else ""

    def __enter__(self) -> Self:
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env={**os.environ, **(self._env or {})},
                cwd=self._cwd,
                start_new_session=True,
            )
        end = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                self._stop()
                raise RuntimeError(f"{self._command[0]} did not start:\n{self.log()}")
            time.sleep(0.05)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection((LOOPBACK, self.port), 1):
            return True
        return False

    def _stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)  # its own session, so this is the server alone
            self._process.wait()
