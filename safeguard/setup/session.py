"""What a parent's session gets: the parents' page in the menu, and the alerts of the service from each login on. Pure.

The entries lie where every session looks, but are readable by that parent alone: a child's session neither lists nor starts them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath, PurePosixPath

from safeguard.setup.facts import Person
from safeguard.setup.plan import WriteFile

MENU = PurePosixPath("/usr/local/share/applications")
AUTOSTART = PurePosixPath("/etc/xdg/autostart")
PAGE = {
    "": "SafeGuard: the parents' page",
    "hy": "SafeGuard՝ ծնողների էջը",
    "az": "SafeGuard: valideynlərin səhifəsi",
    "ru": "SafeGuard: страница родителей",
    "tr": "SafeGuard: ebeveyn sayfası",
}
ALERTS = {
    "": "SafeGuard: alerts",
    "hy": "SafeGuard՝ ծանուցումներ",
    "az": "SafeGuard: xəbərdarlıqlar",
    "ru": "SafeGuard: оповещения",
    "tr": "SafeGuard: uyarılar",
}


def entries(parents: Iterable[Person], command: PurePath) -> tuple[WriteFile, ...]:
    """Two files for each; named by number, as an account's name may hold what no file's name does."""
    return tuple(
        WriteFile(folder / f"safeguard-{parent.uid}.desktop", data, 0o600, parent.name)
        for parent in parents
        for folder, data in (
            (MENU, _entry(PAGE, f"{command} open", "Categories=Settings;\n")),
            (AUTOSTART, _entry(ALERTS, f"{command} agent", "NoDisplay=true\n")),
        )
    )


def _entry(names: dict[str, str], run: str, rest: str) -> bytes:
    named = "".join(f"Name{f'[{lang}]' if lang else ''}={name}\n" for lang, name in names.items())
    return f"[Desktop Entry]\nType=Application\nVersion=1.0\n{named}Exec={run}\nIcon=security-high\nTerminal=false\n{rest}".encode()
