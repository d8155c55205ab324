"""What the rules say of themselves today: in English in the files of a package, in the reader's language on its page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Told:
    """whys: rule -> why it is there; groups: group -> its title; say: either of them in the language of the page."""

    whys: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    say: Callable[[str], str] = str

    def group(self, name: str) -> str:
        """A group's title in the language of the page; one that is not known by its name."""
        return self.say(self.groups.get(name, name))
