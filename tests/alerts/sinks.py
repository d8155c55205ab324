"""Services of our own that take alerts: HTTP and mail, on loopback. They keep what came, and can be slow or broken."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Sink:
    """got: what came, each message as it stood on the wire. status: what HTTP answers; hang: seconds it says nothing."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.status = 200
        self.hang = 0.0
        self.port = 0

    def wait(self, count: int, seconds: float = 20) -> list[str]:
        end = time.monotonic() + seconds
        while len(self.got) < count and time.monotonic() < end:
            time.sleep(0.05)
        return self.got


@contextmanager
def served(sink: Sink, handler: type[socketserver.BaseRequestHandler]) -> Iterator[Sink]:
    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", sink.port), handler) as server:
        sink.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield sink
        finally:
            server.shutdown()
            thread.join(5)


@contextmanager
def http(port: int = 0) -> Iterator[Sink]:
    """Takes json://…, which posts JSON."""
    sink = Sink()
    sink.port = port

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            head, length = "", 0
            while (line := self.rfile.readline().decode()) not in ("\r\n", ""):
                head += line
                if line.lower().startswith("content-length:"):
                    length = int(line.split(":")[1])
            body = self.rfile.read(length).decode()
            time.sleep(sink.hang)
            if sink.status == 200:
                sink.got.append(head + body)
            self.wfile.write(f"HTTP/1.0 {sink.status} X\r\nContent-Length: 0\r\n\r\n".encode())

    with served(sink, Handler):
        yield sink


@contextmanager
def mail() -> Iterator[Sink]:
    """Takes mailto://…, as little of SMTP as that needs."""
    sink = Sink()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 sink\r\n")
            while line := self.rfile.readline():
                verb = line[:4].upper().strip()
                if verb == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    text = b""
                    while (more := self.rfile.readline()) not in (b".\r\n", b""):
                        text += more
                    sink.got.append(text.decode())
                    self.wfile.write(b"250 kept\r\n")
                elif verb == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                else:
                    self.wfile.write(b"250 yes\r\n")

    with served(sink, Handler):
        yield sink
