"""What a message says, in the parent's language: kind of find, site, count and code, nothing that a stranger wrote."""

from __future__ import annotations

import re
from collections.abc import Sequence

from safeguard.policy import pin_entry
from safeguard.policy.alert import Alert
from safeguard.policy.notice import KIND, WHAT

TITLE = "SafeGuard"
MOST_SITES = 3
ONE = {
    "en": "{site}: {what}. Code {code}",
    "ru": "{site}: {what}. Код {code}",
    "tr": "{site}: {what}. Kod {code}",
    "az": "{site}: {what}. Kod {code}",
    "hy": "{site}. {what}։ Կոդ {code}",
}
MANY = {
    "en": "{count} texts on {site}: {what}. See: safeguard log list",
    "ru": "Текстов: {count}, {site}: {what}. Подробнее: safeguard log list",
    "tr": "{count} metin, {site}: {what}. Bakın: safeguard log list",
    "az": "{count} mətn, {site}: {what}. Baxın: safeguard log list",
    "hy": "{count} տեքստ, {site}. {what}։ Տես՝ safeguard log list",
}
PIN = {
    "en": {pin_entry.GUESSED: "Somebody is guessing the PIN. Code {code}", pin_entry.CHANGED: "The PIN was changed. Code {code}"},
    "ru": {pin_entry.GUESSED: "Кто-то подбирает ПИН-код. Код {code}", pin_entry.CHANGED: "ПИН-код изменён. Код {code}"},
    "tr": {pin_entry.GUESSED: "Biri PIN'i tahmin etmeye çalışıyor. Kod {code}", pin_entry.CHANGED: "PIN değiştirildi. Kod {code}"},
    "az": {pin_entry.GUESSED: "Kimsə PIN-i tapmağa çalışır. Kod {code}", pin_entry.CHANGED: "PIN dəyişdirildi. Kod {code}"},
    "hy": {pin_entry.GUESSED: "Ինչ-որ մեկը փորձում է գուշակել PIN-ը։ Կոդ {code}", pin_entry.CHANGED: "PIN-ը փոխվել է։ Կոդ {code}"},
}
# a host stands for a site that has no profile; nothing else than a name may reach a desktop that reads markup
_NAME = re.compile(r"[^\w.\- ]")


def message(alerts: Sequence[Alert], lang: str) -> str:
    """The text of one message about these alerts (one or more). lang: one of the notices' languages."""
    said = {a.category: PIN[lang][a.category].format(code=_code(a)) for a in alerts if a.category in PIN[lang]}
    finds = [a for a in alerts if a.category not in PIN[lang]]
    return "\n".join([*said.values(), *([_of_finds(finds, lang)] if finds else [])])


def _of_finds(alerts: Sequence[Alert], lang: str) -> str:
    kinds = list(dict.fromkeys(WHAT[lang][KIND.get(a.category, "")] for a in alerts))
    sites = list(dict.fromkeys(_NAME.sub("", a.site)[:60] for a in alerts))
    site = ", ".join(sites[:MOST_SITES]) + (" …" if len(sites) > MOST_SITES else "")
    if len(alerts) == 1:
        return ONE[lang].format(site=site, what=kinds[0], code=_code(alerts[0]))
    return MANY[lang].format(count=len(alerts), site=site, what=", ".join(kinds))


def _code(alert: Alert) -> str:
    return _NAME.sub("", alert.code)[:20]
