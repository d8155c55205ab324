"""The page or answer that goes out where a body could not be checked: says so, carries nothing of the original. Pure."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping

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
    title, text = (words[lang] for words in _words(why))
    told, because = f"<p>{html.escape(text.format(code=code))}</p>", html.escape(said(why, lang))
    told = f"<p><b>{because}</b></p>{told}" if why in bad_server.REASONS else f"{told}<p><small>{because}</small></p>"
    if unreached.is_that(why):  # there is nothing to ask a parent about
        check = ""
    return document(lang, title, told + check + (f"<p>{html.escape(help_lines)}</p>" if help_lines else ""))


def _words(why: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Language -> title, and text, of what goes out for that reason."""
    if why in bad_server.REASONS:
        return bad_server.TITLE, bad_server.TEXT
    return (unreached.TITLE, unreached.TEXT) if unreached.is_that(why) else (TITLE, TEXT)


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
    said = {"error": "blocked by SafeGuard", "message": _words(why)[0][lang], "why": why, "code": code}
    return json.dumps(said, ensure_ascii=False).encode(), "application/json; charset=utf-8"
