"""A real Firefox, driven by its own protocol for that: JSON in counted packets over a loopback port."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class FirefoxError(Exception):
    """Firefox did not do as asked; the text is its reason."""


class Firefox:
    """A headless Firefox with a new profile below `folder`."""

    def __init__(self, program: str, folder: Path) -> None:
        profile = folder / "profile"
        profile.mkdir(parents=True)
        (profile / "user.js").write_text(
            'user_pref("marionette.port", 0);\nuser_pref("datareporting.policy.dataSubmissionEnabled", false);\n'
        )
        env = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy") and k != "SSLKEYLOGFILE"}
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(
            [
                program,
                "--headless",
                "--marionette",
                "--remote-allow-system-access",
                "--no-remote",
                "--new-instance",
                "--profile",
                str(profile),
            ],
            env=env | {"HOME": str(folder), "MOZ_HEADLESS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        self.profile = profile
        self._number = 0
        try:
            self._socket = socket.create_connection(("127.0.0.1", self._port(profile / "MarionetteActivePort")), 60)
            self._packet()
            self.call("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {"acceptInsecureCerts": False}}})
        except BaseException:
            self.close()
            raise

    def _port(self, file: Path) -> int:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with suppress(OSError, ValueError):
                return int(file.read_text())
            time.sleep(0.05)
        raise FirefoxError("it did not start")

    def call(self, command: str, parameters: dict[str, Any] | None = None) -> Any:
        """One command. Raises FirefoxError."""
        self._number += 1
        data = json.dumps([0, self._number, command, parameters or {}]).encode()
        self._socket.sendall(b"%d:%s" % (len(data), data))
        _, number, error, value = self._packet()
        assert number == self._number
        if error:
            raise FirefoxError(f"{error['error']}: {error['message']}")
        return value.get("value", value) if isinstance(value, dict) else value

    def _packet(self) -> Any:
        head = b""
        while not head.endswith(b":"):
            head += self._read(1)
        return json.loads(self._read(int(head[:-1])))

    def _read(self, size: int) -> bytes:
        out = b""
        while len(out) < size:
            more = self._socket.recv(size - len(out))
            if not more:
                raise FirefoxError("the browser died")
            out += more
        return out

    def goto(self, url: str) -> str:
        """Why the page did not open, such as proxyConnectFailure; "" where it did."""
        try:
            self.call("WebDriver:Navigate", {"url": url})
        except FirefoxError as e:
            if "about:neterror?e=" in str(e):
                return str(e).split("about:neterror?e=")[1].split("&")[0]
            return str(e)
        return ""

    def eval(self, expression: str) -> Any:
        """Value of a JavaScript expression in the page."""
        return self.call("WebDriver:ExecuteScript", {"script": f"return {expression}", "args": []})

    def chrome(self, body: str, *arguments: Any) -> Any:
        """What a function with that body returns (a promise is awaited), run with the browser's own rights."""
        self.call("Marionette:SetContext", {"value": "chrome"})
        try:
            return self.call("WebDriver:ExecuteScript", {"script": body, "args": list(arguments)})
        finally:
            self.call("Marionette:SetContext", {"value": "content"})

    def text(self) -> str:
        """The text of the page as a reader sees it."""
        return str(self.eval("document.body ? document.body.innerText : ''"))

    def close(self) -> None:
        """End it and its children."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)  # its own session, so this is Firefox and its children alone
        self._process.wait()
        self._log.close()
        if hasattr(self, "_socket"):
            self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
