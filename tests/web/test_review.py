"""What a parent reviews and corrects: every click does one thing, and can be taken back."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from safeguard.matching.verdict import Category
from safeguard.policy.allowance import Scope
from safeguard.web.marks import pieces
from tests.store.conftest import REASON, incident
from tests.web.conftest import Site


@pytest.fixture
def page(site: Site) -> Site:
    """Signed in, with three entries: AB12 and AB13 of one author, AB14 a personal threat without an author, for anna."""
    site.sign_in()
    off = replace(REASON, rule="other-rule", words=("not this",), suppressed_by="some-context")
    site.deps.store.add(incident("AB12", excerpt="here are words and, not this, of it", reasons=(REASON, off), account="anna"))
    site.deps.store.add(incident("AB13", excerpt="another text", reasons=()))
    threat = replace(REASON, category=Category.PERSONAL_THREAT)
    site.deps.store.add(
        incident(
            "AB14",
            excerpt="a third",
            author="",
            category="personal_threat",
            reasons=(threat,),
            role="message",
            account="berk",
            site="y.test",
        )
    )
    assert site.deps.store.flush()
    return site


def article(page: Site, code: str, path: str = "/") -> str:
    found = re.search(rf'<article id="e-{code}".*?</article>', page.get(path).text, re.S)
    return found[0] if found else ""


def test_an_entry_says_what_where_how_bad_against_whom_and_why(page: Site) -> None:
    text = article(page, "AB12")
    for said in ("Call to violence", "The X Network, post", "highest", "People of X", "anna", "AB12", "Says why the rule is there."):
        assert said in text
    assert "here are <mark>words</mark> and, not this, <mark>of it</mark>" in text
    assert re.search(r"Not counted:.*Switched off by:.*Says why it does not count\.", text, re.S)
    assert "private message" in article(page, "AB14")


def test_the_text_is_veiled_until_asked_for(page: Site) -> None:
    text = article(page, "AB13")
    assert re.search(r'<details class="veil"><summary>Show the text</summary>\s*<blockquote dir="auto">another text<', text)
    assert "another text" not in re.sub(r"<details.*?</details>", "", text, flags=re.S)


def test_an_authors_entries_stand_together(page: Site) -> None:
    groups = re.findall(r'<section class="group">.*?</section>', page.get().text, re.S)
    assert [re.findall(r'id="e-(\w+)"', g) for g in groups] == [["AB12", "AB13"], ["AB14"]] or len(groups) == 2
    assert sum("Hide this author everywhere" in g for g in groups) == 1


@pytest.mark.parametrize(
    ("scope", "value", "on", "account"),
    [("text", "AB12", "", ""), ("author", "@who", "x", ""), ("site", "x", "", ""), ("rule", "some-rule", "", "anna")],
)
def test_not_harmful_and_taken_back(page: Site, scope: str, value: str, on: str, account: str) -> None:
    done = page.press("/entry/AB12/allow?severity=2&q=words", scope=scope)
    assert done.location == "/?severity=2&q=words#e-AB12"
    [made] = page.deps.store.allowances.list()
    a = made.allowance
    assert (a.scope, a.value, a.site, a.account, made.code) == (Scope(scope), value, on, account, "AB12")
    text = page.get().text
    assert "Allowed." in text
    assert "Allowed." not in page.get().text  # told once
    entry = page.deps.store.show("AB12")
    assert entry is not None
    assert entry.review == "wrong"
    assert re.search(r"You allowed .*Take back", article(page, "AB12"), re.S)
    page.press(f"/allowance/{a.id}/undo")
    entry = page.deps.store.show("AB12")
    assert page.deps.store.allowances.list() == []
    assert entry is not None
    assert entry.review == ""
    assert page.press(f"/allowance/{a.id}/undo").status_code == 404


@pytest.mark.parametrize("scope", ["author", "site", "rule", "", "everything"])
def test_what_cannot_be_allowed(page: Site, scope: str) -> None:
    """A personal threat only text by text (its site may be allowed, which never reaches it), one without an author for no author."""
    assert page.press("/entry/AB14/allow", scope=scope).status_code == (303 if scope == "site" else 400)
    if scope in ("author", "rule"):
        assert f'value="{scope}"' not in article(page, "AB14")


@pytest.mark.parametrize("kind", ["unchecked", "reduced", "reveal", "pin"])
def test_what_hides_no_text_has_nothing_to_allow(page: Site, kind: str) -> None:
    page.deps.store.add(incident("AB15", kind=kind, category=kind, excerpt="why", author=""))
    page.deps.store.flush()
    assert "<button" not in article(page, "AB15")
    for scope in Scope:
        assert page.press("/entry/AB15/allow", scope=scope.value).status_code == 400


def test_rightly_found_and_taken_back(page: Site) -> None:
    page.press("/entry/AB12/allow", scope="text")
    page.press("/entry/AB12/right")
    entry = page.deps.store.show("AB12")
    assert page.deps.store.allowances.list() == []
    assert entry is not None
    assert entry.review == "right"
    assert "You noted it as rightly found." in article(page, "AB12")
    page.press("/entry/AB12/unsaid")
    assert "rightly found" not in article(page, "AB12").replace("Rightly found", "")


def test_hide_an_author_everywhere_and_take_it_back(page: Site) -> None:
    place = page.deps.own.folder / "own.yaml"
    page.press("/entry/AB12/hide-author")
    assert '- "@who"' in place.read_text()
    assert "Hidden everywhere by your list." in page.get().text
    page.press("/entry/AB12/hide-author")  # twice is once
    assert place.read_text().count("@who") == 1
    page.press("/entry/AB12/show-author")
    assert not place.exists()
    assert "Hide this author everywhere" in page.get().text


@pytest.mark.parametrize("author", ["", "\u202eabc", "a\nb", "@", "x" * 600, " a"])
def test_an_author_that_no_list_can_hold(page: Site, author: str) -> None:
    page.deps.store.add(incident("AB16", author=author))
    page.deps.store.flush()
    assert page.press("/entry/AB16/hide-author").status_code == 400
    assert not page.deps.own.folder.exists()


@pytest.mark.parametrize("what", ["allow", "right", "unsaid", "hide-author", "show-author"])
def test_of_an_entry_that_is_gone(page: Site, what: str) -> None:
    assert page.press(f"/entry/ZZ99/{what}", scope="text").status_code == 404
    assert page.post(f"/entry/AB12/{what}", {"scope": "text"}).status_code == 403  # without the token


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("", {"AB12", "AB13", "AB14"}),
        ("site=x", {"AB12", "AB13"}),
        ("category=personal_threat", {"AB14"}),
        ("child=anna", {"AB12"}),
        ("action=blur", set()),
        ("author=%40who", {"AB12", "AB13"}),
        ("severity=3", {"AB12", "AB13", "AB14"}),
        ("days=7", {"AB12", "AB13", "AB14"}),
        ("q=ANOTHER", {"AB13"}),
        ("q=ab14", {"AB14"}),
        ("q=text&child=anna", set()),
        ("severity=x&days=-1&after=%27--", {"AB12", "AB13", "AB14"}),
    ],
)
def test_search_and_filters(page: Site, query: str, codes: set[str]) -> None:
    assert set(re.findall(r'<article id="e-(\w+)"', page.get(f"/?{query}").text)) == codes


def test_page_by_page_every_entry_once(page: Site) -> None:
    for n in range(70):
        page.deps.store.add(incident(f"CC{n:02d}", author=f"@a{n}"))
    page.deps.store.flush()
    path, seen = "/?site=x", list[str]()
    for turn in range(3):
        text = page.get(path).text
        seen += re.findall(r'<article id="e-(\w+)"', text)
        older = re.search(r'class="next" href="([^"]+)"', text)
        assert (older is not None) == (turn < 2)
        path = older[1].replace("&amp;", "&") if older else ""
    assert sorted(seen) == sorted({*seen})
    assert len(seen) == 72


def test_pieces() -> None:
    assert pieces("", ()) == []
    assert pieces("ab", ()) == [("ab", False)]
    two = replace(REASON, words=("b", "a"))
    assert pieces("a b a", (two,)) == [("a ", False), ("b", True), (" ", False), ("a", True)]
    assert pieces("a b", (replace(two, suppressed_by="x"),)) == [("a b", False)]
    assert pieces("ab", (replace(two, words=("b", "a", "", "c")),)) == [("ab", True)]
