"""Posts of about 120 characters in five languages: ordinary ones, and such as name a group and a violent verb each.

They are put together from the shipped everyday texts, so that many words come but seldom, and no two batches are alike.
"""

from __future__ import annotations

import random

from safeguard.system import everyday

LENGTH = 120
NAMES = {
    "en": ["Armenians", "Azerbaijanis", "Georgians", "Jews", "Kurds", "Muslims", "Russians", "Turks"],
    "ru": ["армян", "азербайджанцев", "грузин", "евреев", "курдов", "мусульман", "русских", "турок"],
    "tr": ["Ermenileri", "Azerbaycanlıları", "Gürcüleri", "Yahudileri", "Kürtleri", "Müslümanları", "Rusları", "Türkleri"],
    "az": ["erməniləri", "azərbaycanlıları", "gürcüləri", "yəhudiləri", "kürdləri", "müsəlmanları", "rusları", "türkləri"],
    "hy": ["հայերին", "ադրբեջանցիներին", "վրացիներին", "հրեաներին", "քրդերին", "մահմեդականներին", "ռուսներին", "թուրքերին"],
}
"""Groups as what something is done to, the same eight in each language."""
SAID = {
    "en": [
        "we should kill all {}",
        "nobody may attack {} because of where they come from",
        "the court heard how he wanted to murder {}",
        "my grandmother hid {} when the soldiers came to shoot them",
        "they beat {} on the train yesterday and everybody looked away",
        "burn the houses of {} down",
        "on Sunday our team is going to crush {} two to nil",
        "the film tells why the king had {} killed",
    ],
    "ru": [
        "надо убивать {}",
        "никто не смеет избивать {} за то, кто они",
        "суд узнал, как он хотел зарезать {}",
        "бабушка прятала {}, когда солдаты пришли их расстрелять",
        "вчера в поезде избили {}, и все отвернулись",
        "сжечь {} вместе с домами",
        "в воскресенье наши разгромят {} два ноль",
        "в фильме показано, за что царь велел казнить {}",
    ],
    "tr": [
        "{} öldürmek lazım",
        "kimse {} kökeni yüzünden dövemez",
        "mahkeme onun {} vurmak istediğini duydu",
        "ninem {} askerler kurşuna dizmeye geldiğinde sakladı",
        "dün trende {} dövdüler, herkes başını çevirdi",
        "{} evleriyle birlikte yakın",
        "pazar günü bizimkiler {} iki sıfır ezecek",
        "film kralın {} neden öldürttüğünü anlatıyor",
    ],
    "az": [
        "{} öldürmək lazımdır",
        "heç kim {} mənşəyinə görə döyə bilməz",
        "məhkəmə onun {} vurmaq istədiyini eşitdi",
        "nənəm {} əsgərlər güllələməyə gələndə gizlədib",
        "dünən qatarda {} döydülər, hamı üzünü çevirdi",
        "{} evləri ilə birlikdə yandırın",
        "bazar günü bizimkilər {} iki sıfır əzəcək",
        "film kralın {} niyə öldürtdüyünü danışır",
    ],
    "hy": [
        "պետք է սպանել {}",
        "ոչ ոք իրավունք չունի ծեծել {} իրենց ծագման համար",
        "դատարանը լսեց, թե ինչպես էր նա ուզում մորթել {}",
        "տատիկս թաքցրել է {}, երբ զինվորները եկել են գնդակահարելու",
        "երեկ գնացքում ծեծել են {}, ու բոլորը շրջվել են",
        "վառել {} տների հետ միասին",
        "կիրակի օրը մերոնք ջախջախելու են {} երկու զրո",
        "ֆիլմը պատմում է, թե թագավորն ինչու հրամայեց սպանել {}",
    ],
}


def ordinary(count: int, seed: int) -> list[str]:
    """That many harmless posts, a fifth in each language."""
    chance = random.Random(seed)
    lines = everyday.texts()
    langs = list(lines)
    return [_filled([], lines[langs[n % len(langs)]], n, chance) for n in range(count)]


def heated(count: int, seed: int) -> list[str]:
    """That many posts that name a group and a violent verb, for good and for ill; a fifth in each language."""
    chance = random.Random(seed)
    lines = everyday.texts()
    langs = list(lines)
    out = []
    for n in range(count):
        lang = langs[n % len(langs)]
        said = chance.choice(SAID[lang]).format(chance.choice(NAMES[lang]))
        out.append(_filled([said[0].upper() + said[1:]], lines[lang], n, chance))
    return out


def _filled(parts: list[str], lines: tuple[str, ...], number: int, chance: random.Random) -> str:
    """The parts with everyday sentences around them, as near to the length as they come; the number is a word nobody has seen."""
    while True:
        line = chance.choice(lines).rstrip(".")
        length = sum(map(len, parts)) + 2 * len(parts)
        if parts and length + len(line) - LENGTH > LENGTH - length:
            return ". ".join(parts) + f" {number}{chance.randrange(10**4)}"
        parts.insert(chance.randint(0, len(parts)), line)
