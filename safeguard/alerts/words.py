"""What a message says, in the parent's language: kind of find, site, count and code, nothing that a stranger wrote."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
CERTIFICATE = {
    "en": "its certificate waits for you. See: safeguard ca show",
    "ru": "сертификат ждёт вашего решения, см.: safeguard ca show",
    "tr": "sertifikası kararınızı bekliyor, bakın: safeguard ca show",
    "az": "sertifikatı qərarınızı gözləyir, baxın: safeguard ca show",
    "hy": "վկայագիրը սպասում է ձեր որոշմանը, տես՝ safeguard ca show",
}
# a host stands for a site that has no profile; nothing else than a name may reach a desktop that reads markup
_NAME = re.compile(r"[^\w.\- ]")


def message(alerts: Sequence[Alert], lang: str) -> str:
    """The text of one message about these alerts (one or more). lang: one of the notices' languages."""
    kinds = list(dict.fromkeys(CERTIFICATE[lang] if a.category == "certificate" else WHAT[lang][KIND.get(a.category, "")] for a in alerts))
    sites = list(dict.fromkeys(_NAME.sub("", a.site)[:60] for a in alerts))
    site = ", ".join(sites[:MOST_SITES]) + (" …" if len(sites) > MOST_SITES else "")
    if len(alerts) == 1:
        return ONE[lang].format(site=site, what=kinds[0], code=_NAME.sub("", alerts[0].code)[:20])
    return MANY[lang].format(count=len(alerts), site=site, what=", ".join(kinds))
