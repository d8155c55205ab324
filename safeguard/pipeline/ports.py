"""What a running filter brings along: what it remembers of hidden units, and how the sites' answers look."""

from __future__ import annotations

from typing import Protocol

from safeguard.policy.asking import Asked


class Memory(Protocol):
    """What is remembered of hidden units while the filter runs (system/memory.py)."""

    def keep_original(self, code: str, text: str, account: str = "") -> None:
        """The text behind a notice that this account got."""
        ...

    def original_of(self, account: str, code: str) -> str | None:
        """That text, where this account got the notice; None where it did not, or the text is gone."""
        ...

    def keep_notice(self, account: str, code: str, category: str) -> None:
        """That account got the notice of that code."""
        ...

    def notice_of(self, account: str, code: str) -> str | None:
        """The kind of what was hidden; None where that account got no such notice, or long ago."""
        ...

    def ask(self, account: str, code: str) -> Asked:
        """That account asks for a check of what it got that notice for."""
        ...

    @property
    def hides_pictures(self) -> bool:
        """Whether any picture is hidden from anybody."""
        ...

    def hide_picture(self, account: str, key: str, code: str) -> None:
        """The picture with that key (formats/addresses.py) is not for that account."""
        ...

    def hides_picture(self, account: str, key: str) -> str | None:
        """The code of the unit that picture was hidden with, None where it may be seen."""
        ...

    def show_pictures(self, account: str, code: str) -> None:
        """That account sees the unit of that code, so it sees its pictures."""
        ...


class Health(Protocol):
    """Whether the sites' answers still look as their profiles expect (system/health.py)."""

    def wants(self, site: str, where: str) -> bool:
        """Whether an answer of that kind should be looked at now; seldom, since it costs."""
        ...

    def saw(self, site: str, where: str, healthy: bool) -> None:
        """Such an answer was looked at."""
        ...
