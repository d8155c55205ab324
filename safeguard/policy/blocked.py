"""The page or answer that goes out where a body could not be checked: says so, carries nothing of the original. Pure."""

from __future__ import annotations

import html
import json

from safeguard.policy import bad_server, unreached, unread

TITLE = {
    "en": "SafeGuard could not check this page",
    "ru": "SafeGuard не смог проверить эту страницу",
    "tr": "SafeGuard bu sayfayı denetleyemedi",
    "az": "SafeGuard bu səhifəni yoxlaya bilmədi",
    "hy": "SafeGuard-ը չկարողացավ ստուգել այս էջը",
}
TEXT = {
    "en": "It is not shown, to be safe. A parent finds it in the log under code {code}.",
    "ru": "Для безопасности она не показана. Родители найдут её в журнале под кодом {code}.",
    "tr": "Güvenlik için gösterilmiyor. Anne baban onu kayıtta {code} koduyla bulur.",
    "az": "Təhlükəsizlik üçün göstərilmir. Valideynlər onu jurnalda {code} kodu ilə tapır.",
    "hy": "Անվտանգության համար այն ցույց չի տրվում։ Ծնողը կգտնի մատյանում {code} կոդով։",
}
STATUS = 403


def page(lang: str, why: str, code: str, help_lines: str = "", check: str = "") -> tuple[bytes, str]:
    """(body, content type) of the page shown for a document. help_lines: where help is, in a sentence; check: HTML of a way to ask."""
    if why in bad_server.REASONS:
        title, told = bad_server.TITLE[lang], f"<p><b>{html.escape(bad_server.said(why, lang))}</b></p>"
        told += f"<p>{html.escape(bad_server.TEXT[lang].format(code=code))}</p>"
    elif unreached.is_that(why):
        title, told = unreached.TITLE[lang], f"<p>{html.escape(unreached.TEXT[lang].format(code=code))}</p>"
        told, check = told + f"<p><small>{html.escape(unreached.said(why, lang))}</small></p>", ""
    else:
        title, told = (
            TITLE[lang],
            f"<p>{html.escape(TEXT[lang].format(code=code))}</p><p><small>{html.escape(unread.said(why, lang))}</small></p>",
        )
    return document(lang, title, told + check + (f"<p>{html.escape(help_lines)}</p>" if help_lines else ""))


def said(why: str, lang: str) -> str:
    """Why something was not shown, as the log keeps it, for the parent: in that language."""
    if why in bad_server.REASONS:
        return bad_server.said(why, lang)
    return unreached.said(why, lang) if unreached.is_that(why) else unread.said(why, lang)


def document(lang: str, title: str, told: str) -> tuple[bytes, str]:
    """(body, content type) of a page of ours; told: HTML."""
    body = (
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title>"
        '<body style="font:1.1em/1.5 sans-serif;max-width:40em;margin:4em auto;padding:0 1em">'
        f"<h1>{html.escape(title)}</h1>{told}"
    )
    return body.encode(), "text/html; charset=utf-8"


def answer(lang: str, why: str, code: str) -> tuple[bytes, str]:
    """(body, content type) of the answer given to a script's request."""
    title = (bad_server.TITLE if why in bad_server.REASONS else unreached.TITLE if unreached.is_that(why) else TITLE)[lang]
    said = {"error": "blocked by SafeGuard", "message": title, "why": why, "code": code}
    return json.dumps(said, ensure_ascii=False).encode(), "application/json; charset=utf-8"
