"""The parent's addresses: in one private file, and in nothing that is printed."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from safeguard.errors import AlertError, InputError
from safeguard.system.channels import MOST, Channels
from safeguard.system.private import NotPrivate

URL = "mailtos://me:pa55word@example.org"


def fine(url: str) -> None: ...


@pytest.fixture
def channels(tmp_path: Path) -> Channels:
    return Channels(tmp_path / "state" / "alerts.json")


def test_kept_and_forgotten(channels: Channels) -> None:
    assert channels.list() == []
    one = channels.add(URL, 5, fine)
    two = channels.add("tgram://123:token/9", 6, fine)
    assert channels.list() == [one, two]
    assert (one.kind, one.since, one.url) == ("mailtos", 5, URL)
    assert channels.remove(one.id) == one
    assert channels.list() == [two]
    with pytest.raises(InputError, match="no address"):
        channels.remove(one.id)


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
def test_for_its_owner_alone(channels: Channels, tmp_path: Path) -> None:
    channels.add(URL, 5, fine)
    file = tmp_path / "state" / "alerts.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert sorted(p.name for p in file.parent.iterdir()) == ["alerts.json", "alerts.lock"]
    file.chmod(0o640)
    with pytest.raises(NotPrivate):
        channels.list()


def test_no_secret_in_what_is_printed(channels: Channels, tmp_path: Path) -> None:
    made = channels.add(URL, 5, fine)
    assert "pa55word" not in f"{made!r} {made} {made.name}"
    said = []
    for url in (URL, "pa55word", "://pa55word", "pa55 word://x", "json://pa55word\n", "json://" + "pa55word" * 500):
        with pytest.raises(InputError) as e:
            channels.add(url, 6, fine)
        said.append(f"{e.value!r} {e.value.__cause__!r}")
    file = tmp_path / "state" / "alerts.json"
    for broken in ('{"channels": ["pa55word"]}', "pa55word", '{"channels": [{"id": "pa55word"}]}', "[]"):
        file.write_text(broken)
        with pytest.raises(InputError, match="damaged") as e:
            channels.list()
        said.append(f"{e.value!r} {e.value.__cause__!r}")
    assert "pa55word" not in "".join(said)


def test_what_cannot_be_sent_to_is_not_kept(channels: Channels) -> None:
    def no(url: str) -> None:
        raise AlertError("not an address")

    with pytest.raises(AlertError):
        channels.add(URL, 5, no)
    assert channels.list() == []


def test_there_are_only_so_many(channels: Channels) -> None:
    for n in range(MOST):
        channels.add(f"json://{n}", 5, fine)
    with pytest.raises(InputError, match="remove one first"):
        channels.add(URL, 5, fine)
