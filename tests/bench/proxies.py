"""Plain mitmdump, mitmdump with an addon that does nothing, and SafeGuard side by side over HTTPS, each a process of its own."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.measure import Figures, quantile, ratio, side_by_side
from tests.bench.origin import FILM
from tests.proxy.rig import Pki

HOST = "localhost"
ROOT = Path(__file__).parents[2]
REQUESTS = {"/2kB": 60, "/100kB": 20, "/1MB": 4, "/page": 4}
LIMITS = {"/2kB": 1.0, "/100kB": 1.5, "/1MB": 4.0, "/page": None}
"""SafeGuard's median to that of plain mitmdump."""
MIXED_LIMIT = 1.5
STREAM_LIMIT = 1.2
EMPTY = "class Empty:\n    def response(self, flow):\n        pass\n\naddons = [Empty()]\n"
MITMDUMP = shutil.which("mitmdump", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}") or "mitmdump"


@dataclass(frozen=True)
class Proxy:
    """One of the three: where it listens, what it signs with, its process."""

    port: int
    root: Path
    process: int

    def peak(self) -> float:
        """The most memory it had so far, MB."""
        lines = Path(f"/proc/{self.process}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


class Line:
    """One connection through a proxy, kept open; HTTP/1.1 with as little work of its own as can be."""

    def __init__(self, proxy: Proxy, server: int) -> None:
        plain = socket.create_connection(("127.0.0.1", proxy.port), timeout=60)
        plain.sendall(f"CONNECT {HOST}:{server} HTTP/1.1\r\nHost: {HOST}:{server}\r\n\r\n".encode())
        while b"\r\n\r\n" not in plain.recv(4096):
            pass
        context = ssl.create_default_context(cafile=str(proxy.root))
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # mitmproxy's own root leaves an extension out
        self._wire = context.wrap_socket(plain, server_hostname=HOST)
        self._wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = f" HTTP/1.1\r\nHost: {HOST}:{server}\r\nAccept-Encoding: gzip\r\nSec-Fetch-Dest: empty\r\n\r\n"

    def get(self, path: str) -> float:
        """Seconds until the whole answer is there."""
        began = time.perf_counter()
        self._wire.sendall(f"GET {path}{self._head}".encode())
        got = self._wire.recv(2**18)
        while b"\r\n\r\n" not in got:
            got += self._wire.recv(2**18)
        head, _, rest = got.partition(b"\r\n\r\n")
        assert b" 200 " in head[:20], head
        left = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]) - len(rest)
        while left > 0:
            more = self._wire.recv(2**18)
            assert more, "cut off"
            left -= len(more)
        return time.perf_counter() - began

    def close(self) -> None:
        """Hang up."""
        self._wire.close()


@contextmanager
def started(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A process that ends when its standard input does, or is ended."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as s:
        return int(s.getsockname()[1])


@contextmanager
def three() -> Iterator[tuple[dict[str, Proxy], int]]:
    """The three proxies and the server's port."""
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        pki = Pki()
        (folder / "roots.pem").write_bytes(pki.pem)
        pki.context(folder, [HOST])
        certificate = next(p for p in folder.glob(f"{HOST}-*.pem"))
        origin = stack.enter_context(started(sys.executable, "-m", "tests.bench.origin", str(certificate)))
        assert origin.stdout is not None
        server = int(origin.stdout.readline())
        (folder / "empty.py").write_text(EMPTY)
        found = {}
        for which, more in (("plain", ()), ("empty", ("-s", str(folder / "empty.py")))):
            port, conf = free_port(), folder / which
            options = ("-q", "--listen-host", "127.0.0.1", "-p", str(port), "--set", f"confdir={conf}", "--set", "onboarding=false")
            trust = ("--set", f"ssl_verify_upstream_trusted_ca={folder / 'roots.pem'}")
            process = stack.enter_context(started(MITMDUMP, *options, *trust, *more))
            wait_for(port)
            found[which] = Proxy(port, conf / "mitmproxy-ca-cert.pem", process.pid)
        process = stack.enter_context(started(sys.executable, "-m", "tests.bench.child", str(folder), str(server)))
        assert process.stdout is not None
        found["safeguard"] = Proxy(int(process.stdout.readline()), folder / "safeguard.pem", process.pid)
        yield found, server


def wait_for(port: int) -> None:
    """Until somebody listens there. Raises TimeoutError."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nobody listens on port {port}")


def requests(figures: Figures, rounds: int) -> None:
    """One request after the other over one connection: p50, p99 and peak memory."""
    with three() as (proxies, server):
        for path, count in REQUESTS.items():
            name = f"proxy.{path[1:]}"
            lines = {which: Line(proxy, server) for which, proxy in proxies.items()}
            every: dict[str, list[float]] = {which: [] for which in lines}

            def one(which: str, path: str, count: int, lines: dict[str, Line], every: dict[str, list[float]]) -> float:
                times = [lines[which].get(path) for _ in range(count)]
                every[which] += times
                return statistics.median(times)

            works = {which: (lambda w=which, p=path, c=count, li=lines, e=every: one(w, p, c, li, e)) for which in lines}
            told = side_by_side(works, rounds)
            figures.tell(f"{name}.empty/plain", ratio(told["empty"], told["plain"]), None)
            figures.tell(f"{name}.safeguard/plain", ratio(told["safeguard"], told["plain"]), LIMITS[path])
            for which in lines:
                figures.tell(f"{name}.{which}.p50", statistics.median(every[which]) * 1000, None, "ms")
                figures.tell(f"{name}.{which}.p99", quantile(every[which], 0.99) * 1000, None, "ms")
                lines[which].close()
        for which, proxy in proxies.items():
            figures.tell(f"proxy.{which}.peak", proxy.peak(), None, "MB")


def mixed(figures: Figures, rounds: int) -> None:
    """2 kB requests while 1 MB bodies flow over two other connections."""
    with three() as (proxies, server):

        def one(proxy: Proxy) -> float:
            stop = threading.Event()

            def large() -> None:
                line = Line(proxy, server)
                while not stop.is_set():
                    line.get("/1MB")
                line.close()

            threads = [threading.Thread(target=large) for _ in range(2)]
            for t in threads:
                t.start()
            line = Line(proxy, server)
            line.get("/2kB")
            times = [line.get("/2kB") for _ in range(30)]
            stop.set()
            for t in threads:
                t.join()
            line.close()
            return statistics.median(times)

        told = side_by_side({which: (lambda p=proxy: one(p)) for which, proxy in proxies.items()}, rounds)
        figures.tell("mixed.empty/plain", ratio(told["empty"], told["plain"]), None)
        figures.tell("mixed.safeguard/plain", ratio(told["safeguard"], told["plain"]), MIXED_LIMIT)
        for which, values in told.items():
            figures.tell(f"mixed.{which}.p50", statistics.median(values) * 1000, None, "ms")


def stream(figures: Figures, rounds: int) -> None:
    """A film of 50 MB. mitmdump streams nothing unless told to: it holds the film in memory, and is compared as it comes."""
    with three() as (proxies, server):
        lines = {which: Line(proxy, server) for which, proxy in proxies.items()}
        told = side_by_side({which: (lambda li=line: li.get("/film")) for which, line in lines.items()}, min(rounds, 4))
        figures.tell("stream.50MB.safeguard/plain", ratio(told["safeguard"], told["plain"]), STREAM_LIMIT)
        for which, values in told.items():
            figures.tell(f"stream.50MB.{which}", FILM / 2**20 / statistics.median(values), None, "MB/s")
            figures.tell(f"stream.{which}.peak", proxies[which].peak(), None, "MB")
            lines[which].close()
