"""When a site's answers no longer look as its profile expects for so long that the parent should know. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

MISSES = 8
"""Answers in a row in which nothing of what was expected was met …"""
OVER = 3_600_000
"""… and milliseconds that must lie between the first and the last of them: a site's bad half hour is no change of the site."""

REDUCED = {
    "en": "Protection reduced on {site} since {since}: its answers no longer look as expected. The general rules go on.",
    "ru": "Защита на {site} ослаблена с {since}: ответы сайта изменились. Общие правила действуют.",
    "tr": "{site} için koruma {since} tarihinden beri zayıf: sitenin yanıtları değişti. Genel kurallar geçerli.",
    "az": "{site} üçün qorunma {since} tarixindən zəifdir: saytın cavabları dəyişib. Ümumi qaydalar qüvvədədir.",
    "hy": "{site} կայքում պաշտպանությունը թուլացել է ({since}-ից). կայքի պատասխանները փոխվել են։ Ընդհանուր կանոնները գործում են։",
}
WHOLE = {
    "en": "Protection on {site} is whole again.",
    "ru": "Защита на {site} снова полная.",
    "tr": "{site} için koruma yeniden tam.",
    "az": "{site} üçün qorunma yenə tamdır.",
    "hy": "{site} կայքում պաշտպանությունը կրկին լիարժեք է։",
}


@dataclass(frozen=True, slots=True)
class Drift:
    """A run of answers of one kind in which nothing expected was met.

    site:  name of the profile; where: which line of its `healthy`.
    first, last: of the run, milliseconds since 1970, UTC.
    """

    site: str
    where: str
    misses: int
    first: int
    last: int

    @property
    def reduced(self) -> bool:
        """Whether it has gone on for long enough; then protection is reduced since `first`."""
        return self.misses >= MISSES and self.last - self.first >= OVER


def after_miss(before: Drift | None, site: str, where: str, now: int) -> Drift:
    """The run with one answer more; one that is met ends it."""
    if before is None:
        return Drift(site, where, 1, now, now)
    return replace(before, misses=before.misses + 1, last=max(now, before.last))


def reduced_since(runs: Iterable[Drift]) -> dict[str, int]:
    """Each site whose protection is reduced, and since when."""
    since: dict[str, int] = {}
    for run in runs:
        if run.reduced:
            since[run.site] = min(run.first, since.get(run.site, run.first))
    return since


def reduced(title: str, since: str, lang: str) -> str:
    """For the parent: since when. lang: one of the notices' languages."""
    return REDUCED[lang].format(site=title, since=since)


def whole_again(title: str, lang: str) -> str:
    """For the parent: it is over."""
    return WHOLE[lang].format(site=title)
