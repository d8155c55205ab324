"""YAML as we want it: safe, no duplicate keys, `no`/`on`/`yes` stay words, and every value knows its line. Pure.

Stock YAML 1.1 reads `no` as False, which turns a word list's "no" into nothing.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from safeguard.errors import Problem, RuleError
from safeguard.language import N_, _


class Map(dict[str, Any]):
    """A mapping; `line` is its own line, `lines[key]` the line of each key (1-based)."""

    __slots__ = ("line", "lines")

    def __init__(self) -> None:
        super().__init__()
        self.line = 0
        self.lines: dict[str, int] = {}


class Seq(list[Any]):
    """A sequence; `line` is its own line, `lines[i]` that of item i (1-based)."""

    __slots__ = ("line", "lines")

    def __init__(self) -> None:
        super().__init__()
        self.line = 0
        self.lines: list[int] = []


_TEXT = "tag:yaml.org,2002:str"
_PLAIN = (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?[0-9]+\.[0-9]+$", "-0123456789"),
)
"""The only scalars that are no text: what they are, how they look, what they begin with."""


@cache
def _loader() -> Any:
    """CSafeLoader with these scalars. Made when first needed: PyYAML is slow to load, and with the rules cached many starts read none."""
    import yaml

    try:
        from yaml import CSafeLoader as Base
    except ImportError:  # PyYAML built without libyaml
        from yaml import SafeLoader as Base  # type: ignore[assignment]

    class Loader(Base):
        yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (PyYAML's own way)

        def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
            """The tag of a node: most values are texts, told by their first letter."""
            if kind is yaml.ScalarNode and (not implicit[0] or value[:1] not in self.yaml_implicit_resolvers):
                return _TEXT
            return super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]

        # Tags by a value's path, which we have none of, would be looked for at every node; built-in calls that do nothing cost least.
        descend_resolver: Any = {}.get
        ascend_resolver: Any = tuple

    for name, pattern, first in _PLAIN:
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{name}", re.compile(pattern), list(first))
    return Loader


BROKEN = (
    N_("did not find expected ',' or ']'"),
    N_("did not find expected ',' or '}'"),
    N_("did not find expected '-' indicator"),
    N_("did not find expected key"),
    N_("did not find expected node content"),
    N_("did not find expected comment or line break"),
    N_("could not find expected ':'"),
    N_("mapping values are not allowed in this context"),
    N_("block sequence entries are not allowed in this context"),
    N_("found unexpected end of stream"),
    N_("found undefined alias"),
    N_("found unknown escape character"),
    N_("found character that cannot start any token"),
    N_("but found another document"),
)
"""What libyaml says of the usual mistakes; the others are told in its words."""

MOST = 1_000_000
"""Values of one file, those that `*name` says again counted each time: a few lines of such names would fill all memory."""


def _build(node: Any, loader: Any, name: str, problems: list[Problem], left: list[int]) -> Any:
    if node.tag == _TEXT and node.id == "scalar":
        return node.value
    line = node.start_mark.line + 1
    if node.id != "scalar":
        left[0] -= len(node.value)
        if left[0] < 0:
            raise RuleError([Problem(name, line, _("more than %(most)s values, those of each *name counted; split the file", most=MOST))])
    if node.id == "mapping":
        out = Map()
        out.line = line
        for key_node, value_node in node.value:
            key_line = key_node.start_mark.line + 1
            if key_node.id != "scalar":
                problems.append(Problem(name, key_line, _("a key must be plain text")))
                continue
            key = key_node.value
            if key in out:
                said = _("key %(key)s stands here a second time (first on line %(line)s); remove one", key=repr(key), line=out.lines[key])
                problems.append(Problem(name, key_line, said))
                continue
            out[key] = _build(value_node, loader, name, problems, left)
            out.lines[key] = key_line
        return out
    if node.id == "sequence":
        seq = Seq()
        seq.line = line
        for item in node.value:
            seq.append(_build(item, loader, name, problems, left))
            seq.lines.append(item.start_mark.line + 1)
        return seq
    return loader.construct_object(node)


DEEPEST = 100
_INDENTED = re.compile(rf"^[ \t?-]{{{4 * DEEPEST + 1}}}")


def _depth_problem(text: str) -> int:
    """Line of a nesting deeper than DEEPEST, or 0. libyaml recurses in C: without this a file of brackets kills the process."""
    depth = 0
    for number, line in enumerate(text.splitlines(), 1):
        if "[" in line or "{" in line or "]" in line or "}" in line:
            opened = line.count("[") + line.count("{")
            depth = max(0, depth + opened - line.count("]") - line.count("}"))
            if depth > DEEPEST or opened > 10 * DEEPEST:
                return number
        if len(line) > 4 * DEEPEST and _INDENTED.match(line):
            return number
    return 0


def load(name: str, data: bytes) -> Any:
    """The document in `data` as Map, Seq, str, int, float, bool or None; name is used in messages.

    Raises RuleError with every duplicate key, or the one place where the YAML is broken.
    """
    import yaml

    problems: list[Problem] = []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise RuleError([Problem(name, data[: e.start].count(b"\n") + 1, _("not UTF-8; save the file as UTF-8"))]) from e
    if deep := _depth_problem(text):
        raise RuleError([Problem(name, deep, _("nested deeper than %(most)s levels", most=DEEPEST))])
    loader: Any = None
    try:
        loader = _loader()(text)
        node = loader.get_single_node()
        out = _build(node, loader, name, problems, [MOST]) if node is not None else None
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        raise RuleError(
            [Problem(name, mark.line + 1 if mark else 0, _("broken YAML: %(why)s", why=_(e.problem or e.context or "")))]
        ) from e
    except (yaml.YAMLError, RecursionError, ValueError) as e:
        why = f"{type(e).__name__}: {str(e).splitlines()[0] if str(e) else ''}"
        raise RuleError([Problem(name, 0, _("broken YAML: %(why)s", why=why))]) from e
    finally:
        if loader is not None:
            loader.dispose()
    if problems:
        raise RuleError(problems)
    return out
