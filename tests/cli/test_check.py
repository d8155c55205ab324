"""`safeguard check`: the contract of --jsonl that other programs rely on, and the explanation for a person."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.cli import check
from safeguard.text.unit import Role

Run = Callable[..., "subprocess.CompletedProcess[str]"]
THREAT = "😀 I will kill you and your family tonight"
KEYS = ["id", "verdict", "category", "severity", "score", "group", "reasons"]


def lines(*cases: object) -> str:
    return "".join(json.dumps(c, ensure_ascii=False) + "\n" for c in cases)


def test_answers_keep_the_order_and_the_form(run: Run) -> None:
    done = run(
        "check",
        "--jsonl",
        "-",
        stdin=lines({"id": "b", "text": THREAT}, {"id": "a", "text": ""}, {"id": "b", "text": "hello", "also": [1]}),
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, "")
    assert [(a["id"], a["verdict"]) for a in answers] == [("b", "harmful"), ("a", "clean"), ("b", "clean")]
    assert [list(a) for a in answers] == [KEYS] * 3
    assert answers[1] == {"id": "a", "verdict": "clean", "category": None, "severity": 0, "score": 0.0, "group": None, "reasons": []}
    reason = answers[0]["reasons"][0]
    assert list(reason) == ["rule", "category", "start", "end", "words", "suppressed_by"]
    assert "kill" in THREAT[reason["start"] : reason["end"]]  # code points, not bytes or UTF-16 units


def test_a_profile_adds_an_action(run: Run) -> None:
    done = run("check", "--jsonl", "-", "--profile", "trial", stdin=lines({"id": "x", "text": THREAT}))
    assert json.loads(done.stdout)["action"] == "log"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"not json", "line 3: broken JSON"),
        (b'{"id": "x", "text": "a"', "line 3: broken JSON"),
        (b'["x"]', "line 3: must be a JSON object"),
        (b'{"text": "a"}', "line 3: id must be a string"),
        (b'{"id": 5, "text": "a"}', "line 3: id must be a string"),
        (b'{"id": "x"}', "line 3: text must be a string"),
        (b'{"id": "x", "text": null}', "line 3: text must be a string"),
        (b'{"id": "x", "text": "a", "role": "poem"}', "line 3: role must be one of post, comment"),
        (b'{"id": "x", "text": "a", "role": ["post"]}', "line 3: role must be one of"),
        (b'{"id": "x", "text": "a", "lang": 5}', "line 3: lang must be a string"),
        (b'{"id": "x", "text": "\xff"}', "line 3: not UTF-8 at byte 22"),
        (b'{"id": "x", "text": "a", "n": NaN}', "line 3: broken JSON: NaN"),
        (b"[" * 200_000, "line 3: broken JSON: nested too deep"),
    ],
    ids=lambda v: v[:24].decode("latin-1") if isinstance(v, bytes) else "",
)
def test_a_broken_line_is_named(run: Run, line: bytes, says: str) -> None:
    done = run("check", "--jsonl", "-", stdin=b'{"id": "ok", "text": "a"}\n\n' + line + b'\n{"id": "never", "text": "a"}\n')
    assert done.returncode == 2
    assert done.stderr.startswith(says)
    assert done.stderr.count("\n") == 1
    assert [json.loads(a)["id"] for a in done.stdout.splitlines()] == ["ok"]


def test_odd_but_right_lines(run: Run) -> None:
    odd = (
        '\ufeff{"id": "bom", "text": "a"}\r\n'
        "   \n"
        '{"id": "huge number", "text": "a", "n": ' + "9" * 6000 + "}\n"
        '{"id": "\\ud800 half a letter", "text": "kill you \\udfff"}\n'
        '{"id": "separator \u2028", "text": "a\u2028b"}\n'
        '{"id": "nothing said", "text": "a", "role": "bio", "lang": null}\n'
        '{"id": "no newline at the end", "text": "a"}'
    )
    done = run("check", "--jsonl", "-", stdin=odd)
    assert (done.returncode, done.stderr) == (0, "")
    assert [json.loads(a)["id"] for a in done.stdout.splitlines()] == [
        "bom",
        "huge number",
        "\ud800 half a letter",
        "separator \u2028",
        "nothing said",
        "no newline at the end",
    ]


def test_a_file_of_many_lines(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_text(lines(*({"id": str(n), "text": THREAT if n % 1000 == 7 else "hello"} for n in range(2500))))
    done = run("check", "--jsonl", str(file))
    answers = [json.loads(a) for a in done.stdout.splitlines()]
    assert [a["id"] for a in answers] == [str(n) for n in range(2500)]
    assert [a["id"] for a in answers if a["verdict"] == "harmful"] == ["7", "1007", "2007"]


def test_a_program_that_asks_line_by_line_is_answered_at_once() -> None:
    command = [sys.executable, "-m", "safeguard", "check", "--jsonl", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        for n in range(3):
            process.stdin.write(lines({"id": str(n), "text": THREAT}))
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == str(n)
        process.stdin.close()
        assert process.wait(10) == 0


@pytest.mark.parametrize("args", [(), ("text", "--jsonl", "-")], ids=["neither", "both"])
def test_one_of_text_and_jsonl(run: Run, args: tuple[str, ...]) -> None:
    done = run("check", *args)
    assert done.returncode == 2
    assert "give a TEXT or --jsonl FILE" in done.stderr


def test_a_missing_file_is_one_line(run: Run) -> None:
    done = run("check", "--jsonl", "/nowhere/in.jsonl")
    assert (done.returncode, done.stderr) == (2, "/nowhere/in.jsonl: cannot be read (No such file or directory)\n")


def test_a_person_reads_what_was_found_and_where(run: Run) -> None:
    done = run("check", THREAT)
    assert done.returncode == 1
    assert done.stdout.startswith("harmful: ")
    assert ">>" in done.stdout
    assert "severity 3 (highest)" in done.stdout
    assert "profile young-child: hidden" in done.stdout


def test_a_person_reads_why_and_what_spoke_against_it(run: Run) -> None:
    done = run("check", 'He wrote "Kurds are rats and liars" on a wall')
    lines = done.stdout.splitlines()
    assert (done.returncode, lines[:2]) == (0, ["clean", '  He wrote ">>Kurds are rats and liars<<" on a wall'])
    assert "  not counted dehumanisation.en-is (dehumanisation): Kurds … are … rats" in lines
    assert "      Says that a group is animals, vermin, a disease, dirt or not human." in lines
    assert "      switched off by context.quoted: Quotes hate in order to report or denounce it." in lines
    assert any(line.startswith("  more about a rule: safeguard rules show ") for line in lines)


def test_a_clean_text_exits_with_0(run: Run) -> None:
    done = run("check", "Good morning")
    assert done.returncode == 0
    assert done.stdout == "clean\n  Good morning\n  no rule found anything\n  profile young-child: shown\n"


def test_hostile_text_is_harmless_for_the_terminal(run: Run) -> None:
    for args in ((), ("--json",)):
        done = run("check", "\x1b]0;owned\x07 kill all \x1b[2J\u202e", *args)
        assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout)


def test_json_for_one_text(run: Run) -> None:
    done = run("check", "--json", "--", "-- hello [bold]you[/bold]")
    assert list(json.loads(done.stdout)) == [*KEYS[1:], "action"]


def test_wrong_settings_stop_the_command(run: Run, paths: object) -> None:
    from safeguard.system.paths import Paths

    place = Paths.of_user()
    place.config.mkdir(parents=True)
    place.settings.write_text("profil: teen\nlisten: {port: 0}\n")
    done = run("check", "hello")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0].startswith(f"{place.settings}:1: unknown setting 'profil'")
    assert done.stderr.splitlines()[1].startswith(f"{place.settings}:2: listen.port must be")


@given(st.binary(max_size=80) | st.text(max_size=40).map(lambda t: json.dumps({"id": t, "text": t}).encode()))
def test_any_line_is_a_case_or_refused(line: bytes) -> None:
    try:
        id_, unit = check.read_case(line)
    except check.Broken:
        return
    assert isinstance(id_, str)
    assert len(unit.segments) == 1


@pytest.mark.parametrize("role", [r.value for r in Role])
def test_every_role_is_taken(role: str) -> None:
    assert check.read_case(json.dumps({"id": "", "text": "a", "role": role}).encode())[1].segments[0].role == role
