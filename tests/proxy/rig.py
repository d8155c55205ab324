"""A tiny internet for the proxy's tests: an authority, a server that says exactly what it is told, a client behind the proxy."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hashlib
import socket
import ssl
import threading
import weakref
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import h2.config
import h2.connection
import h2.events
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hyperframe.frame import GoAwayFrame
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Message, Request, TextMessage

HOST = "social.test"
OTHER = "other.test"
LOOPBACK = "127.0.0.1"


@dataclass
class Pki:
    """An authority of the test's own."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self.root = (
            self._start(name, name, self.key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )

    @property
    def pem(self) -> bytes:
        return self.root.public_bytes(serialization.Encoding.PEM)

    def _start(self, subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, ended: bool = False) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC) - dt.timedelta(days=30 if ended else 0)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
        builder = builder.serial_number(x509.random_serial_number())
        return builder.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=10))

    def context(self, folder: Path, names: list[str], ended: bool = False, alpn: tuple[str, ...] = ("h2", "http/1.1")) -> ssl.SSLContext:
        """A server's TLS context with a certificate for those names."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        made = (
            self._start(subject, self.root.subject, key.public_key(), ended)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        path = folder / f"{names[0]}-{made.serial_number}.pem"
        path.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + made.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        context.set_alpn_protocols(list(alpn))
        return context


@dataclass(frozen=True)
class Reply:
    """A whole answer, sayable in HTTP/1.1 and HTTP/2."""

    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()

    def raw(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} X", f"Content-Type: {self.content_type}", f"Content-Length: {len(self.body)}"]
        lines += [f"{k}: {v}" for k, v in self.headers]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


Live = Callable[[asyncio.StreamReader, asyncio.StreamWriter, dict[str, str]], Awaitable[None]]
Route = Reply | bytes | Live


class Server:
    """A TLS server on loopback in a thread. routes: path -> what it says (bytes: exactly these, then the connection ends)."""

    def __init__(self, context: ssl.SSLContext | None, routes: dict[str, Route]) -> None:
        self.routes = routes
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.goodbye_at = ""
        """The path at whose HTTP/2 request a GOAWAY goes out, before the answer."""
        self.connections = 0
        self._open: weakref.WeakSet[asyncio.BaseTransport] = weakref.WeakSet()
        self.sent = 0
        """Bytes of HTTP/2 bodies."""
        self._loop = asyncio.new_event_loop()
        self._socket = socket.create_server((LOOPBACK, 0))
        self.port: int = self._socket.getsockname()[1]
        started = threading.Event()

        async def serve() -> None:
            self._server = await asyncio.start_server(self._one, sock=self._socket, ssl=context)
            self._stop = asyncio.Event()
            started.set()
            await self._stop.wait()
            self._server.close()

        def work() -> None:
            asyncio.set_event_loop(self._loop)
            self._loop.set_exception_handler(lambda loop, context: None)  # clients that break off are what is tested
            self._loop.run_until_complete(serve())
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0))
            for transport in list(self._open):
                transport.abort()  # type: ignore[attr-defined]
            self._loop.run_until_complete(asyncio.sleep(0.01))
            self._loop.close()

        self._thread = threading.Thread(target=work, daemon=True)
        self._thread.start()
        started.wait(10)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def headers(self, path: str) -> dict[str, str]:
        """Headers (lower case) of the last request for that path."""
        return next(h for p, h in reversed(self.seen) if p == path)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tls: ssl.SSLObject | None = writer.get_extra_info("ssl_object")
        self.connections += 1
        self._open.add(writer.transport)
        try:
            if tls is not None and tls.selected_alpn_protocol() == "h2":
                await self._http2(reader, writer)
            else:
                while await self._http1(reader, writer):
                    pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError, ValueError):
            writer.transport.abort()  # nobody will take the rest, nor say good-bye
        finally:
            writer.close()

    async def _http1(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        path = first.split()[1]
        if size := int(headers.get("content-length", "0")):
            headers[":body"] = (await reader.readexactly(size)).decode("latin-1")
        self.seen.append((path, headers))
        route = self.routes.get(path, Reply(b"not found", status=404))
        if isinstance(route, Reply):
            raw = route.raw()
            writer.write(raw[: raw.index(b"\r\n\r\n") + 4] if first.startswith("HEAD") else raw)
            await writer.drain()
            return True
        if isinstance(route, bytes):
            writer.write(route)
            await writer.drain()
            return False
        await route(reader, writer, headers)
        return False

    async def _http2(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conn = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        conn.initiate_connection()
        writer.write(conn.data_to_send())
        waiting: dict[int, memoryview] = {}
        while data := await reader.read(65536):
            for event in conn.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    headers = dict(event.headers)
                    self.seen.append((headers[":path"], headers))
                    route = self.routes.get(headers[":path"], Reply(b"not found", status=404))
                    assert isinstance(route, Reply), "HTTP/2 says whole answers only"
                    told = [(":status", str(route.status)), ("content-type", route.content_type), *route.headers]
                    conn.send_headers(event.stream_id, [(k.lower(), v) for k, v in told])
                    waiting[event.stream_id] = memoryview(route.body)
                    if headers[":path"] == self.goodbye_at:
                        writer.write(conn.data_to_send() + GoAwayFrame(0, last_stream_id=event.stream_id).serialize())
            for stream, body in list(waiting.items()):
                while body and (room := min(conn.local_flow_control_window(stream), conn.max_outbound_frame_size)) > 0:
                    conn.send_data(stream, bytes(body[:room]))
                    body = body[room:]
                    self.sent += room
                waiting[stream] = body
                if not body:
                    conn.end_stream(stream)
                    del waiting[stream]
            writer.write(conn.data_to_send())
            await writer.drain()


async def send(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Writes and lets the loop turn.

    Under TLS, Python 3.12's drain() alone never yields to the news that the other end is gone: an endless server would hold up all others.
    """
    writer.write(data)
    await writer.drain()
    await asyncio.sleep(0)


def websocket(messages: list[str | bytes], asked: bool = False) -> Live:
    """A route that accepts a WebSocket, sends the messages, then repeats what it hears. asked: sends them once it has heard something."""

    async def live(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        key = headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        head = f"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
        writer.write(head.encode())
        ws = _after_handshake(ConnectionType.SERVER)
        said = [TextMessage(m) if isinstance(m, str) else BytesMessage(m) for m in messages]
        waiting = asked
        if not waiting:
            writer.write(b"".join(map(ws.send, said)))
            await writer.drain()
        while data := await reader.read(65536):
            ws.receive_data(data)
            for event in ws.events():
                if isinstance(event, Message) and waiting:
                    waiting = False
                    writer.write(b"".join(map(ws.send, said)))
                elif isinstance(event, Message):
                    writer.write(ws.send(TextMessage(f"heard {event.data}")))
            await writer.drain()

    return live


def _after_handshake(side: ConnectionType) -> WSConnection:
    from wsproto.connection import Connection

    return Connection(side)  # type: ignore[return-value]


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Tunnel:
    """One connection through the proxy: CONNECT, TLS, then HTTP/1.1 by hand."""

    def __init__(self, proxy: int, host: str, port: int, roots: bytes, sni: str | None = None, alpn: tuple[str, ...] = ()) -> None:
        self.plain = socket.create_connection((LOOPBACK, proxy), timeout=20)
        self.plain.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            more = self.plain.recv(1)
            if not more:
                break
            head += more
        self.connect = head.decode("latin-1")
        self.host, self.port = host, port
        self.socket: ssl.SSLSocket | None = None
        if " 200 " not in self.connect.split("\r\n")[0] + " ":
            self.plain.close()
            raise ConnectionRefusedError(self.connect)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=roots.decode())
        if alpn:
            context.set_alpn_protocols(list(alpn))
        try:
            self.socket = context.wrap_socket(self.plain, server_hostname=sni or host)
        except (OSError, ValueError):
            self.plain.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self.socket is not None
        self.socket.close()

    @property
    def certificate(self) -> x509.Certificate:
        assert self.socket is not None
        der = self.socket.getpeercert(True)
        assert der
        return x509.load_der_x509_certificate(der)

    def send(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> None:
        assert self.socket is not None
        told = {"Host": f"{self.host}:{self.port}", "Accept-Encoding": "gzip, deflate, br"} | {
            k.replace("_", "-"): v for k, v in headers.items()
        }
        if body:
            told["Content-Length"] = str(len(body))
        lines = [f"{method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in told.items())]
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def head(self) -> tuple[int, dict[str, str]]:
        """Status and headers of the next answer."""
        assert self.socket is not None
        head = b""
        while b"\r\n\r\n" not in head:
            more = self.socket.recv(1)
            if not more:
                raise ConnectionResetError(head)
            head += more
        first, *lines = head.decode("latin-1").strip().split("\r\n")
        return int(first.split()[1]), {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}

    def read(self, size: int = -1) -> bytes:
        """That many bytes, or (-1) all to the end."""
        assert self.socket is not None
        out = b""
        while size < 0 or len(out) < size:
            more = self.socket.recv(65536 if size < 0 else size - len(out))
            if not more:
                break
            out += more
        return out

    def answer(self, method: str = "GET") -> Answer:
        """The next whole answer."""
        status, headers = self.head()
        if method == "HEAD" or status in (204, 304):
            return Answer(status, headers, b"")
        if headers.get("transfer-encoding") == "chunked":
            return Answer(status, headers, self._chunks())
        return Answer(status, headers, self.read(int(headers.get("content-length", "-1"))))

    def chunk(self) -> bytes:
        """The next chunk of a chunked body, b"" at its end."""
        line = b""
        while not line.endswith(b"\r\n"):
            more = self.read(1)
            if not more:
                raise ConnectionResetError("cut off")
            line += more
        data = self.read(int(line, 16))
        self.read(2)
        return data

    def _chunks(self) -> bytes:
        out = b""
        while data := self.chunk():
            out += data
        return out

    def get(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
        self.send(path, method, body, **headers)
        return self.answer(method)


class Socket:
    """A WebSocket client over a tunnel."""

    def __init__(self, tunnel: Tunnel, path: str) -> None:
        self._tunnel = tunnel
        self.ws = WSConnection(ConnectionType.CLIENT)
        raw = self.ws.send(Request(host=f"{tunnel.host}:{tunnel.port}", target=path, extensions=[])).decode()
        raw = raw.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
        assert tunnel.socket is not None
        tunnel.socket.sendall(raw.encode())
        self._next()

    def _next(self) -> list[object]:
        assert self._tunnel.socket is not None
        self.ws.receive_data(self._tunnel.socket.recv(65536))
        return list(self.ws.events())

    def send(self, said: str | bytes) -> None:
        assert self._tunnel.socket is not None
        self._tunnel.socket.sendall(self.ws.send(TextMessage(said) if isinstance(said, str) else BytesMessage(said)))

    def closed(self) -> int:
        """The code with which the connection is ended, after no further message."""
        pending = list(self.ws.events())
        while True:
            for event in pending:
                assert not isinstance(event, Message), event
                if isinstance(event, CloseConnection):
                    return event.code
            pending = self._next()

    def messages(self, count: int) -> list[str | bytes]:
        """The next messages, whole."""
        out: list[str | bytes] = []
        part: str | bytes | None = None
        pending = list(self.ws.events())
        while len(out) < count:
            for event in pending:
                assert not isinstance(event, AcceptConnection) or not out
                if isinstance(event, Message):
                    part = event.data if part is None else part + event.data  # type: ignore[operator]
                    if event.message_finished:
                        assert part is not None
                        out.append(part)
                        part = None
            pending = self._next() if len(out) < count else []
        return out
