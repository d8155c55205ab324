"""ngIRCd on loopback alone, and a user of it who speaks to it straight, past the filter."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.live.process import LOOPBACK, Process, free_port

CHANNEL = "#class"
WAIT_S = 15.0
CONFIG = """\
[Global]
Name = irc.family.test
Info = A family's chat
AdminInfo1 = A test
Listen = {loopback}
Ports = {port}
MotdPhrase = Welcome
[Limits]
MaxConnectionsIP = 0
MaxNickLength = 30
[Options]
DNS = no
Ident = no
PAM = no
"""


def missing() -> str:
    """What must be installed first, or ""."""
    return "" if shutil.which("ngircd") else "no ngircd on PATH; on Debian: apt install ngircd"


class Ngircd(Process):
    """The running server; a context manager."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        port, config = free_port(), folder / "ngircd.conf"
        config.write_text(CONFIG.format(loopback=LOOPBACK, port=port))
        super().__init__(["ngircd", "--nodaemon", "--config", str(config)], port, folder / "said")


class Speaker:
    """One user in CHANNEL; a context manager. Every wait ends after WAIT_S with TimeoutError."""

    def __init__(self, port: int, nick: str) -> None:
        self._socket = socket.create_connection((LOOPBACK, port), WAIT_S)
        self._lines = self._socket.makefile("rb")
        self._send(f"NICK {nick}\r\nUSER {nick} 0 * :{nick}")
        self._until(" 376 ", " 422 ")  # the end of the welcome, with or without a message of the day
        self._send(f"JOIN {CHANNEL}")
        self._until(" 366 ")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._lines.close()
        self._socket.close()

    def say(self, text: str, to: str = CHANNEL) -> None:
        """To the channel or to one user."""
        self._send(f"PRIVMSG {to} :{text}")

    def topic(self, text: str) -> None:
        self._send(f"TOPIC {CHANNEL} :{text}")

    def waits_for(self, nick: str) -> None:
        """Until that user is in CHANNEL."""
        while True:
            self._send(f"NAMES {CHANNEL}")
            if nick in self._until(" 353 ").rpartition(":")[2].replace("@", "").split():
                return

    def hears(self, part: str) -> tuple[str, str]:
        """Nick and text of the next message that contains this."""
        line = self._until(part)
        return line[1:].partition("!")[0], line.partition(" :")[2]

    def _send(self, line: str) -> None:
        self._socket.sendall(f"{line}\r\n".encode())

    def _until(self, *parts: str) -> str:
        while line := self._lines.readline().decode().rstrip():
            if line.startswith("PING"):
                self._send(f"PONG {line.partition(' ')[2]}")
            if any(part in line for part in parts):
                return line
        raise ConnectionError("the server hung up")
