"""That a site could not be reached, in the words of a child: no fault of its page, and nothing that a parent must look at. Pure.

The English sentence is what the log keeps, with the host and what went wrong.
"""

from __future__ import annotations

BEGINS = "SafeGuard could not reach "

TITLE = {
    "en": "This site could not be reached",
    "ru": "Не удалось открыть этот сайт",
    "tr": "Bu siteye ulaşılamadı",
    "az": "Bu sayta çatmaq mümkün olmadı",
    "hy": "Չհաջողվեց կապվել այս կայքի հետ",
}
TEXT = {
    "en": "It may be down, or this computer has no internet now. Nothing was hidden. Try again later. Code for a parent: {code}.",
    "ru": "Возможно, сайт не работает или на этом компьютере сейчас нет интернета. "
    "Ничего не скрыто. Попробуй позже. Код для родителей: {code}.",
    "tr": "Site çalışmıyor olabilir ya da bu bilgisayarda şu anda internet yok. "
    "Hiçbir şey gizlenmedi. Sonra yeniden dene. Anne baba için kod: {code}.",
    "az": "Ola bilsin, sayt işləmir və ya bu kompüterdə indi internet yoxdur. "
    "Heç nə gizlədilməyib. Sonra yenə cəhd et. Valideyn üçün kod: {code}.",
    "hy": "Հնարավոր է՝ կայքը չի աշխատում, կամ այս համակարգիչն այժմ ինտերնետ չունի։ "
    "Ոչինչ չի թաքցվել։ Փորձիր ավելի ուշ։ Կոդ ծնողի համար՝ {code}։",
}


def is_that(why: str) -> bool:
    """Whether a page was not shown because of that."""
    return why.startswith(BEGINS)


def said(why: str, lang: str) -> str:
    """Why, for the parent: the sentence in that language, the host and what went wrong behind it."""
    return why if lang == "en" else f"{TITLE[lang]}: {why.removeprefix(BEGINS)}"
