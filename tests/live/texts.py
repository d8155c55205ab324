"""What is said in the chats: for each language a threat or hate, and something harmless."""

from __future__ import annotations

THREATS = {
    "en": ("I know where you live. I will kill you tonight.", "We won the match! Are you coming out to play?"),
    "en hate": ("We must kill all Georgians", "The Georgian restaurant near us has the best bread."),
    "ru": ("Я тебя найду и убью.", "Мы выиграли! Выходи гулять, я взял мяч"),
    "tr": ("Seni bulup öldüreceğim.", "Maçı kazandık! Aşağı gel, top bende"),
    "az": ("Səni tapıb öldürəcəyəm.", "Oyunu uddum! Həyətə düş, topu mən gətirirəm"),
    "hy": ("Ես քեզ կգտնեմ ու կսպանեմ։", "Հաղթեցինք խաղը։ Դուրս արի բակ, գնդակը ես կբերեմ"),
}
