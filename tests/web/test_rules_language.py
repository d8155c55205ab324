"""What rules, groups and sites say of themselves, and what is wrong in a family's file, in the language of each request."""

from __future__ import annotations

import html
import io
import json
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest

from safeguard import wiring
from safeguard.config import Settings
from safeguard.evidence import names
from safeguard.language import LANGS
from safeguard.matching.engine import Engine
from safeguard.policy.protection import Gap, Protection, State
from safeguard.ruleset.model import CompiledRules
from safeguard.system import catalogue, rule_words
from safeguard.system.packs import Packs
from safeguard.text.unit import TextUnit
from safeguard.web import create_app
from safeguard.web.deps import Words
from tests.store.conftest import REASON, incident
from tests.web.conftest import ORIGIN, Site

IN_EACH = pytest.mark.parametrize("lang", LANGS[1:])
RULE, GROUP = "incitement.ought-kill", "armenians"
BROKEN = "kind: list\nid: ours\nwords: [one]\nmore: [two]\n"


def said(lang: str, english: str) -> str:
    found = rule_words.words(lang, Packs(Path("none")))[english]
    assert found != english
    return found


@pytest.fixture
def rules() -> CompiledRules:
    return wiring.compiled_rules(Settings())


@pytest.fixture
def off(rules: CompiledRules) -> str:
    return rules.contexts[0].id


@pytest.fixture
def page(site: Site, rules: CompiledRules, off: str) -> Site:
    """Signed in, with the shipped rules, and an entry of one of them that a context does not count."""
    video = Protection("y", "Y", State.PARTLY, (Gap.NOT_COVERED,), wiring.load_sites(Settings()).profiles[0].not_covered)
    site.deps = replace(
        site.deps,
        engine=lambda: Engine(rules),
        rules=lambda: wiring.load_rule_files(Settings()).rules,
        words=lambda: Words(rules.whys, rules.titles, {}),
        sites=lambda: (video,),
    )
    reasons = (replace(REASON, rule=RULE), replace(REASON, rule=RULE, suppressed_by=off))
    site.deps.store.add(incident("AB12", reasons=reasons, group=GROUP, rule=RULE))
    assert site.deps.store.flush()
    site.client = create_app(site.deps).test_client()
    site.sign_in()
    return site


def text(page: Site, path: str, lang: str) -> str:
    return html.unescape(page.get(path, Accept_Language=lang).text)


@IN_EACH
def test_the_review(page: Site, rules: CompiledRules, off: str, lang: str) -> None:
    shown = text(page, "/", lang)
    for english in (rules.whys[RULE], rules.whys[off], rules.titles[GROUP]):
        assert said(lang, english) in shown
        assert f">{english}<" not in shown
    assert 'lang="en"' not in shown


@IN_EACH
def test_all_rules_and_what_is_searched_is_what_is_seen(page: Site, rules: CompiledRules, lang: str) -> None:
    why = said(lang, rules.whys[RULE])
    assert why in text(page, f"/rules/all?q={RULE}", lang)
    found = html.unescape(page.get("/rules/all", Accept_Language=lang).text)
    assert 'lang="en"' not in found
    answer = page.client.get("/rules/all", base_url=ORIGIN, query_string={"q": why}, headers={"Accept-Language": lang})
    assert RULE in answer.text


@IN_EACH
def test_a_text_that_is_tried(page: Site, rules: CompiledRules, lang: str) -> None:
    form = {"token": page.token(), "text": "kill all Armenians"}
    shown = html.unescape(page.post("/rules/try", form, Accept_Language=lang).text)
    verdict = Engine(rules).explain(TextUnit.of("kill all Armenians"))
    assert said(lang, rules.whys[verdict.reasons[0].rule]) in shown
    assert f"<bdi>{said(lang, rules.titles[GROUP])}</bdi>" in shown


@IN_EACH
def test_what_of_a_site_is_not_read(page: Site, lang: str) -> None:
    english = wiring.load_sites(Settings()).profiles[0].not_covered
    assert said(lang, english) in text(page, "/overview", lang)
    assert said(lang, english) in page.get("/overview/sites.csv", Accept_Language=lang).get_data().decode("utf-8-sig").replace('""', '"')


@IN_EACH
def test_the_figures_by_group(page: Site, rules: CompiledRules, lang: str) -> None:
    assert said(lang, rules.titles[GROUP]) in text(page, "/overview", lang)
    assert said(lang, rules.titles[GROUP]) in page.get("/overview/group.csv", Accept_Language=lang).get_data().decode("utf-8-sig")


@IN_EACH
def test_a_package_has_both(page: Site, rules: CompiledRules, lang: str) -> None:
    """English in the files that programs read, the family's language on the page in it."""
    page.press("/entry/AB12/save")
    page.post("/evidence/make", {"token": page.token(), "recipient": "police"}, Accept_Language=lang)
    with ZipFile(io.BytesIO(page.get("/evidence/download").data)) as z:
        record, shown = json.loads(z.read(names.entry(1))), html.unescape(z.read(names.PAGE).decode())
    assert (record["findings"][0]["why"], record["group"]) == (rules.whys[RULE], GROUP)
    assert said(lang, rules.whys[RULE]) in shown
    assert said(lang, rules.titles[GROUP]) in shown


def test_a_familys_broken_file_in_the_language_of_each_request(page: Site) -> None:
    page.deps.own.folder.mkdir(parents=True)
    (page.deps.own.folder.parent / "ours.yaml").write_text(BROKEN)
    for lang in (*LANGS, *LANGS):
        known = catalogue.messages(lang).get("unknown key %(key)s (known: %(known)s)", "unknown key %(key)s (known: %(known)s)")
        assert known.partition("%")[0] + "'more'" in text(page, "/rules/", lang), lang
