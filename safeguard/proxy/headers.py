"""The few headers that the proxy changes, and what it changes in them. Nothing else of a request or response is altered."""

from __future__ import annotations

import re

from mitmproxy.http import Headers

EDITED_NEVER = (
    "content-encoding",
    "transfer-encoding",
    "etag",
    "last-modified",
    "accept-ranges",
    "content-range",
    "content-md5",
    "digest",
    "content-digest",
    "repr-digest",
    "trailer",
)
"""What is no longer true of an edited body. Without a validator no cache can be told that its old copy is still good."""

CONDITIONS = ("if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range", "range")
FOR_OTHER_ORIGINS = (
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "cross-origin-resource-policy",
    "timing-allow-origin",
    "vary",
)
"""Without these a page of another origin may not show the picture at all."""

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)", re.IGNORECASE)


def ask_readable(headers: Headers) -> None:
    """Of a request: ask for encodings that we decode as the browser does, and for no dictionary and no compressed frames."""
    offered = headers.get("accept-encoding", "").lower()
    events = "text/event-stream" in headers.get("accept", "").lower()
    headers["accept-encoding"] = "gzip" if "gzip" in offered and not events else "identity"
    for name in ("available-dictionary", "dictionary-id", "sec-websocket-extensions"):
        headers.pop(name, None)


def ask_whole(headers: Headers) -> None:
    """Of a request for what goes out changed: the whole of it, since "not modified" would show the browser's old copy."""
    for name in CONDITIONS:
        headers.pop(name, None)


def no_way_round(headers: Headers) -> None:
    """Of a response: no HTTP/3 beside the proxy, no compression dictionary for later."""
    for name in ("alt-svc", "use-as-dictionary"):
        headers.pop(name, None)


def of_edited(headers: Headers, size: int) -> None:
    """Of a response whose body we changed to `size` bytes."""
    for name in EDITED_NEVER:
        headers.pop(name, None)
    headers["content-length"] = str(size)
    headers["cache-control"] = "no-store"  # a corrected rule must show at the next visit


def is_whole(content_range: str) -> bool:
    """Whether a Content-Range says that the part is the whole."""
    found = _RANGE.fullmatch(content_range.strip())
    return bool(found) and int(found[1]) == 0 and int(found[2]) + 1 == int(found[3]) if found else False
