"""Why something could not be read, in the words of a child and a parent. Pure.

The English sentence with its details is what the log keeps. It is one of many, which mean little to who is no engineer: in other languages
the kind is said that it is of.
"""

from __future__ import annotations

import re

_KINDS: tuple[tuple[str, dict[str, str]], ...] = (
    (
        r"internal error",
        {
            "ru": "ошибка в самом SafeGuard",
            "tr": "SafeGuard'ın kendisinde bir hata oldu",
            "az": "SafeGuard-ın özündə xəta baş verdi",
            "hy": "սխալ հենց SafeGuard-ում",
        },
    ),
    (
        r"went by unread|not watched from its beginning",
        {
            "ru": "данные прошли раньше, чем их удалось прочитать",
            "tr": "veri okunamadan geçti",
            "az": "məlumat oxunmadan keçib",
            "hy": "տվյալներն անցել են նախքան կարդացվելը",
        },
    ),
    (
        r"too large|\bover \d+ MiB|nested too deep|too much at once",
        {
            "ru": "это слишком велико, чтобы проверить",
            "tr": "denetlenemeyecek kadar büyük",
            "az": "yoxlanmaq üçün çox böyükdür",
            "hy": "չափազանց մեծ է ստուգելու համար",
        },
    ),
    (
        r"charset|UTF-16|UTF-32|is not valid|byte for byte|names no charset",
        {
            "ru": "буквы записаны так, что браузер может прочитать их иначе",
            "tr": "harfler, tarayıcının başka türlü okuyabileceği biçimde yazılmış",
            "az": "hərflər elə yazılıb ki, brauzer onları başqa cür oxuya bilər",
            "hy": "տառերը գրված են այնպես, որ դիտարկիչը կարող է դրանք այլ կերպ կարդալ",
        },
    ),
    (
        r"content encoding|times over|encoding of its own",
        {
            "ru": "данные сжаты неизвестным способом",
            "tr": "veri bilinmeyen bir yolla sıkıştırılmış",
            "az": "məlumat naməlum üsulla sıxılıb",
            "hy": "տվյալները սեղմված են անհայտ եղանակով",
        },
    ),
    (
        r"broken|cut off|has ended|without its end|more after the end|more behind|odd end",
        {
            "ru": "данные повреждены или обрываются",
            "tr": "veri bozuk ya da yarım kalmış",
            "az": "məlumat zədələnib və ya yarımçıqdır",
            "hy": "տվյալները վնասված են կամ կիսատ",
        },
    ),
    (
        r"format that nobody knows|no site profile lets it pass|unknown tag|keys are no words|"
        r"entities of its own|has parts itself|asked is no",
        {
            "ru": "это записано в виде, который SafeGuard не умеет читать",
            "tr": "SafeGuard'ın okuyamadığı bir biçimde yazılmış",
            "az": "SafeGuard-ın oxuya bilmədiyi şəkildə yazılıb",
            "hy": "գրված է այնպիսի ձևով, որը SafeGuard-ը չի կարող կարդալ",
        },
    ),
)
_READ = [(re.compile(pattern), words) for pattern, words in _KINDS]


def said(why: str, lang: str) -> str:
    """Why, in that language: its kind, the English sentence itself where it is of none, or asked for in English."""
    return next((words.get(lang, why) for pattern, words in _READ if pattern.search(why)), why)
