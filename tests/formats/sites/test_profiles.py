"""Every shipped profile on answers laid out as its site's, with the real rules: which texts go and which stay, byte for byte.

bodies/<site>-<what>.json|html are written by hand. `⟦role@author|text⟧` marks a text that must be hidden, with the role and author its
incident must have; `⟦|text⟧` one that goes too: a copy, or the next piece of a text in runs. Everything outside marks must stay.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from safeguard.formats.sites.model import Sites
from safeguard.formats.sites.parser import parse
from safeguard.matching.engine import Engine
from safeguard.pipeline import Exchange, Pipeline
from safeguard.ruleset.compiler import compile_rules
from safeguard.system import everyday, rule_files

BODIES = sorted((Path(__file__).parent / "bodies").iterdir())
SHIPPED = sorted((Path(__file__).parents[3] / "rules" / "sites").glob("*.yaml"))
MARK = re.compile(r"⟦([^|⟧]*)\|([^⟧]*)⟧")
TYPES = {".json": "application/json; charset=utf-8", ".html": "text/html; charset=utf-8"}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """The shipped rules and profiles."""
    engine = Engine(compile_rules(rule_files.gather(tmp_path_factory.mktemp("own")).rules, everyday=everyday.every()))
    return Pipeline(engine, Sites.of(parse(f"sites/{p.name}", p.read_bytes()) for p in SHIPPED), b"key")


@pytest.mark.parametrize("path", BODIES, ids=lambda p: p.name)
def test_what_goes_and_what_stays(path: Path, pipeline: Pipeline) -> None:
    marked = path.read_text(encoding="utf-8")
    profile = next(p for p in pipeline.sites.profiles if p.name == path.stem.split("-")[0])
    host = f"www.{profile.domains[0]}"
    url = f"https://{host}/"
    body = MARK.sub(lambda m: m[2], marked)
    assert body != marked, "nothing is marked"

    outcome = pipeline.check_body(Exchange(url, host, TYPES[path.suffix]), body.encode())
    after = outcome.body.decode()

    stays = [re.escape(part) for part in MARK.split(marked)[::3]]
    said = re.fullmatch("(.*?)".join(stays), after, re.S)
    assert said, f"a text beside the marks changed, or one is not hidden:\n{after}"
    marks = list(MARK.finditer(marked))
    for mark, new in zip(marks, said.groups(), strict=True):
        assert new == "" or "SafeGuard" in new, f"not hidden: {mark[2]}"
        assert new or not mark[1], f"no notice: {mark[2]}"
    wanted = {mark[1] for mark in marks if mark[1]}
    assert {f"{i.role}@{i.author}" for i in outcome.incidents} == wanted


def test_every_site_has_a_body() -> None:
    assert {p.stem for p in SHIPPED} == {p.stem.split("-")[0] for p in BODIES}
