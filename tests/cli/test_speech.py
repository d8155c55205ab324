"""Commands speak the parent's language: of the settings, else of the session; what scripts read is English."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import click
import pytest
from click.testing import CliRunner

from safeguard import config, language
from safeguard.cli import app, speech
from safeguard.cli.setup import _asked_language
from safeguard.config import Settings
from safeguard.language import ENGLISH
from safeguard.setup import linux
from safeguard.setup.plan import WriteFile
from safeguard.system import catalogue
from safeguard.system.paths import Paths
from tests.cli.conftest import Run
from tests.setup.test_linux import CHOICES, FACTS

NO_PIN = {
    "en": "No PIN is set; set one with: safeguard pin set\n",
    "hy": "PIN սահմանված չէ. սահմանեք այսպես՝ safeguard pin set\n",
    "az": "PIN qoyulmayıb; belə qoyun: safeguard pin set\n",
    "ru": "ПИН-код не задан; задайте его: safeguard pin set\n",
    "tr": "PIN belirlenmemiş; şöyle belirleyin: safeguard pin set\n",
}


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    language.speak(ENGLISH)


@pytest.mark.parametrize("lang", NO_PIN)
def test_the_sessions_language(run: Run, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", f"{lang}.UTF-8")
    done = run("pin", "check")
    assert (done.returncode, done.stdout) == (1, NO_PIN[lang])


def test_the_settings_come_first(run: Run, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    paths.config.mkdir(parents=True)
    paths.settings.write_text("language: hy\n")
    assert run("pin", "check").stdout == NO_PIN["hy"]
    paths.settings.write_text("language: broken\n")  # said by the command that reads it
    assert run("pin", "check").stdout == NO_PIN["en"]


def test_errors_and_wrong_usage(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    assert run("log", "show", "NONE").stderr == "kayıtta 'NONE' girdisi yok; `safeguard log list` hepsini sıralar\n"
    done = run("log", "purge")
    assert done.returncode == 2
    assert done.stderr.startswith("Kullanım: safeguard log purge")
    assert "Hata: --older-than DAYS ya da --all verin" in done.stderr


def test_what_scripts_read_is_english(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    english = json.loads(run("status", "--json").stdout)
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    assert json.loads(run("status", "--json").stdout) == english
    assert run("log", "show", "NONE", "--json").stderr.startswith("no entry 'NONE'")


def test_help_in_the_language_and_examples_as_they_are(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "hy_AM.UTF-8")
    said = run("pin", "set", "--help").stdout
    assert "Գրելաձև՝ safeguard pin set" in said
    assert "Սահմանել PIN-ը կամ փոխել այն" in said
    assert "Օրինակ՝\n    safeguard pin set\n" in said
    assert "Ցույց տալ այս տեքստը և ավարտել։" in said
    assert "Աշխատեցնել զտիչը մինչև Ctrl-C։" in run("--help").stdout


def test_help_changes_no_command() -> None:
    catalogue.speak("ru")
    said = speech.translated(app.get_command(click.Context(app), "pin") or app)
    catalogue.speak("en")
    plain = app.get_command(click.Context(app), "pin")
    assert plain is not None
    assert "ПИН-код" in (said.help or "")
    assert "ПИН-код" not in (plain.help or "")


@pytest.mark.parametrize(("typed", "lang"), [("2", "hy"), ("4", "ru"), ("", "tr")])
def test_setup_asks_for_the_language(typed: str, lang: str) -> None:
    """Each in its own name; nothing typed is the session's. From then on setup speaks it."""

    @click.command()
    def ask() -> None:
        catalogue.speak("tr")
        click.echo(f"chosen {_asked_language(FACTS, ask=True)} {language.spoken()}")

    said = CliRunner().invoke(ask, input=f"{typed}\n").output
    assert all(f". {name}\n" in said for name in language.NAMES.values())
    assert "Language? / Լեզո՞ւն / Dil? / Язык? / Dil?" in said
    assert said.endswith(f"chosen {lang} {lang}\n")


def test_setup_over_an_older_one_keeps_its_language() -> None:
    assert _asked_language(replace(FACTS, settings=Settings(language="az")), ask=True) == ""
    assert language.spoken() == "az"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", "language: hy"),
        (b"language: ru\n", "language: hy"),
        (b"profile: teen\nlanguage: auto\nnotice:\n  lang: ru", "profile: teen notice:   lang: ru language: hy"),
    ],
)
def test_the_language_goes_into_the_settings(before: bytes, after: str) -> None:
    plan = linux.plan(replace(FACTS, settings_file=before), replace(CHOICES, language="hy"))
    [file] = [a for s in plan for a in s.actions if isinstance(a, WriteFile) and a.path == Paths.of_system().settings]
    lines = [line for line in file.data.decode().splitlines() if not line.startswith("#")]
    assert (" ".join(lines), file.once) == (after, False)
    assert config.parse("settings.yaml", file.data).language == "hy"


def test_settings_of_a_parent_stay_where_no_other_language_is_chosen() -> None:
    plan = linux.plan(replace(FACTS, settings_file=b"language: ru\n"), CHOICES)
    [file] = [a for s in plan for a in s.actions if isinstance(a, WriteFile) and a.path == Paths.of_system().settings]
    assert (file.data, file.once) == (b"language: ru\n", True)


def test_a_verdict_and_a_rule_in_the_language(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    said = run("check", "I will kill you and your family tonight").stdout
    assert said.startswith("вредное: ")
    assert "тяжесть 3 (наивысшая)" in said
    assert "Угроза читателю" in said  # what the rule says of itself
    assert "нет правила 'no.such'; список даёт `safeguard rules list`" in run("rules", "enable", "no.such").stderr
    assert run("check", "Good morning", "--jsonl", "-").stderr.endswith("Ошибка: укажите TEXT или --jsonl FILE, одно из двух\n")


def test_what_is_wrong_in_a_file_in_the_language(run: Run, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    paths.config.mkdir(parents=True)
    paths.settings.write_text("listen: {port: 0}\n")
    assert run("check", "hello").stderr == f"{paths.settings}:1: listen.port 1 ile 65535 arasında bir tam sayı olmalı\n"
