"""The picture of a hidden text as the child gets it: of the same type, and so blurred that nothing can be made out in it.

Pictures are outside bytes: they are decoded in bounds, and what cannot be decoded becomes a plain grey one. The original never goes out.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib

from PIL import Image

from safeguard.formats.bodies import essence

MOST_BYTES = 12 * 2**20
"""Of a file that is decoded."""
MOST_PIXELS = 16_000_000
"""Of a picture that is decoded: 64 MB."""
MOST_JPEG_PIXELS = 60_000_000
"""Of a JPEG that can be decoded at an eighth while it is read, which a progressive one cannot; telephones make 12 to 50 million."""
SHADES = 3
"""Pixels that are left along the longer side. Six still showed a symbol of five strokes that fills the picture."""
MOST_SCANS = 60
"""Of a progressive JPEG, which has ten; each of thousands would cost as much as the first."""
LONGEST_SIDE = 1200
_GREY = (154, 154, 154)
_DRAFT = 256
FORMATS = {
    "image/jpeg": "JPEG",
    "image/jpg": "JPEG",
    "image/pjpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
    "image/bmp": "BMP",
}
_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp", "AVIF": "image/avif", "BMP": "image/bmp"}
_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3 2"><rect width="3" height="2" fill="#9a9a9a"/></svg>'
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    OverflowError,
    RuntimeError,
    EOFError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What Pillow's decoders raise for broken files."""
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)  # else a line on standard error for each such picture


def blurred(data: bytes, content_type: str) -> tuple[bytes, str]:
    """(body, content type) of what goes out instead of a picture without Content-Encoding. Never raises for any bytes."""
    media = essence(content_type)
    if media == "image/svg+xml" or (media not in FORMATS and data.lstrip()[:5].lower() in (b"<?xml", b"<svg ", b"<svg>")):
        return _SVG, "image/svg+xml"
    try:
        small, size, found = _decoded(data)
    except _BROKEN:
        return grey(content_type)
    wanted = FORMATS.get(media, found)
    try:
        return _encoded(small.resize(size, Image.Resampling.BICUBIC), wanted)
    except _BROKEN:  # a Pillow built without this format
        return _encoded(small, "PNG")


def grey(content_type: str) -> tuple[bytes, str]:
    """(body, content type) of a plain grey picture of that type; PNG where the type is none that we write."""
    media = essence(content_type)
    if media == "image/svg+xml":
        return _SVG, media
    plain = Image.new("RGB", (30, 20), _GREY)
    try:
        return _encoded(plain, FORMATS.get(media, "PNG"))
    except _BROKEN:
        return _encoded(plain, "PNG")


def _decoded(data: bytes) -> tuple[Image.Image, tuple[int, int], str]:
    """(a few pixels, the size that goes out, the format found). Raises one of _BROKEN."""
    if len(data) > MOST_BYTES:
        raise ValueError("too many bytes")
    if data.startswith(b"\xff\xd8") and data.count(b"\xff\xda") > MOST_SCANS:
        raise ValueError("too many scans")
    with Image.open(io.BytesIO(data), formats=list(_TYPES)) as image:
        found = image.format or ""
        width, height = image.size
        most = MOST_JPEG_PIXELS if found == "JPEG" and not image.info.get("progressive") else MOST_PIXELS
        if width * height > most or not width or not height:
            raise ValueError("too many pixels")
        image.draft("RGB", (_DRAFT, _DRAFT))  # JPEG is decoded at an eighth
        if image.size[0] * image.size[1] > MOST_PIXELS:
            raise ValueError("too many pixels")
        near = Image.Resampling.NEAREST if image.mode in ("1", "P") else Image.Resampling.BOX
        shown = image.resize((min(_DRAFT, image.width), min(_DRAFT, image.height)), near).convert("RGBA")
        flat = Image.new("RGB", shown.size, _GREY)
        flat.paste(shown, mask=shown.getchannel("A"))  # an outline cut out of nothing would show
    longer = max(width, height)
    few = max(1, round(SHADES * width / longer)), max(1, round(SHADES * height / longer))
    scale = min(1.0, LONGEST_SIDE / longer)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return flat.resize(few, Image.Resampling.BOX), size, found


def _encoded(image: Image.Image, wanted: str) -> tuple[bytes, str]:
    out = io.BytesIO()
    image.save(out, wanted)
    return out.getvalue(), _TYPES[wanted]
