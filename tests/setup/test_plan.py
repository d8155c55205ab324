"""What a plan shows of itself."""

from __future__ import annotations

from pathlib import PurePosixPath

from safeguard.setup.plan import Run, WriteFile


def test_neither_a_secret_nor_a_files_content_is_in_what_is_printed() -> None:
    actions = (Run(("passwd",), secret=b"314159"), WriteFile(PurePosixPath("/etc/x"), b"314159"))
    assert "314159" not in repr(actions)
    assert "/etc/x" in repr(actions)
