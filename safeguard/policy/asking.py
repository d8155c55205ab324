"""A child asks the parents to check what was hidden: how often, and what the page says on which it asks. Pure.

The page knows the code and the kind of what was hidden and nothing else, so a child learns nothing of a text by asking.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from enum import StrEnum

from safeguard.policy import blocked
from safeguard.policy.notice import KIND as KIND_OF
from safeguard.policy.notice import WHAT

KIND = "asked"
"""Of the log's entry; its excerpt is the code that was asked about."""
SHORT_S, MOST_SHORT = 600.0, 5
LONG_S, MOST_LONG = 86_400.0, 20
"""Of one account: at most five in ten minutes, twenty a day."""
UNCHECKED = "unchecked"
_CODE = re.compile(r"([A-Z2-7]{4})-?([A-Z2-7]{4})")


class Asked(StrEnum):
    """What became of it."""

    SENT = "sent"
    AGAIN = "again"
    MANY = "many"
    UNKNOWN = "unknown"


TITLE = {
    "en": "Please check this",
    "ru": "Проверьте, пожалуйста",
    "tr": "Lütfen buna bakın",
    "az": "Zəhmət olmasa, buna baxın",
    "hy": "Խնդրում եմ ստուգել սա",
}
HIDDEN = {
    "en": "SafeGuard hid something from you: {what}. Code {code}. Is that a mistake? Your parents can look at it.",
    "ru": "SafeGuard скрыл от тебя: {what}. Код {code}. Это ошибка? Родители могут посмотреть.",
    "tr": "SafeGuard senden bir şey gizledi: {what}. Kod {code}. Bu bir yanlışlık mı? Annen baban bakabilir.",
    "az": "SafeGuard səndən nəyisə gizlətdi: {what}. Kod {code}. Bu, səhvdir? Valideynlərin baxa bilər.",
    "hy": "SafeGuard-ը քեզանից բան է թաքցրել. {what}։ Կոդ {code}։ Սա սխա՞լ է։ Ծնողներդ կարող են նայել։",
}
NOT_CHECKED = {
    "en": "a page that could not be checked",
    "ru": "страница, которую не удалось проверить",
    "tr": "denetlenemeyen bir sayfa",
    "az": "yoxlana bilməyən səhifə",
    "hy": "էջ, որը չհաջողվեց ստուգել",
}
TYPE = {
    "en": "Type the code of the notice:",
    "ru": "Введи код из сообщения:",
    "tr": "Bildirimdeki kodu yaz:",
    "az": "Bildirişdəki kodu yaz:",
    "hy": "Գրիր ծանուցման կոդը՝",
}
NEXT = {"en": "Next", "ru": "Дальше", "tr": "İleri", "az": "İrəli", "hy": "Առաջ"}
ASK = {
    "en": "Ask my parents to check it",
    "ru": "Попросить родителей проверить",
    "tr": "Annemle babamdan bakmalarını iste",
    "az": "Valideynlərimdən baxmağı xahiş et",
    "hy": "Խնդրել ծնողներիս ստուգել",
}
BECAME = {
    Asked.SENT: {
        "en": "Your parents will see that you asked.",
        "ru": "Родители увидят твою просьбу.",
        "tr": "Annen baban sorduğunu görecek.",
        "az": "Valideynlərin xahişini görəcək.",
        "hy": "Ծնողներդ կտեսնեն քո խնդրանքը։",
    },
    Asked.AGAIN: {
        "en": "You have asked this already. Your parents will see it.",
        "ru": "Ты уже просил об этом. Родители увидят.",
        "tr": "Bunu zaten sordun. Annen baban görecek.",
        "az": "Bunu artıq xahiş etmisən. Valideynlərin görəcək.",
        "hy": "Սա արդեն խնդրել ես։ Ծնողներդ կտեսնեն։",
    },
    Asked.MANY: {
        "en": "This was not sent: you have asked often. Wait a while, or talk to your parents.",
        "ru": "Это не отправлено: просьб уже много. Подожди или поговори с родителями.",
        "tr": "Bu gönderilmedi: çok sordun. Biraz bekle ya da annenle babanla konuş.",
        "az": "Bu göndərilmədi: çox xahiş etmisən. Bir az gözlə və ya valideynlərinlə danış.",
        "hy": "Սա չուղարկվեց. շատ ես խնդրել։ Մի փոքր սպասիր կամ խոսիր ծնողներիդ հետ։",
    },
    Asked.UNKNOWN: {
        "en": "SafeGuard does not know this code now. Load the page where you saw it again, then ask again; or tell your parents the code.",
        "ru": "SafeGuard сейчас не знает этого кода. Загрузи снова страницу, где он был, и попроси ещё раз; или скажи код родителям.",
        "tr": "SafeGuard şu anda bu kodu bilmiyor. Kodu gördüğün sayfayı yeniden yükleyip tekrar sor ya da kodu annene babana söyle.",
        "az": "SafeGuard indi bu kodu tanımır. Onu gördüyün səhifəni yenidən yüklə və bir də xahiş et, ya da kodu valideynlərinə de.",
        "hy": "SafeGuard-ը հիմա այս կոդը չգիտի։ Նորից բեռնիր էջը, որտեղ տեսար այն, և կրկին խնդրիր, կամ կոդն ասա ծնողներիդ։",
    },
}
CLICK = {
    "en": " [Click to ask your parents to check it.]",
    "ru": " [Нажми, чтобы попросить родителей проверить.]",
    "tr": " [Annenle babanın bakmasını istemek için tıkla.]",
    "az": " [Valideynlərindən baxmağı xahiş etmək üçün kliklə.]",
    "hy": " [Սեղմիր՝ ծնողներիդ խնդրելու, որ ստուգեն։]",
}
"""Stands behind a notice in pages in which a click can be heard."""


def may(times: Sequence[float], now: float) -> bool:
    """Whether one more may be sent after those at these times, seconds, ascending."""
    return sum(t > now - SHORT_S for t in times) < MOST_SHORT and sum(t > now - LONG_S for t in times) < MOST_LONG


def code_of(typed: str) -> str:
    """The code that was typed, "" where it is none."""
    found = _CODE.fullmatch("".join(typed.split()).upper()) if len(typed) < 40 else None
    return f"{found[1]}-{found[2]}" if found else ""


def form(lang: str, code: str, category: str, token: str, help_lines: str = "") -> tuple[bytes, str]:
    """(body, content type) of the page with the button that asks. token: goes with it."""
    what = NOT_CHECKED[lang] if category == UNCHECKED else WHAT[lang][KIND_OF.get(category, "")]
    told = f"<p>{html.escape(HIDDEN[lang].format(what=what, code=code))}</p>"
    told += f'<form method="post"><input type="hidden" name="token" value="{html.escape(token)}">{_button(ASK[lang])}</form>'
    return _page(lang, told, help_lines)


def typing(lang: str, said: Asked | None = None, help_lines: str = "") -> tuple[bytes, str]:
    """(body, content type) of the page on which a code is typed. said: what became of the last one."""
    told = _became(lang, said) if said is not None else ""
    told += (
        f'<form><label>{html.escape(TYPE[lang])} <input name="code" maxlength="12" autocomplete="off"></label> {_button(NEXT[lang])}</form>'
    )
    return _page(lang, told, help_lines)


def became(lang: str, said: Asked, help_lines: str = "") -> tuple[bytes, str]:
    """(body, content type) of the page that says what became of it."""
    return _page(lang, _became(lang, said), help_lines)


def link(lang: str, address: str, code: str) -> str:
    """HTML that leads there from a page of ours."""
    return f'<p><a href="{html.escape(address)}?code={code}">{html.escape(ASK[lang])}</a></p>'


def _became(lang: str, said: Asked) -> str:
    return f"<p><b>{html.escape(BECAME[said][lang])}</b></p>"


def _button(text: str) -> str:
    return f'<button style="font:inherit;padding:.4em .8em">{html.escape(text)}</button>'


def _page(lang: str, told: str, help_lines: str) -> tuple[bytes, str]:
    return blocked.document(lang, TITLE[lang], told + (f"<p>{html.escape(help_lines)}</p>" if help_lines else ""))
