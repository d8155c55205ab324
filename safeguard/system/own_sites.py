"""Writes the sites that a family watches besides the shipped ones: one file a domain, in a subfolder of our own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from safeguard.errors import InputError
from safeguard.language import _
from safeguard.system.own_rules import FOLDER, OwnRules
from safeguard.system.rule_files import SITES

HEAD = "# Written by `safeguard sites`; take it back with `safeguard sites remove`.\n"


class OwnSites:
    """rules: the family's rules folder. Domains are given in lower case ASCII and checked by whoever asks. Raises InputError."""

    def __init__(self, rules: Path) -> None:
        self.folder = rules / SITES / FOLDER
        self._files = OwnRules(rules)

    def path(self, domain: str) -> Path:
        """Where that domain stands."""
        return self.folder / f"{domain}.yaml"

    def domains(self) -> Iterator[str]:
        """All that a command added."""
        if self.folder.is_dir():
            yield from sorted(p.stem for p in self.folder.glob("*.yaml") if not p.name.startswith("."))

    def add(self, domain: str, like: str) -> Path:
        """Watch it; like: name of the site whose software runs there, "" where nobody described it."""
        path = self.path(domain)
        said = f'title: "{domain}"\ndomains: ["{domain}"]\n' + (f'like: "{like}"\n' if like else "")
        self._files.write(path, (HEAD + said).encode())
        return path

    def remove(self, domain: str) -> bool:
        """Whether it was there."""
        try:
            self.path(domain).unlink()
        except FileNotFoundError:
            return False
        except OSError as e:
            raise InputError(_("%(path)s: cannot be removed (%(why)s)", path=self.path(domain), why=e.strerror)) from e
        return True
