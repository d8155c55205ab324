"""The rooms are joined from the settings, and rules reload without a restart while broken ones change nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeguard import wiring
from safeguard.config import Settings
from safeguard.errors import InputError
from safeguard.policy.profile import TEEN
from safeguard.system import private
from safeguard.system.paths import Paths


def test_settings_of_an_account_without_any(paths: Paths) -> None:
    assert wiring.load_settings() == Settings()


def test_own_rules_folder(paths: Paths, tmp_path: Path) -> None:
    assert wiring.own_rules(Settings()) == paths.rules
    assert wiring.own_rules(Settings(rules_folder=str(tmp_path))) == tmp_path
    assert wiring.own_rules(Settings(rules_folder="~/r")) == Path.home() / "r"


def test_profiles(paths: Paths) -> None:
    assert wiring.profile_of(Settings()).name == "young-child"
    assert wiring.profile_of(Settings(profile="teen"), None) is TEEN
    with pytest.raises(InputError, match="no profile 'adult'; there are: young-child, teen, trial"):
        wiring.profile_of(Settings(), "adult")


def test_rules_are_compiled_anew_for_other_everyday_texts(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr(wiring.compiled_cache, "load_or_make", lambda folder, name, *_: made.append(name))
    for texts in ([("en", b"hello")], [("en", b"hello")], [("en", b"good morning")]):
        monkeypatch.setattr(wiring.everyday, "files", lambda texts=texts: texts)
        wiring.compiled_rules(Settings())
    assert made[0] == made[1] != made[2]


@pytest.mark.parametrize(
    ("setting", "parents", "locale", "lang"),
    [
        ("hy", "auto", "ru_RU.UTF-8", "hy"),
        ("auto", "auto", "ru_RU.UTF-8", "ru"),
        ("auto", "az", "ru_RU.UTF-8", "az"),
        ("tr", "az", "ru_RU.UTF-8", "tr"),
        ("auto", "auto", "de_DE.UTF-8", "en"),
        ("auto", "auto", "", "en"),
    ],
)
def test_notice_language(setting: str, parents: str, locale: str, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, locale if name == "LANG" else "")
    monkeypatch.setattr("locale.getlocale", lambda: (None, None))
    assert wiring.notice_language(Settings(lang=setting, language=parents)) == lang


@pytest.mark.parametrize(("parents", "notices", "lang"), [("hy", "ru", "hy"), ("auto", "ru", "ru"), ("auto", "auto", "tr")])
def test_parents_language(parents: str, notices: str, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    assert wiring.parents_language(Settings(language=parents, lang=notices)) == lang


def test_the_pipeline_has_everything(paths: Paths) -> None:
    kept: list[object] = []
    pipeline = wiring.build_pipeline(Settings(body_bytes=70_000), sink=kept.append, profile=TEEN)
    assert (pipeline.profile, pipeline.limit, pipeline.sink) == (TEEN, 70_000, kept.append)
    assert pipeline.code_key == private.secret(paths.code_key)
    assert wiring.build_pipeline(Settings()).code_key == pipeline.code_key


def test_a_given_key_leaves_the_account_alone(paths: Paths) -> None:
    assert wiring.build_pipeline(Settings(), code_key=b"k").code_key == b"k"
    assert not paths.state.exists()


def test_the_log_is_private(paths: Paths) -> None:
    wiring.open_store(Settings()).close()
    private.check(paths.log)
    private.check(paths.state)


def test_a_familys_help_lines_are_read_and_looked_at(paths: Paths) -> None:
    assert "112" in wiring.load_help(Settings()).said("en")
    own = paths.rules / "help" / "own.yaml"
    own.parent.mkdir(parents=True)
    words = "words: {aunt: {en: aunt, ru: a, tr: b, az: c, hy: d}}\n"
    own.write_text(f'kind: help\n{words}countries: {{am: [{{number: "5555", what: aunt}}]}}\n')
    assert wiring.load_help(Settings()).said("en", "am") == "Get help: 5555 (aunt)."
    own.write_text("kind: help\nnumbers: 1\n")
    problems, _ = wiring.lint_rules(Settings())
    assert [(p.file, p.line) for p in problems if not p.warning] == [(str(own), 2)]
