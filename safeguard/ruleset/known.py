"""Every rule and context by its id, whether it is switched on or not: the compiled rules have forgotten those that are off."""

from __future__ import annotations

import re
from collections.abc import Iterable

from safeguard.ruleset.model import Context, Frame
from safeguard.ruleset.parser import parse

_RULES = re.compile(rb"^[\"']?kind[\"']?:[ ]*[\"']?(?:frames|contexts|weights)", re.MULTILINE)


def known(files: Iterable[tuple[str, bytes]]) -> dict[str, Frame | Context]:
    """id -> the rule, out of all rule files (name, bytes); the many files of words are not read for it."""
    raw = parse([file for file in files if _RULES.search(file[1])])
    return {**raw.frames, **raw.contexts}
