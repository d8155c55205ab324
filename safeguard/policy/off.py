"""The page or answer that goes out while a child's social networks are off: who switched them off, until when, where help is. Pure."""

from __future__ import annotations

import html
import json

from safeguard.policy import blocked
from safeguard.policy.hours import Shut, clock

TITLE = {
    "en": "Social networks are off now",
    "ru": "Сейчас соцсети отключены",
    "tr": "Sosyal ağlar şu anda kapalı",
    "az": "Sosial şəbəkələr indi bağlıdır",
    "hy": "Սոցիալական ցանցերն այժմ անջատված են",
}
UNTIL = {
    "en": "SafeGuard keeps this site closed until {until}. Your parents chose this time.",
    "ru": "SafeGuard не открывает этот сайт до {until}. Это время выбрали родители.",
    "tr": "SafeGuard bu siteyi saat {until} olana kadar açmıyor. Bu saati annen baban seçti.",
    "az": "SafeGuard bu saytı saat {until} olana qədər açmır. Bu vaxtı valideynlərin seçib.",
    "hy": "SafeGuard-ը այս կայքը փակ է պահում մինչև {until}։ Այս ժամը ծնողներդ են ընտրել։",
}
ALWAYS = {
    "en": "SafeGuard keeps this site closed. Your parents chose this. If you need it, ask them.",
    "ru": "SafeGuard не открывает этот сайт: так решили родители. Если он тебе нужен, спроси их.",
    "tr": "SafeGuard bu siteyi açmıyor. Buna annen baban karar verdi. Gerekiyorsa onlara sor.",
    "az": "SafeGuard bu saytı açmır. Bunu valideynlərin qərara alıb. Lazımdırsa, onlardan soruş.",
    "hy": "SafeGuard-ը այս կայքը փակ է պահում։ Այդպես են որոշել ծնողներդ։ Եթե քեզ պետք է, հարցրու նրանց։",
}
STATUS = 403


def page(lang: str, shut: Shut, help_lines: str = "") -> tuple[bytes, str]:
    """(body, content type) of the page shown for a document. help_lines: where help is, in a sentence."""
    told = f"<p>{html.escape(_text(lang, shut))}</p>" + (f"<p>{html.escape(help_lines)}</p>" if help_lines else "")
    return blocked.document(lang, TITLE[lang], told)


def answer(lang: str, shut: Shut) -> tuple[bytes, str]:
    """(body, content type) of the answer given to a script's request."""
    said = {"error": "blocked by SafeGuard", "message": TITLE[lang], "why": _text(lang, shut)}
    return json.dumps(said, ensure_ascii=False).encode(), "application/json; charset=utf-8"


def _text(lang: str, shut: Shut) -> str:
    return ALWAYS[lang] if shut.until is None else UNTIL[lang].format(until=clock(shut.until))
