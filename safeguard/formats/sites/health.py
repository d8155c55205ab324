"""Does an answer still look as its site's profile expects? A search in the bytes, no parsing: it is asked once a minute a site. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from safeguard.formats.sites.model import Healthy, Selector, SiteProfile

SMALLEST = 2048
"""Bytes of a body that is looked at: what is smaller tells of errors and settings, not of posts."""
MOST = 2**20
"""Bytes from its beginning that are searched."""
_AFTER_KEY = rb"(?:\\*[\"']|&quot;|&#0*34;)\s*:"
_IN_TAG = rb"[^<>]{0,1500}"
_IN_CLASS = rb"[^\"'<>\\]{0,300}?"


def expected(site: SiteProfile, url: str, html: bool) -> Healthy | None:
    """What this answer ought to have in it, None where the profile says nothing of such answers."""
    for healthy in site.healthy:
        if healthy.html == html and (not healthy.parts or any(part in url for part in healthy.parts)):
            return healthy
    return None


def is_healthy(healthy: Healthy, body: bytes) -> bool:
    """Whether any one of its marks is in a body without Content-Encoding."""
    return any(mark.search(body, 0, MOST) for mark in _marks(healthy))


@lru_cache(256)
def _marks(healthy: Healthy) -> tuple[re.Pattern[bytes], ...]:
    # keys stand in JSON, in strings of JSON in scripts (escaped quotes) and in attributes (entities)
    keys = (re.escape(key.encode()) for key in healthy.keys)
    return (*(re.compile(key + rb"(?<![\w$-]" + key + rb")" + _AFTER_KEY) for key in keys), *map(_tag, healthy.selectors))


def _tag(selector: Selector) -> re.Pattern[bytes]:
    """An element's opening tag, in HTML or in a string of JSON; lengths are bounded, so that no page costs much."""
    wanted = [_attribute("class", re.escape(name.encode()), word=True) for name in sorted(selector.classes)]
    wanted += [_attribute(name, None if value is None else re.escape(value.encode())) for name, value in selector.attributes]
    tag = re.escape(selector.tag.encode()) + rb"(?![\w-])" if selector.tag else rb"[a-z]"
    return re.compile(rb"(?i:<" + tag + rb")" + b"".join(wanted))


def _attribute(name: str, value: bytes | None, word: bool = False) -> bytes:
    start = rb"(?=" + _IN_TAG + rb"\s" + re.escape(name.encode())
    if value is None:
        return start + rb"(?![\w:-]))"
    if word:
        return start + rb"\s*=\s*\\*[\"']?" + _IN_CLASS + rb"(?<![\w-])" + value + rb"(?![\w-]))"
    return start + rb"\s*=\s*\\*[\"']?" + value + rb"(?![\w:-]))"
