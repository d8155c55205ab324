"""What a message says, in the parent's language: kind of find, site, count and code, nothing that a stranger wrote."""

from __future__ import annotations

import re
from collections.abc import Sequence

from safeguard.policy import asking, pin_entry
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
CERTIFICATE = {
    "en": "its certificate waits for you. See: safeguard ca show",
    "ru": "сертификат ждёт вашего решения, см.: safeguard ca show",
    "tr": "sertifikası kararınızı bekliyor, bakın: safeguard ca show",
    "az": "sertifikatı qərarınızı gözləyir, baxın: safeguard ca show",
    "hy": "վկայագիրը սպասում է ձեր որոշմանը, տես՝ safeguard ca show",
}
ASKED = {
    "en": "Your child asks you to check something that was hidden. Code {code}",
    "ru": "Ребёнок просит вас проверить то, что было скрыто. Код {code}",
    "tr": "Çocuğunuz gizlenen bir şeye bakmanızı istiyor. Kod {code}",
    "az": "Uşağınız gizlədilmiş bir şeyə baxmağınızı xahiş edir. Kod {code}",
    "hy": "Ձեր երեխան խնդրում է ստուգել թաքցվածը։ Կոդ {code}",
}
ACCOUNT = {
    "en": "Account: {names}",
    "ru": "Учётная запись: {names}",
    "tr": "Hesap: {names}",
    "az": "Hesab: {names}",
    "hy": "Հաշիվ՝ {names}",
}
TRIAL = {
    "en": "This is a test. Alerts of SafeGuard come here.",
    "ru": "Это проверка. Сюда будут приходить оповещения SafeGuard.",
    "tr": "Bu bir denemedir. SafeGuard uyarıları buraya gelecek.",
    "az": "Bu, sınaqdır. SafeGuard xəbərdarlıqları bura gələcək.",
    "hy": "Սա փորձ է։ SafeGuard-ի ծանուցումները կգան այստեղ։",
}
# a host stands for a site that has no profile; nothing else than a name may reach a desktop that reads markup
_NAME = re.compile(r"[^\w.\- ]")


def message(alerts: Sequence[Alert], lang: str, accounts: bool = False) -> str:
    """The text of one message about these alerts (one or more). lang: one of the notices' languages; accounts: whether they are named."""
    alone = PIN[lang] | {asking.KIND: ASKED[lang]}
    said = {a.category: alone[a.category].format(code=_code(a)) for a in alerts if a.category in alone}
    finds = [a for a in alerts if a.category not in alone]
    names = list(dict.fromkeys(name for a in alerts if accounts and (name := _NAME.sub("", a.account)[:60])))
    named = [ACCOUNT[lang].format(names=", ".join(names[:MOST_SITES]) + (" …" if len(names) > MOST_SITES else ""))] if names else []
    return "\n".join([*said.values(), *([_of_finds(finds, lang)] if finds else []), *named])


def _of_finds(alerts: Sequence[Alert], lang: str) -> str:
    kinds = list(dict.fromkeys(_what(a, lang) for a in alerts))
    sites = list(dict.fromkeys(_NAME.sub("", a.site)[:60] for a in alerts))
    site = ", ".join(sites[:MOST_SITES]) + (" …" if len(sites) > MOST_SITES else "")
    if len(alerts) == 1:
        return ONE[lang].format(site=site, what=kinds[0], code=_code(alerts[0]))
    return MANY[lang].format(count=len(alerts), site=site, what=", ".join(kinds))


def _code(alert: Alert) -> str:
    return _NAME.sub("", alert.code)[:20]


def _what(alert: Alert, lang: str) -> str:
    return CERTIFICATE[lang] if alert.category == "certificate" else WHAT[lang][KIND.get(alert.category, "")]
