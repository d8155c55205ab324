"""From what a parent knows (a mail account, a topic, a bot) to an address for alerts, as apprise writes them. Addresses are secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

_TOPIC = re.compile(r"[\w-]{6,64}", re.A)
_BOT = re.compile(r"\d{5,20}:[\w-]{20,100}", re.A)
_CHAT = re.compile(r"-?\d{1,20}|@?[A-Za-z]\w{2,60}", re.A)
_MAIL = re.compile(r"[^\s@/?&#:]{1,100}@((?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63})", re.I | re.A)
_SERVER = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}", re.I | re.A)


def made(fields: Mapping[str, str]) -> str | None:
    """The address that a form of the page describes; None where it describes none. `kind` says which form."""
    given = {name: value.strip() for name, value in fields.items()}

    def of(name: str) -> str:
        return given.get(name, "")

    match of("kind"):
        case "ntfy" if _TOPIC.fullmatch(of("topic")):
            return f"ntfys://ntfy.sh/{of('topic')}"
        case "telegram" if _BOT.fullmatch(of("bot")) and _CHAT.fullmatch(of("chat")):
            return f"tgram://{of('bot')}/{of('chat')}"
        case "mail":
            return _mail(of("from"), fields.get("password", ""), of("to") or of("from"), of("server"))
        case "address":
            return of("address") or None
    return None


def _mail(sender: str, password: str, to: str, server: str) -> str | None:
    found = _MAIL.fullmatch(sender)
    if not (found and _MAIL.fullmatch(to) and password and (not server or _SERVER.fullmatch(server))):
        return None
    values = {"user": sender, "pass": password, "from": sender, "to": to} | ({"smtp": server} if server else {})
    return f"mailtos://{found[1]}?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())
