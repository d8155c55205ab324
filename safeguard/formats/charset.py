"""Bytes to text and back as browsers do it (WHATWG Encoding): BOM, then Content-Type, then <meta>; what cannot come back is Unchecked.

Undecodable bytes become lone surrogates and come back as the same bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from safeguard.errors import Unchecked

_LABELS = {
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8",
    "cp866": "866 cp866 csibm866 ibm866",
    "iso8859-2": "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2",
    "iso8859-5": "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988",
    "iso8859-7": "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7 sun_eu_greek",
    "iso8859-15": "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9",
    "koi8-r": "cskoi8r koi koi8 koi8-r koi8_r",
    "koi8-u": "koi8-ru koi8-u",
    "cp1250": "cp1250 windows-1250 x-cp1250",
    "cp1251": "cp1251 windows-1251 x-cp1251",
    "cp1252": "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1"
    " latin1 us-ascii windows-1252 x-cp1252",
    "cp1253": "cp1253 windows-1253 x-cp1253",
    "cp1254": "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254",
    "cp1256": "cp1256 windows-1256 x-cp1256",
    "cp1257": "cp1257 windows-1257 x-cp1257",
    "gb18030": "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk gb18030",
    "big5": "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
    "cp932": "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis",
    "euc-jp": "cseucpkdfmtjapanese euc-jp x-euc-jp",
    "cp949": "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949",
    "utf-16-be": "unicodefffe utf-16be",
    "utf-16-le": "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le",
}
LABELS = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}
"""WHATWG label -> Python codec. Left out on purpose, so Unchecked: UTF-7, UTF-32, ISO-2022-JP, HZ, x-user-defined and rarer ones."""

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"))
_PARAM = re.compile(r";\s*charset\s*=\s*(?:\"([^\"]*)\"|([^\s;\"]+))", re.I)
_META = re.compile(rb"<meta\b[^>]{0,1024}?\bcharset\s*=\s*[\"']?\s*([^\s\"'/>;]+)", re.I)
_XML = re.compile(rb"<\?xml\b[^>]{0,256}?\bencoding\s*=\s*[\"']([^\"']+)", re.I)
_LONE = re.compile("[\udc80-\udcff]")
_UTF16 = re.compile(rb"[\x00-\x08\x0e-\x1f]")
"""What UTF-16 of any of our languages is full of, and UTF-8 text free of."""
_PRESCAN = 1024  # bytes, WHATWG HTML 13.2.3.2


@dataclass(frozen=True, slots=True)
class Text:
    """A decoded body. bom: the bytes before the text. ascii_only: the charset lacks most letters a notice needs."""

    text: str
    codec: str
    bom: bytes = b""

    @property
    def ascii_only(self) -> bool:
        return not self.codec.startswith("utf") and self.codec != "gb18030"

    @property
    def errors(self) -> str:
        return "surrogatepass" if self.codec.startswith("utf-16") else "surrogateescape"

    def encoded(self, text: str) -> bytes:
        """The text in the body's own charset. Raises Unchecked where a letter has no place in it."""
        try:
            return self.bom + text.encode(self.codec, self.errors)
        except UnicodeEncodeError as e:
            raise Unchecked(f"the changed text does not fit into charset {self.codec}") from e


def label(name: str) -> str:
    """Python codec of a charset label. Raises Unchecked for one we do not read as browsers do."""
    codec = LABELS.get(name.strip(" \t\n\f\r").lower())
    if codec is None:
        raise Unchecked(f"charset {name.strip()[:40]!r} is not one SafeGuard reads")
    return codec


def declared(content_type: str) -> str:
    """The charset parameter of a Content-Type header or ""."""
    m = _PARAM.search(content_type)
    return (m[1] or m[2] or "") if m else ""


def _inner(data: bytes) -> str:
    """The charset a page or an XML document declares in itself, "" if none; UTF-16 there means UTF-8, as browsers have it."""
    head = data[:_PRESCAN]
    m = _XML.match(head.lstrip()) or _META.search(head)
    name = m[1].decode("ascii", "replace") if m else ""
    return "utf-8" if LABELS.get(name.lower(), "").startswith("utf-16") else name


def decode(data: bytes, content_type: str, markup: bool, script: bool = False) -> Text:
    """The text of a body; markup: whether it is HTML or XML, whose own declaration counts.

    script: a script asked for it, whose fetch() takes all for UTF-8 whatever the header says: what can be UTF-8 is.
    Raises Unchecked for an unknown charset and for bytes that would not come back as they were.
    """
    for bom, codec in _BOMS:
        if data.startswith(bom):
            if bom == b"\xff\xfe" and data[2:4] == b"\0\0":
                raise Unchecked("UTF-32 is not a charset browsers read")
            return _decoded(data[len(bom) :], codec, bom)
    name = declared(content_type)
    if name:
        codec = label(name)
        return _decoded(data, "utf-8" if script and not codec.startswith("utf-16") and _is_utf8(data) else codec, b"")
    inner = _inner(data) if markup else ""
    if inner:
        return _decoded(data, label(inner), b"")
    text = _decoded(data, "utf-8", b"")
    if markup and _LONE.search(text.text):
        raise Unchecked("a page that names no charset and is not UTF-8: browsers guess, and may guess otherwise")
    return text


def is_utf8_by_name(data: bytes, content_type: str, markup: bool) -> bool:
    """Whether `decode` reads data that has no BOM and is valid UTF-8 as just that."""
    name = declared(content_type) or (_inner(data) if markup else "")
    return LABELS.get(name.strip(" \t\n\f\r").lower(), "") == "utf-8" if name else True


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decoded(data: bytes, codec: str, bom: bytes) -> Text:
    if codec.startswith("utf-16") and not _UTF16.search(data) and data and _is_utf8(data):
        raise Unchecked("it says it is UTF-16 and is not: scripts may read it otherwise")
    errors = "surrogatepass" if codec.startswith("utf-16") else "surrogateescape"
    try:
        text = data.decode(codec, errors)
        same = codec == "utf-8" or text.encode(codec, errors) == data
    except UnicodeError as e:
        raise Unchecked(f"the body is not valid {codec}") from e
    if not same:
        raise Unchecked(f"the body would not come back byte for byte in {codec}")
    return Text(text, codec, bom)
