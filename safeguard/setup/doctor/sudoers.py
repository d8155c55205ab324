"""Who may become root by sudo's rules. Pure; the rules as text, as much of them as says who, not what."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

_ENTRY = re.compile(r"^(?P<who>[^=]*?)\s+(?P<hosts>[^\s=]+(?:\s*,\s*[^\s=]+)*)\s*=\s*(?P<what>.*)$")


def lines_for(texts: Iterable[tuple[str, str]], account: str, uid: int, groups: Collection[str]) -> tuple[str, ...]:
    """What gives that account a right, as `file: line`; texts: (file's name, content). Rules for groups in ADMIN_GROUPS count too."""
    logical = [(name, line) for name, data in texts for line in _logical(data)]
    defined = [part for _, line in logical if line.startswith("User_Alias") for part in line.removeprefix("User_Alias").split(":")]
    aliases = {name.strip(): _names(members) for name, _, members in (part.partition("=") for part in defined)}
    out = []
    for name, line in logical:
        found = _ENTRY.match(line)
        if found is None or line.startswith(("Defaults", "User_Alias", "Runas_Alias", "Host_Alias", "Cmnd_Alias", "Cmd_Alias", "@")):
            continue
        if _meant(_names(found["who"]), account, uid, groups, aliases):
            out.append(f"{name}: {line}")
    return tuple(out)


def _logical(data: str) -> list[str]:
    """Lines joined where they go on, without comments; `#1000` at the start is an account's number."""
    joined = re.sub(r"\\\n\s*", " ", data)
    return [line.strip() for raw in joined.splitlines() if (line := re.sub(r"(?<![\w%])#(?!\d).*$", "", raw)).strip()]


def _names(text: str) -> list[str]:
    return [n.strip().strip('"').replace("\\ ", " ") for n in text.split(",") if n.strip()]


def _meant(names: Iterable[str], account: str, uid: int, groups: Collection[str], aliases: dict[str, list[str]], deep: int = 0) -> bool:
    meant = False
    for name in names:
        no, plain = name.startswith("!"), name.lstrip("!").strip()
        if plain in aliases and deep < 8:
            fits = _meant(aliases[plain], account, uid, groups, aliases, deep + 1)
        else:
            fits = plain in ("ALL", account, f"#{uid}") or (plain.startswith("%") and plain[1:] in groups)
        if fits:
            meant = not no  # the last that fits counts
    return meant
