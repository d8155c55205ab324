"""Answers that browser and filter could read differently, in real Chromium through the real proxy: nothing harmful shows."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from safeguard.system.chromium_pipe import BrowserError, Page
from tests.e2e.conftest import Browsers
from tests.proxy.conftest import BAD, Net, Start
from tests.proxy.rig import HOST, LOOPBACK, Reply

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

HTML = f"<!doctype html><html lang=en><meta charset=utf-8><p>good morning</p><p>you {BAD} end</p>"
BARE = f"<!doctype html><html lang=en><p>good morning</p><p>you {BAD} end</p>"
JSON = json.dumps({"text": f"you {BAD}", "more": "good morning"})
RAW = HTML.encode()


def answer(body: bytes, *headers: str, kind: str | None = "text/html; charset=utf-8", length: bool = True) -> bytes:
    told = ([] if kind is None else [f"Content-Type: {kind}"]) + ([f"Content-Length: {len(body)}"] if length else [])
    return "\r\n".join(("HTTP/1.1 200 OK", *told, *headers, "Connection: close")).encode() + b"\r\n\r\n" + body


def deflated(data: bytes, wbits: int) -> bytes:
    worker = zlib.compressobj(wbits=wbits)
    return worker.compress(data) + worker.flush()


def encoded(body: bytes, how: str, **rest: str) -> bytes:
    return answer(body, f"Content-Encoding: {how}", **rest)


def chunked(*lines: bytes, kind: str = "text/html; charset=utf-8") -> bytes:
    return answer(b"\r\n".join(lines) + b"\r\n", "Transfer-Encoding: chunked", kind=kind, length=False)


def utf7(text: str) -> bytes:
    def one(c: str) -> str:
        return c if c.isalnum() or c == " " else f"+{base64.b64encode(c.encode('utf-16-be')).decode().rstrip('=')}-"

    return "".join(one(c) for c in text).encode()


REFERENCES = "".join(f"&#{ord(c)};" for c in BAD)
JIS = f"\x1b(J{BAD}\x1b(B"
ENCODINGS = {
    "gzip": encoded(gzip.compress(RAW), "gzip"),
    "x-gzip": encoded(gzip.compress(RAW), "x-gzip"),
    "gzip in capitals": encoded(gzip.compress(RAW), "GZIP"),
    "gzip twice": encoded(gzip.compress(gzip.compress(RAW)), "gzip, gzip"),
    "gzip twice, told in two headers": answer(gzip.compress(gzip.compress(RAW)), "Content-Encoding: gzip", "Content-Encoding: gzip"),
    "gzip twice, told once": encoded(gzip.compress(gzip.compress(RAW)), "gzip"),
    "gzip once, told twice": encoded(gzip.compress(RAW), "gzip, gzip"),
    "br inside gzip": encoded(gzip.compress(brotli.compress(RAW)), "br, gzip"),
    "br": encoded(brotli.compress(RAW), "br"),
    "zstd": encoded(zstandard.compress(RAW), "zstd"),
    "zstd in two frames": encoded(zstandard.compress(RAW[:60]) + zstandard.compress(RAW[60:]), "zstd"),
    "deflate with wrapper": encoded(deflated(RAW, 15), "deflate"),
    "deflate bare": encoded(deflated(RAW, -15), "deflate"),
    "gzip with garbage behind": encoded(gzip.compress(RAW) + RAW, "gzip"),
    "gzip of two members": encoded(gzip.compress(RAW[:60]) + gzip.compress(RAW[60:]), "gzip"),
    "gzip cut off": encoded(gzip.compress(RAW * 50)[:-12], "gzip"),
    "gzip with a wrong checksum": encoded(gzip.compress(RAW)[:-8] + bytes(8), "gzip"),
    "told as gzip, sent plain": encoded(RAW, "gzip"),
    "told as br, sent plain": encoded(RAW, "br"),
    "told as identity": encoded(RAW, "identity"),
    "sent as gzip, not told": answer(gzip.compress(RAW)),
    "an unknown encoding": encoded(RAW, "rot13"),
    "an unknown encoding before gzip": encoded(gzip.compress(RAW), "rot13, gzip"),
    "an encoding of blanks": encoded(RAW, " , "),
    "a shared dictionary": encoded(RAW, "dcb"),
    "aws-chunked": encoded(RAW, "aws-chunked"),
}
CHARSETS = {
    "a UTF-16 mark on UTF-8": answer(b"\xff\xfe" + RAW),
    "a UTF-16BE mark on UTF-8": answer(b"\xfe\xff" + RAW),
    "UTF-16 with its mark, told as UTF-8": answer(HTML.encode("utf-16")),
    "UTF-16 without mark, told": answer(BARE.encode("utf-16-le"), kind="text/html; charset=utf-16"),
    "UTF-16 without mark, not told": answer(BARE.encode("utf-16-le"), kind="text/html"),
    "UTF-16BE without mark, not told": answer(BARE.encode("utf-16-be"), kind="text/html"),
    "UTF-32 with its mark": answer(BARE.encode("utf-32"), kind="text/html"),
    "a UTF-7 mark": answer(b"+/v8-" + utf7(BARE), kind="text/html"),
    "UTF-7 told": answer(utf7(BARE), kind="text/html; charset=utf-7"),
    "an unknown charset": answer(BARE.encode(), kind="text/html; charset=klingon"),
    "two charsets in the header": answer(BARE.encode("utf-16-le"), kind="text/html; charset=utf-8; charset=utf-16le"),
    "header and meta disagree": answer(HTML.replace("utf-8", "utf-16").encode("cp1251", "replace"), kind="text/html; charset=windows-1251"),
    "meta says UTF-16 and means UTF-8": answer(HTML.replace("utf-8", "utf-16le").encode(), kind="text/html"),
    "meta says x-user-defined": answer(HTML.replace("utf-8", "x-user-defined").encode(), kind="text/html"),
    "ISO-2022-JP": answer(BARE.replace(BAD, JIS).encode(), kind="text/html; charset=iso-2022-jp"),
    "ISO-2022-JP not told": answer(BARE.replace(BAD, JIS).encode(), kind="text/html"),
    "GB18030": answer(f"<p>早上好</p><p>{BAD}</p>".encode("gb18030"), kind="text/html; charset=gb18030"),
    "HZ": answer(f"<p>~{{VPND~}} {BAD[:3]}~\n{BAD[3:]}".encode(), kind="text/html; charset=hz-gb-2312"),
    "Shift_JIS": answer(f"<p>お早う {BAD}".encode("cp932"), kind="text/html; charset=shift_jis"),
    "a byte order mark in the middle": answer(HTML.replace(BAD, BAD[:3] + "\ufeff" + BAD[3:]).encode()),
    "NUL bytes inside": answer(HTML.replace(BAD, BAD[:3] + "\0" + BAD[3:]).encode()),
    "broken UTF-8 inside": answer(RAW.replace(b"you ", b"you \xff\xc3")),
}
TYPES = {
    "HTML as text/plain": answer(RAW, kind="text/plain; charset=utf-8"),
    "HTML without a type": answer(RAW, kind=None),
    "HTML with an empty type": answer(RAW, kind=""),
    "HTML as a type that is none": answer(RAW, kind="html"),
    "HTML as octet-stream": answer(RAW, kind="application/octet-stream"),
    "HTML as octet-stream, nosniff": answer(RAW, "X-Content-Type-Options: nosniff", kind="application/octet-stream"),
    "HTML as an unknown type": answer(RAW, kind="application/x-secret"),
    "HTML as CSS": answer(RAW, kind="text/css"),
    "HTML as a script": answer(RAW, kind="text/javascript"),
    "HTML as SVG": answer(f'<svg xmlns="http://www.w3.org/2000/svg"><text y="20">{BAD}</text></svg>'.encode(), kind="image/svg+xml"),
    "two types": answer(RAW, "Content-Type: image/png", kind="text/html"),
    "two types, the picture first": answer(RAW, "Content-Type: text/html", kind="image/png"),
    "two types in one header": answer(RAW, kind="image/png, text/html"),
    "a type with a trailing comma": answer(RAW, kind="text/html,"),
    "XML": answer(f'<?xml version="1.0"?><a>{BAD}</a>'.encode(), kind="text/xml"),
    "XML with an entity": answer(
        f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "{BAD[4:]}">]><a>{BAD[:4]}&x;</a>'.encode(), kind="application/xml"
    ),
    "inline": answer(RAW, "Content-Disposition: inline; filename=attachment.html"),
    "a disposition nobody knows": answer(RAW, "Content-Disposition: attachmentish"),
    "two dispositions": answer(RAW, "Content-Disposition: inline", "Content-Disposition: attachment"),
    "an empty attachment name": answer(RAW, 'Content-Disposition: filename="attachment"'),
    "references in HTML": answer(f'<p title="{REFERENCES}">{REFERENCES}'.encode()),
}
FRAMING = {
    "chunk extensions": chunked(b"%x;a=b" % len(RAW), RAW, b"0", b""),
    "chunks that cut the word": chunked(
        b"%x" % (RAW.index(BAD.encode()) + 3),
        RAW[: RAW.index(BAD.encode()) + 3],
        b"%X" % (len(RAW) - RAW.index(BAD.encode()) - 3),
        RAW[RAW.index(BAD.encode()) + 3 :],
        b"0",
        b"",
    ),
    "a length and chunks": answer(b"%x\r\n%b\r\n0\r\n\r\n" % (len(RAW), RAW), "Transfer-Encoding: chunked"),
    "chunked twice": answer(b"%x\r\n%b\r\n0\r\n\r\n" % (len(RAW), RAW), "Transfer-Encoding: chunked, chunked", length=False),
    "an unknown transfer encoding": answer(RAW, "Transfer-Encoding: secret", length=False),
    "gzip as transfer encoding": answer(gzip.compress(RAW), "Transfer-Encoding: gzip", length=False),
    "two lengths that agree": answer(RAW, f"Content-Length: {len(RAW)}"),
    "two lengths that differ": answer(RAW, "Content-Length: 5"),
    "a length with a sign": answer(RAW, f"Content-Length: +{len(RAW)}", length=False),
    "no length at all": answer(RAW, length=False),
    "HTTP/0.9": RAW,
    "HTTP/1.0": answer(RAW).replace(b"HTTP/1.1", b"HTTP/1.0"),
    "a header folded over two lines": answer(RAW, "X-Long: a\r\n Content-Encoding: rot13"),
    "bare line feeds": answer(RAW).replace(b"\r\n", b"\n"),
}
PAGES = ENCODINGS | CHARSETS | TYPES | FRAMING
ESCAPED = "".join(f"\\u{ord(c):04x}" for c in BAD)
DEEP = 200_000
FETCHED = {
    "JSON as a picture": answer(JSON.encode(), kind="image/png"),
    "JSON as a font": answer(JSON.encode(), kind="font/woff2"),
    "JSON as a film": answer(JSON.encode(), kind="video/mp4"),
    "JSON as CSS": answer(JSON.encode(), kind="text/css"),
    "JSON as a script": answer(JSON.encode(), kind="text/javascript"),
    "JSON as wasm": answer(JSON.encode(), kind="application/wasm"),
    "JSON as a download": answer(JSON.encode(), "Content-Disposition: attachment; filename=a.json", kind="application/json"),
    "JSON without a type": answer(JSON.encode(), kind=None),
    "JSON as octet-stream": answer(JSON.encode(), kind="application/octet-stream"),
    "JSON as UTF-16": answer(JSON.encode("utf-16"), kind="application/json"),
    "JSON told as UTF-16": answer(JSON.encode(), kind="application/json; charset=utf-16"),
    "JSON in another charset": answer(JSON.encode(), kind="application/json; charset=iso-2022-jp"),
    "5,000-digit numbers": answer(f'{{"n": {"9" * 5000}, "e": 1e99999, "text": "{BAD}"}}'.encode(), kind="application/json"),
    "400 kB of nesting": answer(b"[" * DEEP + f'"{BAD}"'.encode() + b"]" * DEEP, kind="application/json"),
    "400 kB of nesting in HTML": answer(("<b>" * (DEEP // 3) + BAD).encode()),
    "lone surrogates": answer(f'{{"a": "\\ud83d", "\\udc00": "{BAD} \\ud83d {BAD}"}}'.encode(), kind="application/json"),
    "escapes": answer(f'{{"text": "{ESCAPED}"}}'.encode(), kind="application/json"),
    "escapes inside escapes": answer(json.dumps(json.dumps({"t": json.dumps({"u": f"you {BAD}"})})).encode(), kind="application/json"),
    "entities": answer(f'{{"text": "{"".join(f"&#{ord(c)};" for c in BAD)}"}}'.encode(), kind="application/json"),
    "entities without semicolon": answer(f'{{"html": "<p>{"".join(f"&#x{ord(c):x} " for c in BAD)}"}}'.encode(), kind="application/json"),
    "a prefix for scripts": answer(f"for (;;);{JSON}".encode(), kind="application/x-javascript; charset=utf-8"),
    "another prefix": answer(f")]}}'\n{JSON}".encode(), kind="application/json"),
    "a mark before JSON": answer(b"\xef\xbb\xbf" + JSON.encode(), kind="application/json"),
    "duplicate keys": answer(f'{{"text": "{BAD}", "text": "hello"}}'.encode(), kind="application/json"),
    "lines of JSON": answer(f"{JSON}\n{JSON}\n".encode(), kind="application/x-ndjson"),
    "cut-off JSON": answer(JSON.encode()[:-3], kind="application/json"),
    "single quotes": answer(f"{{'text': '{BAD}'}}".encode(), kind="application/json"),
    "comments in JSON": answer(f'/* a " */ {{"text": "{BAD}"}}'.encode(), kind="application/json"),
    "a bare string": answer(f'"{BAD}"'.encode(), kind="application/json"),
    "plain text as JSON": answer(f"you {BAD}".encode(), kind="application/json"),
    "protobuf": answer(b"\x0a\x08" + BAD.encode(), kind="application/x-protobuf"),
    "control characters": answer(JSON.replace("you ", "you\\u0000").encode(), kind="application/json"),
}
READ = """async path => {
  const out = [];
  for (const how of ["text", "arrayBuffer", "blob", "json"]) {
    try {
      const got = await (await fetch(path))[how]();
      if (how === "text") out.push(got);
      else if (how === "json") out.push(JSON.stringify(got) + String(got && got.text) + String(got && got.html));
      else {
        const bytes = how === "blob" ? await got.arrayBuffer() : got;
        for (const c of ["utf-8", "utf-16le", "utf-16be", "iso-2022-jp"]) out.push(new TextDecoder(c).decode(bytes));
      }
    } catch (e) { out.push("failed: " + e) }
  }
  try { // what a page does with the text of JSON: shows it
    const shown = document.createElement("div"); shown.innerHTML = out[0]; out.push(shown.innerText);
  } catch (e) {}
  return out.join("\\n") }"""


@dataclass
class Visit:
    net: Net
    page: Page

    def alive(self) -> None:
        """The next request works, and so does the proxy."""
        self.page.goto(f"https://{HOST}:{self.net.server.port}/after")
        assert self.page.error == ""
        assert self.page.text() == "still here"


def visits(net_of: Start, browsers: Browsers, routes: dict[str, bytes]) -> Visit:
    after = Reply(b"<p>still here", "text/html; charset=utf-8")
    net = net_of({"/after": after} | {f"/{n}": raw for n, raw in enumerate(routes.values())}, limit=4 * 2**20)
    return Visit(net, browsers.chromium(net).open(f"https://{HOST}:{net.server.port}/after"))


SHOWN = "(document.documentElement ? document.documentElement.outerHTML + document.documentElement.textContent : '')"


def shown(page: Page) -> str:
    """Every reading of what the tab has: its text and source, and both with blanks and marks taken out."""
    everything = str(page.eval(SHOWN)) + page.text()
    return everything + "".join(c for c in everything if c.isalnum())


def named(leaks: list[str]) -> str:
    return ", ".join(leaks)


def each(cases: dict[str, bytes], look: Callable[[int], str], after: Callable[[], None]) -> list[str]:
    """The names of the cases that show the planted word."""
    leaks = []
    for n, name in enumerate(cases):
        if BAD in look(n).casefold():
            leaks.append(name)
        if n % 10 == 0:
            after()
    after()
    return leaks


def test_pages(net_of: Start, browsers: Browsers) -> None:
    visit = visits(net_of, browsers, PAGES)

    def look(n: int) -> str:
        visit.page.goto(f"https://{HOST}:{visit.net.server.port}/{n}")
        return shown(visit.page)

    assert named(each(PAGES, look, visit.alive)) == ""


@pytest.mark.parametrize("cases", [FETCHED, PAGES], ids=["data", "pages"])
def test_what_scripts_get(net_of: Start, browsers: Browsers, cases: dict[str, bytes]) -> None:
    visit = visits(net_of, browsers, cases)
    assert named(each(cases, lambda n: str(visit.page.eval(f"({READ})('/{n}')", 60)), visit.alive)) == ""


def test_the_cases_are_traps(net_of: Start, browsers: Browsers) -> None:
    """Without the filter most of them show the word: a case that never could would prove nothing."""
    visit = visits(net_of, browsers, PAGES | FETCHED)
    flags = (f"--host-resolver-rules=MAP * {LOOPBACK}", "--no-proxy-server", "--ignore-certificate-errors")
    page = browsers.chromium(visit.net, flags=flags).open(f"https://{HOST}:{visit.net.server.port}/after")

    def look(n: int) -> str:
        with suppress(BrowserError):  # one that never ends
            page.goto(f"https://{HOST}:{visit.net.server.port}/{n}", 5)
        return shown(page)

    pages = each(PAGES, look, lambda: None)
    page.goto(f"https://{HOST}:{visit.net.server.port}/after")
    data = [n for n in range(len(PAGES), len(PAGES | FETCHED)) if BAD in str(page.eval(f"({READ})('/{n}')", 60))]
    assert len(pages) >= 45, pages
    assert len(data) >= 25
