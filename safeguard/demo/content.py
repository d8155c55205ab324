"""The sample network's texts, read from posts/*.yaml: what stands where, and whether the filter must hide it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from safeguard import strict_yaml
from safeguard.matching.verdict import Category

LANGUAGES = ("en", "ru", "tr", "az", "hy")
KINDS = ("post", "comment", "message", "poll", "option", "bio", "name", "alt", "caption", "live-ws", "live-sse")
GROUPLESS = (Category.PERSONAL_THREAT,)


@dataclass(frozen=True, slots=True)
class Item:
    """One text of the sample network.

    harmful:  the filter must hide it; else it must show it.
    category: of a harmful text, else None; group: whom it attacks ("" for a personal threat or a harmless text).
    topic:    of a harmless text ("news", "denouncement", "game" …), else "".
    poll:     for an option: id of the poll it belongs to; picture: which drawing an alt or caption belongs to.
    """

    id: str
    lang: str
    kind: str
    text: str
    author: str
    harmful: bool
    category: Category | None = None
    group: str = ""
    topic: str = ""
    disguise: str = ""
    poll: str = ""
    picture: str = ""


def _item(raw: dict[str, Any], lang: str, author: str) -> Item:
    harmful = {"harmful": True, "harmless": False}[raw["label"]]
    return Item(
        id=raw["id"],
        lang=lang,
        kind=raw["kind"],
        text=raw["text"],
        author=author,
        harmful=harmful,
        category=Category(raw["category"]) if harmful else None,
        group=raw.get("group", ""),
        topic=raw.get("topic", ""),
        disguise=raw.get("disguise", ""),
        poll=raw.get("poll", ""),
        picture=raw.get("picture", ""),
    )


@cache
def _file(lang: str) -> dict[str, Any]:
    name = f"{lang}.yaml"
    data: dict[str, Any] = strict_yaml.load(name, (files("safeguard.demo") / "posts" / name).read_bytes())
    return data


@cache
def items() -> tuple[Item, ...]:
    """Every text, language by language, in the order of the pages."""
    out: list[Item] = []
    for lang in LANGUAGES:
        authors = _file(lang)["authors"]
        out += (_item(raw, lang, authors[n % len(authors)]) for n, raw in enumerate(_file(lang)["items"]))
    return tuple(out)


@cache
def ui(lang: str) -> dict[str, str]:
    """The words of the network's own buttons and headings in a language."""
    return dict(_file(lang)["ui"])
