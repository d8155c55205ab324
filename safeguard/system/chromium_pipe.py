"""A small client of the Chrome DevTools Protocol over --remote-debugging-pipe: the demo and the end-to-end tests drive Chromium with it.

A pipe and not a port: nobody else on the machine can drive the browser, and no WebSocket library is needed.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from safeguard.errors import ProxyError
from safeguard.system.browser_nss import prepare_chromium_home as prepare_chromium_home  # one import for those who drive a browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
FLAGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-quic",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--disable-extensions",
    "--password-store=basic",
    "--window-size=1000,1400",
)
# Puts the two pipes where Chromium wants them. Not preexec_fn: that can deadlock in a process with threads, and ours has some.
_SHIM = "import os,sys\nr,w=int(sys.argv[1]),int(sys.argv[2])\nos.dup2(r,3)\nos.dup2(w,4)\nos.execv(sys.argv[3],sys.argv[3:])"


def find_chromium() -> str | None:
    """Path of a browser of the Chromium family on PATH, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class BrowserError(ProxyError):
    """The browser did not start, answer or do as asked."""


class _Threw(BrowserError):
    """A script of ours did."""


class Page:
    """One tab. `error` is Chromium's reason where the last navigation failed (such as net::ERR_CERT_AUTHORITY_INVALID), else ""."""

    def __init__(self, browser: Chromium, session: str, target: str) -> None:
        self._browser = browser
        self._session = session
        self._target = target
        self.error = ""

    def call(self, method: str, timeout_s: float = 30.0, **params: Any) -> dict[str, Any]:
        """One DevTools command on this tab. Raises BrowserError."""
        return self._browser.call(method, timeout_s, session=self._session, **params)

    def goto(self, url: str, timeout_s: float = 30.0) -> None:
        """Navigate and wait until the document is complete (or the navigation failed; see `error`)."""
        self.error = str(self.call("Page.navigate", timeout_s, url=url).get("errorText", ""))
        if not self.error:
            self.wait("document.readyState === 'complete'", timeout_s)

    def eval(self, expression: str, timeout_s: float = 30.0) -> Any:
        """Value of a JavaScript expression (a promise is awaited). Raises BrowserError where it throws."""
        answer = self.call("Runtime.evaluate", timeout_s, expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            told = answer["exceptionDetails"]
            raise _Threw(f"JavaScript: {told.get('exception', {}).get('description') or told.get('text')}")
        return answer["result"].get("value")

    def wait(self, expression: str, timeout_s: float = 10.0) -> Any:
        """Wait until the expression is truthy and return it; in a page half loaded it may throw. Raises BrowserError when time is up."""
        end = time.monotonic() + timeout_s
        while True:
            threw = ""
            try:
                if value := self.eval(expression, timeout_s):
                    return value
            except _Navigated:
                pass
            except _Threw as e:
                threw = f"; {e}"
            if time.monotonic() > end:
                raise BrowserError(f"after {timeout_s:g} s still not true: {expression}{threw}")
            time.sleep(0.05)

    def text(self) -> str:
        """The text of the page as a reader sees it."""
        return str(self.eval("document.body ? document.body.innerText : ''"))

    def html(self) -> str:
        """The live document, serialised."""
        return str(self.eval("document.documentElement.outerHTML"))

    def screenshot(self, path: Path | str, full_page: bool = True) -> None:
        """Write a PNG of the page."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=full_page)
        Path(path).write_bytes(base64.b64decode(shot["data"]))

    def events(self, method: str) -> list[dict[str, Any]]:
        """Parameters of every event of that name seen on this tab so far (Network.* is on from the start)."""
        return self._browser.events(method, self._session)

    def close(self) -> None:
        """Close the tab."""
        with suppress(BrowserError):
            self._browser.call("Target.closeTarget", targetId=self._target)


class _Navigated(BrowserError):
    """The page went away under an evaluation; asking again is right."""


class Chromium:
    """A headless Chromium of its own, thrown away at the end.

    proxy:   "host:port" that everything goes through, loopback too; "" for none.
    pac:     address of a PAC (a data: URL will do) instead of proxy.
    home:    folder made by prepare_chromium_home, so that the proxy's certificate is trusted; None: a fresh one without.
    binary:  path of the browser; None: the first of the family on PATH.
    Raises BrowserError where no browser is found or it does not start.
    """

    def __init__(
        self,
        proxy: str = "",
        home: Path | None = None,
        pac: str = "",
        binary: str | None = None,
        flags: Sequence[str] = (),
        start_timeout_s: float = 60.0,
    ) -> None:
        program = binary or find_chromium()
        if program is None:
            raise BrowserError(f"no Chromium found on PATH (looked for {', '.join(NAMES)}); install one, on Debian: apt install chromium")
        self._scratch = tempfile.TemporaryDirectory(prefix="safeguard-chromium-", ignore_cleanup_errors=True)
        scratch = Path(self._scratch.name)
        command = [program, *FLAGS, f"--user-data-dir={scratch / 'profile'}"]
        if proxy:
            command += [f"--proxy-server=http://{proxy}", "--proxy-bypass-list=<-loopback>"]
        if pac:
            command.append(f"--proxy-pac-url={pac}")
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")  # Chromium refuses its sandbox to root
        command += [*flags, "about:blank"]
        env = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy") and k not in ("SSLKEYLOGFILE", "XDG_DATA_HOME")}
        env["HOME"] = str(home or scratch / "home")
        Path(env["HOME"]).mkdir(exist_ok=True, mode=0o700)
        to_read, self._write = os.pipe()
        self._read, to_write = os.pipe()
        self._log = (scratch / "log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _SHIM, str(to_read), str(to_write), *command],
            env=env,
            pass_fds=(to_read, to_write),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        os.close(to_read)
        os.close(to_write)
        self._next = 0
        self._changed = threading.Condition()
        self._answers: dict[int, dict[str, Any]] = {}
        self._events: list[dict[str, Any]] = []
        self._dead = False
        self._sending = threading.Lock()
        self._reader = threading.Thread(target=self._listen, name="chromium-pipe", daemon=True)
        self._reader.start()
        try:
            self.version = str(self.call("Browser.getVersion", start_timeout_s)["product"])
        except BrowserError:
            said = (scratch / "log").read_text(errors="replace").strip().splitlines()
            self.close()
            raise BrowserError(f"{program}: did not start: {said[-1] if said else 'no message'}") from None

    def open(self, url: str, timeout_s: float = 30.0) -> Page:
        """A new tab at that address, loaded (or failed; see Page.error)."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session, target)
        for domain in ("Page", "Runtime", "Network"):
            page.call(f"{domain}.enable")
        page.goto(url, timeout_s)
        return page

    def call(self, method: str, timeout_s: float = 30.0, session: str = "", **params: Any) -> dict[str, Any]:
        """One DevTools command. Raises BrowserError where Chromium refuses, dies or does not answer in time."""
        with self._changed:
            self._next += 1
            number = self._next
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        self._send(json.dumps(message).encode() + b"\0")
        with self._changed:
            self._changed.wait_for(lambda: number in self._answers or self._dead, timeout_s)
            answer = self._answers.pop(number, None)
        if answer is None:
            raise BrowserError(f"{method}: {'the browser died' if self._dead else f'no answer within {timeout_s:g} s'}")
        if "error" in answer:
            said = str(answer["error"].get("message", ""))
            gone = "context was destroyed" in said or "navigated or closed" in said or "Cannot find default execution context" in said
            raise (_Navigated if gone else BrowserError)(f"{method}: {said}")
        result: dict[str, Any] = answer.get("result", {})
        return result

    def events(self, method: str, session: str = "") -> list[dict[str, Any]]:
        """Parameters of the events of that name so far, oldest first."""
        with self._changed:
            return [e.get("params", {}) for e in self._events if e["method"] == method and (not session or e.get("sessionId") == session)]

    def close(self) -> None:
        """End the browser and every process of its group, and remove its profile. Safe to call twice."""
        if not self._dead:
            with suppress(BrowserError):
                self.call("Browser.close", 5.0)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5.0)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)  # its own session, so this is the browser and its children alone
        self._process.wait()
        self._reader.join(5.0)
        with self._sending:
            if self._write >= 0:
                os.close(self._write)
                self._write = -1
        self._log.close()
        self._scratch.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _send(self, data: bytes) -> None:
        with self._sending:
            if self._write < 0:
                raise BrowserError("the browser is closed")
            view = memoryview(data)
            try:
                while view:
                    view = view[os.write(self._write, view) :]
            except OSError as e:
                raise BrowserError("the browser died") from e

    def _listen(self) -> None:
        """Reader thread: answers by number, events in a list, until the pipe ends."""
        rest = b""
        with os.fdopen(self._read, "rb", buffering=0) as pipe:
            while chunk := pipe.read(65536):
                *whole, rest = (rest + chunk).split(b"\0")
                messages = [json.loads(m) for m in whole]
                with self._changed:
                    for m in messages:
                        if "id" in m:
                            self._answers[m["id"]] = m
                        else:
                            self._events.append(m)
                    self._changed.notify_all()
        with self._changed:
            self._dead = True
            self._changed.notify_all()
