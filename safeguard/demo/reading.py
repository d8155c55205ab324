"""What a visitor really got, whatever came as HTML or JSON, as one view: the texts at every item's place, and every string there is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
_PREFIX = re.compile(r"^for \(;;\);")
_SPACE = re.compile(r"\s+")


def plain(text: str) -> str:
    """The text with runs of white space as one space, so that layout makes no difference."""
    return _SPACE.sub(" ", text).strip()


@dataclass(slots=True)
class View:
    """Everything one visit brought.

    places:  item id -> the text at each place marked with it, one for every time it stood somewhere.
    strings: every text, attribute, script, comment and JSON string, unescaped, and every body as it came.
    """

    places: dict[str, list[str]] = field(default_factory=dict)
    strings: list[str] = field(default_factory=list)
    _all: str | None = None

    def add_html(self, body: str) -> None:
        """Read a page, or the serialised live document of one."""
        self._keep(body)
        _Reader(self).take(body)

    def add_json(self, body: str) -> None:
        """Read an answer, a WebSocket message or an event. What is not JSON (a blocked answer) still counts as a string."""
        self._keep(body)
        try:
            value = json.loads(_PREFIX.sub("", body))
        except ValueError:
            return
        for item in _objects(value):
            for key in ("text", "html"):
                if isinstance(item.get("id"), str) and isinstance(item.get(key), str):
                    self._at(item["id"], _text_of(item[key]) if key == "html" else item[key])
        for text in _strings(value):
            self._keep(text)
            if "<" in text:
                self._keep(_text_of(text))

    def stands_anywhere(self, text: str) -> bool:
        """Whether the text stands in anything that came."""
        if self._all is None:
            self._all = "\0".join(map(plain, self.strings))
        return plain(text) in self._all

    def _at(self, item: str, text: str) -> None:
        self.places.setdefault(item, []).append(plain(text))

    def _keep(self, text: str) -> None:
        self._all = None
        self.strings.append(text)


class _Reader(HTMLParser):
    """Collects texts and attributes, and the text inside every element that carries a data-id."""

    def __init__(self, view: View) -> None:
        super().__init__(convert_charrefs=True)
        self._view = view
        self._open: list[tuple[str, str, list[str]]] = []  # tag, data-id or "", texts inside

    def take(self, body: str) -> None:
        self.feed(body)
        self.close()
        while self._open:
            self._end()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {k: v or "" for k, v in attrs}
        for value in found.values():
            self._view._keep(value)
        if tag in VOID:
            if "data-id" in found:
                self._view._at(found["data-id"], found.get("alt", ""))
        else:
            self._open.append((tag, found.get("data-id", ""), []))

    def handle_endtag(self, tag: str) -> None:
        if any(t == tag for t, _, _ in self._open):
            while self._end() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._view._keep(data)
        for _, _, texts in self._open:
            texts.append(data)

    def handle_comment(self, data: str) -> None:
        self._view._keep(data)

    def _end(self) -> str:
        tag, item, texts = self._open.pop()
        text = "".join(texts)
        if item:
            self._view._at(item, text)
        self._view._keep(text)  # whole, because a text may be split over several nodes
        if tag == "script" and text.lstrip().startswith("{"):
            self._view.add_json(text)
        return tag


def _text_of(markup: str) -> str:
    view = View()
    reader = _Reader(view)
    reader.feed(f"<div data-id='all'>{markup}")
    reader.take("")
    return view.places["all"][0]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(child)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, child in value.items():
            yield key
            yield from _strings(child)
    elif isinstance(value, list):
        for child in value:
            yield from _strings(child)
