"""Real browsers in front of the real proxy; the server and the engine are those of tests/proxy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from safeguard.system import browser_pac
from safeguard.system.chromium_pipe import Chromium, find_chromium, prepare_chromium_home
from tests.proxy.conftest import Net
from tests.proxy.conftest import net_of as net_of
from tests.proxy.rig import HOST


def need(*programs: str) -> None:
    """Skip where a program is missing."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


class Browsers:
    """Starts Chromiums for a Net."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: list[Chromium] = []

    def chromium(self, net: Net, by_pac: bool = True, root: bytes = b"", flags: tuple[str, ...] = ()) -> Chromium:
        """One that trusts the proxy's root, with the PAC of `safeguard browse` or with everything through the proxy."""
        assert net.proxy is not None
        home = prepare_chromium_home(self._folder / f"home{len(self._open)}", root or net.authority.root_pem)
        pac = browser_pac.data_url([HOST], net.proxy.address) if by_pac else ""
        made = Chromium(proxy="" if by_pac else net.proxy.address, pac=pac, home=home, flags=flags)
        self._open.append(made)
        return made

    def close(self) -> None:
        for b in self._open:
            b.close()


@pytest.fixture
def browsers(tmp_path: Path) -> Iterator[Browsers]:
    if find_chromium() is None:
        pytest.skip("no Chromium on PATH")
    need("certutil")
    made = Browsers(tmp_path)
    yield made
    made.close()
