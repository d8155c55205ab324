"""A plan done, undone, cut off by kill -9 at every point, and taken back from the journal alone, with real files."""

from __future__ import annotations

import getpass
import json
import multiprocessing
import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from safeguard.errors import SetupError
from safeguard.setup import acts, executor
from safeguard.setup.journal import Journal
from safeguard.setup.plan import CopyTree, Folder, Plan, Run, Step, WriteFile

ME = getpass.getuser()
Tree = dict[str, tuple[str, str]]


def quiet(text: str) -> None:
    pass


def tree(top: Path) -> Tree:
    """Every path below -> its mode and content."""
    out = {}
    for path in sorted(top.rglob("*")):
        if path.name == acts.STAMP:
            continue  # another one for each setup
        what = str(path.readlink()) if path.is_symlink() else path.read_text() if path.is_file() else "folder"
        out[str(path.relative_to(top))] = (stat.filemode(path.lstat().st_mode), what)
    return out


@pytest.fixture
def pc(tmp_path: Path) -> Path:
    """A computer that has something already wherever the plan writes."""
    top = tmp_path / "pc"
    (top / "etc").mkdir(parents=True)
    (top / "etc" / "there.conf").write_text("theirs")
    (top / "etc" / "there.conf").chmod(0o604)
    (top / "etc" / "link.conf").symlink_to("there.conf")
    (top / "shared").mkdir(0o750)
    (tmp_path / "source" / "inner").mkdir(parents=True)
    (tmp_path / "source" / "inner" / "program.py").write_text("1")
    (tmp_path / "source" / "script").write_text("2")
    (tmp_path / "source" / "script").chmod(0o700)
    return top


def plan(pc: Path, word: str = "ours") -> Plan:
    made = str(pc / "made")
    return (
        Step(
            "first",
            "First.",
            (
                Folder(pc / "state", 0o700, ME),
                Folder(pc / "shared", owner=ME, ours=False),
                Folder(pc / "new-shared", owner=ME, ours=False),
                WriteFile(pc / "etc" / "there.conf", word.encode(), owner=ME),
                WriteFile(pc / "etc" / "link.conf", word.encode(), owner=ME),
            ),
        ),
        Step(
            "second",
            "Second.",
            (
                CopyTree(
                    pc / "opt" / "program",
                    ((pc.parent / "source", Path("lib")),),
                    ((Path("bin/start"), word.encode(), 0o755),),
                    ((Path("bin/python"), Path("/usr/bin/true")),),
                ),
                WriteFile(pc / "a" / "b" / "deep.json", word.encode(), 0o600, ME),
                WriteFile(pc / "state" / "settings", word.encode(), 0o600, ME, once=True),
                Run(("touch", made), undo=("rm", made), account=ME),
            ),
        ),
    )


def journal(pc: Path) -> Journal:
    made = Journal.open(pc.parent / "journal", make=True)
    assert made is not None
    return made


def install(pc: Path, steps: Plan) -> None:
    j = journal(pc)
    try:
        executor.carry_out(steps, j, {"child": "anna"}, quiet)
    finally:
        j.close()


def uninstall(pc: Path) -> None:
    executor.uninstall(journal(pc))


def test_what_the_plan_says_is_there_and_gone_again(pc: Path) -> None:
    before = tree(pc)
    install(pc, plan(pc))
    after = tree(pc)
    assert after["etc/there.conf"] == ("-rw-r--r--", "ours")
    assert after["etc/link.conf"] == ("-rw-r--r--", "ours")
    assert after["opt/program/lib/inner/program.py"] == ("-rw-r--r--", "1")
    assert after["opt/program/lib/script"] == ("-rwxr-xr-x", "2")
    assert after["opt/program/bin/python"][1] == "/usr/bin/true"
    assert after["state"][0] == "drwx------"
    assert after["shared"] == before["shared"]
    assert "made" in after
    uninstall(pc)
    assert tree(pc) == before
    assert not (pc.parent / "journal").exists()


def test_what_others_put_into_shared_folders_stays(pc: Path) -> None:
    install(pc, plan(pc))
    (pc / "a" / "b" / "theirs").write_text("x")
    (pc / "new-shared" / "theirs").write_text("x")
    (pc / "state" / "log").write_text("the family's")
    uninstall(pc)
    assert (pc / "a" / "b" / "theirs").exists()
    assert (pc / "new-shared" / "theirs").exists()
    assert not (pc / "state").exists()


@pytest.mark.parametrize("what", ["state", "opt/program"])
def test_a_folder_of_somebody_else_is_neither_taken_nor_removed(pc: Path, what: str) -> None:
    (pc / what).mkdir(parents=True)
    (pc / what / "theirs").write_text("x")
    before = tree(pc)
    with pytest.raises(SetupError, match="not from SafeGuard"):
        install(pc, plan(pc))
    assert tree(pc) == before


def test_a_step_that_fails_takes_back_the_steps_before_it(pc: Path) -> None:
    before = tree(pc)
    with pytest.raises(SetupError, match="false"):
        install(pc, (*plan(pc), Step("third", "Third.", (Run(("false",), account=ME),))))
    assert tree(pc) == before


def test_an_interruption_takes_back_too(pc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true_run = acts.run

    def stop(command: Any, account: str = "", secret: bytes = b"") -> str:
        monkeypatch.setattr(acts, "run", true_run)
        raise KeyboardInterrupt

    before = tree(pc)
    monkeypatch.setattr(acts, "run", stop)
    with pytest.raises(KeyboardInterrupt):
        install(pc, plan(pc))
    assert tree(pc) == before


def test_a_later_setup_keeps_settings_and_data_and_drops_what_it_no_longer_has(pc: Path) -> None:
    before = tree(pc)
    install(pc, plan(pc))
    (pc / "state" / "settings").write_text("changed by a parent")
    (pc / "state" / "log").write_text("the family's")
    newer = (Step("first", "First.", plan(pc, "newer")[0].actions), Step("second", "Second.", plan(pc, "newer")[1].actions[:3:2]))
    install(pc, newer)
    after = tree(pc)
    assert after["etc/there.conf"][1] == "newer"
    assert after["opt/program/bin/start"][1] == "newer"
    assert after["state/settings"][1] == "changed by a parent"
    assert after["state/log"][1] == "the family's"
    assert "a" not in after
    assert "made" not in after
    assert [p for p in after if "before" in p or "part" in p] == []
    assert "ours" not in {p.read_text() for p in (pc.parent / "journal" / "originals").iterdir()}
    uninstall(pc)
    assert tree(pc) == before


def test_a_later_setup_that_fails_leaves_the_older_one_whole(pc: Path) -> None:
    install(pc, plan(pc))
    (pc / "state" / "log").write_text("the family's")
    whole = tree(pc)
    with pytest.raises(SetupError):
        install(pc, (*plan(pc, "newer"), Step("third", "Third.", (Run(("false",), account=ME),))))
    # the command of both setups was taken back with the newer one, as its undoing says
    assert {k: v for k, v in whole.items() if k != "made"} == tree(pc)


def test_what_holds_for_the_time_of_setup_is_taken_back_only_where_it_fails(pc: Path) -> None:
    stopped = pc / "started-again"
    halt = Step("stop", "Stop.", (Run((), undo=("touch", str(stopped)), account=ME, meanwhile=True),))
    with pytest.raises(SetupError):
        install(pc, (halt, Step("third", "Third.", (Run(("false",), account=ME),))))
    assert stopped.exists()
    stopped.unlink()
    install(pc, (halt,))
    uninstall(pc)
    assert not stopped.exists()


def test_no_secret_and_no_content_stands_in_the_journal(pc: Path) -> None:
    install(pc, (Step("one", "One.", (Run(("cat",), account=ME, secret=b"4711-pin"), WriteFile(pc / "f", b"the key", owner=ME))),))
    written = b"".join(p.read_bytes() for p in (pc.parent / "journal").rglob("*") if p.is_file())
    assert b"4711" not in written
    assert b"the key" not in written
    assert stat.S_IMODE((pc.parent / "journal").stat().st_mode) == 0o700


def test_two_at_a_time_are_refused(pc: Path) -> None:
    first = journal(pc)
    with pytest.raises(SetupError, match="another setup"):
        journal(pc)
    first.close()


def test_a_line_cut_off_in_the_middle_is_no_line(pc: Path) -> None:
    install(pc, plan(pc))
    with (pc.parent / "journal" / "journal.jsonl").open("a") as f:
        f.write('{"n":99,"setup":1,"st')
    j = journal(pc)
    assert len(j.live) == 9
    j.begin({})
    j.close()
    for line in (pc.parent / "journal" / "journal.jsonl").read_text().splitlines():
        json.loads(line)


def test_a_damaged_journal_is_said(pc: Path) -> None:
    install(pc, plan(pc))
    (pc.parent / "journal" / "journal.jsonl").write_text("no\n")
    with pytest.raises(SetupError, match="damaged"):
        journal(pc)


def _killed_at(work: Callable[[], None], count: int) -> bool:
    """Do the work in a process that is killed -9 at its count-th change of anything; whether it lived to its end."""

    def child() -> None:
        left = count

        def counted[**P, R](function: Callable[P, R]) -> Callable[P, R]:
            def change(*args: P.args, **kwargs: P.kwargs) -> R:
                nonlocal left
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return function(*args, **kwargs)

            return change

        for owner, name in (
            (os, "write"),
            (os, "unlink"),
            (os, "rmdir"),
            (os, "mkdir"),
            (os, "rename"),
            (os, "replace"),
            (os, "symlink"),
            (os, "fsync"),
            (os, "chmod"),
            (acts, "run"),
        ):
            setattr(owner, name, counted(getattr(owner, name)))
        work()
        os._exit(0)

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode == 0


def _repaired(pc: Path) -> None:
    j = journal(pc)
    if j.removing:
        executor.uninstall(j)
        return
    executor.roll_back(j)
    if j.live:
        j.close()
    else:
        j.discard()


def _at_every_point(work: Callable[[], None], check: Callable[[], None], again: Callable[[], None]) -> int:
    for count in range(1, 2000):
        again()
        if _killed_at(work, count):
            return count
        check()
    raise AssertionError("it never comes to its end")


@pytest.mark.timeout(400)
def test_killed_at_any_point_of_the_first_setup_repair_leaves_nothing(pc: Path) -> None:
    before = tree(pc)
    install(pc, plan(pc))
    whole = tree(pc)
    uninstall(pc)

    def check() -> None:
        _repaired(pc)
        if (pc.parent / "journal").exists():  # its last line was written: a setup like any other
            assert tree(pc) == whole
            uninstall(pc)
        assert tree(pc) == before
        assert not (pc.parent / "journal").exists()

    assert _at_every_point(lambda: install(pc, plan(pc)), check, lambda: None) > 50


@pytest.mark.timeout(400)
def test_killed_at_any_point_of_a_later_setup_repair_leaves_the_older_or_the_newer(pc: Path) -> None:
    before = tree(pc)
    install(pc, plan(pc))
    older = tree(pc)
    uninstall(pc)

    def again() -> None:
        if (pc.parent / "journal").exists():
            uninstall(pc)
        assert tree(pc) == before
        install(pc, plan(pc))

    def check() -> None:
        _repaired(pc)
        now = {k: v for k, v in tree(pc).items() if ".before-" not in k and ".removed" not in k}  # goes with the next setup or removal
        words = {now["etc/there.conf"][1], now["opt/program/bin/start"][1], now["a/b/deep.json"][1]}
        assert words in ({"ours"}, {"newer"})
        assert now.keys() - {"made"} == older.keys() - {"made"}

    assert _at_every_point(lambda: install(pc, plan(pc, "newer")), check, again) > 50


@pytest.mark.timeout(400)
def test_killed_at_any_point_of_the_removal_repair_goes_on_to_its_end(pc: Path) -> None:
    before = tree(pc)

    def again() -> None:
        install(pc, plan(pc))

    def check() -> None:
        j = Journal.open(pc.parent / "journal")
        if j is not None:
            executor.uninstall(j)
        assert tree(pc) == before
        assert not (pc.parent / "journal").exists()

    assert _at_every_point(lambda: uninstall(pc), check, again) > 30
