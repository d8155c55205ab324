"""Where a child gets help: the lines of rules/help by country, shown with a threat, and known again in a text that is hidden. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from safeguard import strict_yaml
from safeguard.errors import Problem, RuleError
from safeguard.language import _
from safeguard.policy.notice import NOTICES

SAID = {
    "en": "Get help: {lines}.",
    "ru": "Помощь: {lines}.",
    "tr": "Yardım: {lines}.",
    "az": "Kömək: {lines}.",
    "hy": "Օգնություն՝ {lines}։",
}
LANGS = tuple(NOTICES)
_KEYS = ("kind", "why", "words", "languages", "countries", "anywhere")
_COUNTRY = re.compile(r"[a-z]{2}")
_NUMBER = re.compile(r"\+?\d[\d -]{1,18}\d", re.ASCII)
_OWN_NUMBER = re.compile(r"\+?\d(?:[ ().-]{0,2}\d){2,17}")


@dataclass(frozen=True, slots=True)
class Line:
    """number: as it is dialled. what: one of the words."""

    number: str
    what: str


@dataclass(frozen=True, slots=True)
class Help:
    """words: what a line is -> language -> how it is called. countries: country -> its lines; anywhere: of all others.

    languages: language -> country whose lines are shown where the parents chose none.
    """

    words: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    countries: Mapping[str, tuple[Line, ...]] = field(default_factory=lambda: MappingProxyType({}))
    languages: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    anywhere: tuple[Line, ...] = ()

    def said(self, lang: str, country: str = "", own: Sequence[str] = ()) -> str:
        """A sentence with the family's own lines and the country's, "" where there is none. country "": that of the language."""
        lines = self.countries.get(country or self.languages.get(lang, ""), self.anywhere)
        parts = [*own, *(f"{li.number} ({self.words[li.what][lang]})" for li in lines)]
        return SAID[lang].format(lines=", ".join(parts)) if parts else ""

    def kept(self, text: str, own: Sequence[str] = ()) -> tuple[str, ...]:
        """The numbers of help lines that stand in that text, as we write them."""
        digits = _digits(text)
        if not digits:
            return ()
        known = {_digits(li.number): li.number for lines in (*self.countries.values(), self.anywhere) for li in lines}
        known |= {_digits(n): n for line in own for n in _OWN_NUMBER.findall(line)}
        return tuple(number for n, number in sorted(known.items()) if n in digits and _pattern(n).search(text))


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)


def _pattern(digits: str) -> re.Pattern[str]:
    return re.compile(r"(?<![0-9])" + r"[ ().\u00a0-]{0,3}".join(digits) + r"(?![0-9])")


def parse(files: Iterable[tuple[str, bytes]]) -> Help:
    """The lines of these files (name, bytes), of which a later one goes before. Raises RuleError with every problem."""
    problems: list[Problem] = []
    words: dict[str, Mapping[str, str]] = {}
    countries: dict[str, tuple[Line, ...]] = {}
    languages: dict[str, str] = {}
    anywhere: tuple[Line, ...] = ()
    for name, data in files:
        r = _Reading(name, problems)
        try:
            doc = strict_yaml.load(name, data)
        except RuleError as e:
            problems += e.problems
            continue
        if not isinstance(doc, strict_yaml.Map) or doc.get("kind") != "help":
            r.wrong(1, _("must begin with kind: help"))
            continue
        for key in doc:
            if key not in _KEYS:
                r.wrong(doc.lines[key], _("unknown key %(key)s; known: %(known)s", key=repr(key[:60]), known=", ".join(_KEYS)))
        for word, said in r.map(doc, "words").items():
            line = doc["words"].lines[word]
            if not isinstance(said, dict) or set(said) != set(LANGS) or not all(isinstance(s, str) and s.strip() for s in said.values()):
                r.wrong(line, _("%(word)s must be said in each of %(langs)s", word=word[:60], langs=", ".join(LANGS)))
            else:
                words[word] = MappingProxyType(dict(said))
        for country, lines in r.map(doc, "countries").items():
            if not _COUNTRY.fullmatch(country):
                said = _("%(country)s is no country; they have two small letters, such as am", country=repr(country[:60]))
                r.wrong(doc["countries"].lines[country], said)
            countries[country] = r.lines(lines, doc["countries"].lines[country], words)
        for lang, country in r.map(doc, "languages").items():
            if lang not in LANGS or country not in countries:
                said = _("%(lang)s must be one of %(langs)s, with a country of countries", lang=lang[:60], langs=", ".join(LANGS))
                r.wrong(doc["languages"].lines[lang], said)
            languages[lang] = str(country)
        if "anywhere" in doc:
            anywhere = r.lines(doc["anywhere"], doc.lines["anywhere"], words)
    if problems:
        raise RuleError(problems)
    return Help(MappingProxyType(words), MappingProxyType(countries), MappingProxyType(languages), anywhere)


class _Reading:
    def __init__(self, name: str, problems: list[Problem]) -> None:
        self._name, self._problems = name, problems

    def wrong(self, line: int, what: str) -> None:
        self._problems.append(Problem(self._name, line, what))

    def map(self, doc: strict_yaml.Map, key: str) -> strict_yaml.Map:
        value = doc.get(key, strict_yaml.Map())
        if isinstance(value, strict_yaml.Map):
            return value
        self.wrong(doc.lines[key], _("%(key)s must hold names", key=key))
        doc[key] = strict_yaml.Map()
        return strict_yaml.Map()

    def lines(self, told: Any, line: int, words: Mapping[str, Any]) -> tuple[Line, ...]:
        out = []
        for one in told if isinstance(told, list) and told else [{}]:
            match one:
                case {"number": str(number), "what": str(what), **more} if not more and _NUMBER.fullmatch(number) and what in words:
                    out.append(Line(number, what))
                case _:
                    example = '{number: "112", what: emergency}'
                    self.wrong(line, _("a line looks like %(example)s; what is one of %(known)s", example=example, known=", ".join(words)))
        return tuple(out)
