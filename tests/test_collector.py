"""The collector is off meanwhile only, whatever happens, and stays off where it was."""

from __future__ import annotations

import contextlib
import gc

import pytest

from safeguard import collector


@pytest.mark.parametrize("on", [True, False])
def test_as_before(on: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if on else gc.disable)()
        with contextlib.suppress(KeyError), collector.paused():
            assert not gc.isenabled()
            raise KeyError
        assert gc.isenabled() is on
    finally:
        (gc.enable if before else gc.disable)()
