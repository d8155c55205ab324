"""rules/sites/<site>.yaml -> SiteProfile. Pure: over (name, bytes). The format is described in rules/sites/README.md."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any

from safeguard import strict_yaml
from safeguard.errors import Problem, RuleError
from safeguard.formats.sites.model import Healthy, KeyRule, OnError, Opaque, Selector, SiteProfile
from safeguard.language import _
from safeguard.strict_yaml import Map, Seq
from safeguard.text.unit import Role

FIELDS = (
    "title", "domains", "roles", "unit", "part", "author", "join", "ignore", "scripts", "opaque", "opaque_sockets", "on_error",
    "not_covered", "healthy", "like",
)  # fmt: skip
_DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_KEY = re.compile(r"[\w$@:-]+(?:\.[\w$@:-]+)*")
_SELECTOR = re.compile(r"(?P<tag>[a-zA-Z][\w-]*)?(?P<rest>(?:\.[\w-]+|#[\w-]+|\[[\w:-]+(?:=[^\]]*)?\])*)")
_PART = re.compile(r"\.(?P<class>[\w-]+)|#(?P<id>[\w-]+)|\[(?P<name>[\w:-]+)(?:=(?P<value>[^\]]*))?\]")
_KINDS = ("html", "json")
_ROLES = {r.value: r for r in Role}


def parse(name: str, data: bytes) -> SiteProfile:
    """The profile in a file; name is the file's, with or without folder. Raises RuleError with every problem in it."""
    top = strict_yaml.load(name, data)
    if not isinstance(top, Map):
        raise RuleError([Problem(name, 1, _("must be a mapping with title and domains"))])
    return _Parser(name, top).profile()


class _Parser:
    def __init__(self, name: str, top: Map) -> None:
        self.file = name
        self.top = top
        self.problems: list[Problem] = []
        self.keys: dict[str, dict[str, Any]] = {}
        self.paths: dict[str, list[tuple[tuple[str, ...], Role]]] = {}
        self.selectors: list[tuple[Selector, Role]] = []
        self.units: list[Selector] = []

    def wrong(self, line: int, what: str) -> None:
        self.problems.append(Problem(self.file, line, what))

    def profile(self) -> SiteProfile:
        for key in self.top:
            if key not in FIELDS:
                self.wrong(
                    self.top.lines[key], _("unknown field %(field)s; there are: %(known)s", field=repr(key), known=", ".join(FIELDS))
                )
        short = self.file.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
        title = self.text("title") or short
        domains = self.domains()
        self.roles()
        for line, word in self.listed("unit"):
            if (selector := self.selector(line, word)) is not None:
                self.units.append(selector)
            elif self.is_key(line, word):
                self.key(word, unit=True)
        for field in ("part", "author", "join", "ignore"):
            for line, word in self.listed(field):
                if "." in word:
                    self.wrong(line, _("%(word)s: %(field)s takes single JSON keys, no paths", word=repr(word), field=field))
                elif self.is_key(line, word):
                    self.key(word, **{field: True})
        scripts = tuple(word for __, word in self.listed("scripts"))
        opaque = self.opaque()
        not_covered = self.text("not_covered", needed=False)
        opaque_sockets = tuple(word for __, word in self.listed("opaque_sockets"))
        if opaque_sockets and opaque is Opaque.BLOCK and "opaque" not in self.top:
            self.wrong(self.line("opaque_sockets"), _("opaque_sockets needs opaque, which says what becomes of them"))
        on_error = self.on_error(bool(not_covered))
        healthy = self.healthy()
        like = self.text("like", needed=False)
        if like and (more := sorted(set(self.top) - {"title", "domains", "like"})):
            told = _(
                "like takes all that is known of %(like)s; title and domains may stand beside it, %(more)s may not", like=like, more=more[0]
            )
            self.wrong(self.line("like"), told)
        if self.problems:
            raise RuleError(sorted(self.problems, key=lambda p: p.line))
        return SiteProfile(
            short,
            title,
            domains,
            MappingProxyType({k: KeyRule(**v) for k, v in self.keys.items()}),
            MappingProxyType({k: tuple(sorted(v, key=lambda p: -len(p[0]))) for k, v in self.paths.items()}),
            tuple(self.selectors),
            tuple(self.units),
            scripts,
            opaque,
            not_covered,
            opaque_sockets,
            on_error,
            healthy,
            like,
        )

    def line(self, field: str) -> int:
        return self.top.lines.get(field, self.top.line)

    def text(self, field: str, needed: bool = True) -> str:
        value = self.top.get(field)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if value is not None or needed:
            self.wrong(self.line(field), _("%(field)s must be a text", field=field))
        return ""

    def listed(self, field: str) -> list[tuple[int, str]]:
        """(line, word) of a list of words; a missing field is an empty list."""
        value = self.top.get(field)
        if value is None:
            return []
        if not isinstance(value, Seq):
            self.wrong(self.line(field), _("%(key)s must be a list", key=field))
            return []
        out = []
        for line, word in zip(value.lines, value, strict=True):
            if isinstance(word, str) and word.strip():
                out.append((line, word.strip()))
            else:
                self.wrong(line, _("%(field)s must be a list of words", field=field))
        return out

    def domains(self) -> tuple[str, ...]:
        found: list[str] = []
        for line, word in self.listed("domains"):
            if not _DOMAIN.fullmatch(word):
                told = _(
                    "%(word)s is no domain; write it in lower case ASCII without scheme, path or star, such as example.com", word=repr(word)
                )
                self.wrong(line, told)
            elif word in found:
                self.wrong(line, _("domain %(word)s stands here a second time; remove one", word=repr(word)))
            else:
                found.append(word)
        if not found and not self.problems:
            self.wrong(self.line("domains"), _("domains must name at least one domain"))
        return tuple(found)

    def roles(self) -> None:
        value = self.top.get("roles")
        if value is None:
            return
        if not isinstance(value, Map):
            self.wrong(self.line("roles"), _("roles must be a mapping of role -> list of keys and selectors"))
            return
        for name, wanted in value.items():
            line = value.lines[name]
            if name not in _ROLES:
                self.wrong(line, _("unknown role %(name)s; there are: %(known)s", name=repr(name), known=", ".join(_ROLES)))
            elif not isinstance(wanted, Seq):
                self.wrong(line, _("%(name)s must be a list of keys and selectors", name=name))
            else:
                for at, word in zip(wanted.lines, wanted, strict=True):
                    self.role(at, str(word).strip(), _ROLES[name])

    def role(self, line: int, word: str, role: Role) -> None:
        selector = self.selector(line, word)
        if selector is not None:
            self.selectors.append((selector, role))
        elif self.is_key(line, word):
            parts = tuple(word.lower().split("."))
            if len(parts) == 1:
                self.key(word, role=role)
            else:
                self.paths.setdefault(parts[-1], []).append((parts, role))

    def is_key(self, line: int, word: str) -> bool:
        if _KEY.fullmatch(word):
            return True
        self.wrong(line, _("%(word)s is no JSON key, path of keys (a.b) or selector (css:div.post)", word=repr(word)))
        return False

    def key(self, word: str, **what: Any) -> None:
        self.keys.setdefault(word.lower(), {}).update(what)

    def selector(self, line: int, word: str) -> Selector | None:
        """The selector after `css:`; None where the word is none."""
        if not word.startswith("css:"):
            return None
        m = _SELECTOR.fullmatch(word[4:].strip())
        if m is None or not m[0]:
            self.wrong(line, _("%(word)s: only tag, .class, #id, [name] and [name=value] of one element can be used", word=repr(word)))
            return Selector("never")
        classes, attributes = set(), []
        for part in _PART.finditer(m["rest"]):
            if part["class"]:
                classes.add(part["class"])
            elif part["id"]:
                attributes.append(("id", part["id"]))
            else:
                attributes.append((part["name"].lower(), None if part["value"] is None else part["value"].strip("\"'")))
        return Selector((m["tag"] or "").lower(), frozenset(classes), tuple(attributes))

    def healthy(self) -> tuple[Healthy, ...]:
        value = self.top.get("healthy")
        if value is None:
            return ()
        if not isinstance(value, Map) or not value:
            self.wrong(self.line("healthy"), _("healthy must be a mapping, such as `json /api/posts: [post, author]`"))
            return ()
        found = []
        for where, marks in value.items():
            line = value.lines[where]
            kind, *parts = where.split() or [""]
            if kind not in _KINDS or not all("/" in part for part in parts):
                told = _(
                    "%(where)s must be html or json, then parts of addresses, each with a slash, such as `json /api/posts`",
                    where=repr(where),
                )
                self.wrong(line, told)
            elif not isinstance(marks, Seq) or not marks:
                self.wrong(line, _("%(name)s must be a list of keys and selectors", name=repr(where)))
            else:
                found.append(self.marks(where, kind, parts, marks))
        return tuple(found)

    def marks(self, where: str, kind: str, parts: list[str], marks: Seq) -> Healthy:
        """One line of `healthy`."""
        keys, selectors = [], []
        for line, mark in zip(marks.lines, marks, strict=True):
            word = str(mark).strip()
            selector = self.selector(line, word)
            if selector is not None:
                selectors.append(selector)
            elif "." in word:
                told = _("%(word)s: a path cannot be looked for; name one JSON key or selector (css:div.post)", word=repr(word))
                self.wrong(line, told)
            elif self.is_key(line, word):
                keys.append(word)
        return Healthy(" ".join((kind, *parts)), kind == "html", tuple(parts), tuple(keys), tuple(selectors))

    def opaque(self) -> Opaque:
        value = self.top.get("opaque", Opaque.BLOCK.value)
        if value in [o.value for o in Opaque]:
            return Opaque(value)
        self.wrong(self.line("opaque"), _("%(key)s must be one of %(known)s", key="opaque", known=", ".join(Opaque)))
        return Opaque.BLOCK

    def on_error(self, told: bool) -> OnError:
        value = self.top.get("on_error", OnError.BLOCK.value)
        if value not in [o.value for o in OnError]:
            self.wrong(self.line("on_error"), _("%(key)s must be one of %(known)s", key="on_error", known=", ".join(OnError)))
            return OnError.BLOCK
        if value == OnError.PASS_LISTED and not told:
            self.wrong(self.line("on_error"), _("on_error: pass_listed needs not_covered, a line that tells parents what passes unread"))
        return OnError(value)
