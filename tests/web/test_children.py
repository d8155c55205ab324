"""The children's page: what a parent sets there is in the file the filter reads, each change can be taken back, nothing hostile counts."""

from __future__ import annotations

import re

import pytest

from safeguard.policy.hours import Shut, Wall
from safeguard.policy.place import Place
from safeguard.policy.profile import TEEN, Action
from safeguard.policy.profiles import Profiles
from tests.store.conftest import incident
from tests.web.conftest import Site
from tests.web.hostile import HOSTILE

A = Action
WHOLE = {"severity0": "log", "severity1": "warn", "severity2": "blur", "severity3": "block", "suspect": "warn"}


@pytest.fixture
def signed_in(site: Site) -> Site:
    site.sign_in()
    return site


def family(site: Site) -> Profiles:
    return site.deps.family.read()


def said(site: Site) -> str:
    found = re.search(r'role="status">([^<]*)<', site.get("/children").text)
    return found[1] if found else ""


def test_only_for_who_signed_in(site: Site) -> None:
    assert site.get("/children").status_code == 303
    assert site.post("/children/profile/teen", WHOLE).status_code == 403
    assert family(site) == Profiles()


def test_it_shows_what_there_is(signed_in: Site) -> None:
    text = signed_in.get("/children").text
    for words in ("Young child", "Teenager", "Trial", "Everybody else", "ann", "ben", "Armenia", "The X Network", "Help lines"):
        assert words in text
    assert 'aria-current="page">Children' in text


def test_who_has_which(signed_in: Site) -> None:
    s = signed_in
    s.press("/children/assign", account="ann", profile="teen")
    s.press("/children/assign", account="", profile="trial")
    assert (dict(family(s).accounts), family(s).default) == ({"ann": "teen"}, "trial")
    s.press("/children/assign", account="ann", profile="teen", own="1")
    assert family(s).accounts["ann"] == "ann"
    assert family(s).profiles["ann"].harmful == TEEN.harmful
    s.press("/children/assign", account="ann", profile="")
    assert dict(family(s).accounts) == {}


@pytest.mark.parametrize(("account", "profile"), [("nobody", "teen"), ("ann", "adult"), ("", ""), (HOSTILE[0], "teen"), ("a b", "teen")])
def test_what_cannot_be_assigned(signed_in: Site, account: str, profile: str) -> None:
    signed_in.press("/children/assign", account=account, profile=profile)
    assert "Nothing was saved" in said(signed_in)
    assert family(signed_in) == Profiles()


def test_what_a_profile_does_and_when(signed_in: Site) -> None:
    s = signed_in
    times = "mon-fri 21:00-07:00\r\n\r\n sat,sun 23:00-08:00 \r\n"
    s.press("/children/profile/teen", **WHOLE, reveal="on", times=times, messages="block", feed="")
    assert said(s) == "Saved. It counts at once."
    one = family(s).profiles["teen"]
    assert one.harmful == (A.LOG, A.WARN, A.BLUR, A.BLOCK)
    assert (one.suspect, one.reveal) == (A.WARN, True)
    assert one.hours.shut("x", Wall(0, 22 * 60)) == Shut(420)
    assert one.harmful_at("x", Place.MESSAGES) == (A.BLOCK,) * 4
    text = s.get("/children").text
    assert "mon-fri 21:00-07:00\nsat,sun 23:00-08:00" in text
    s.press("/children/profile/teen", **WHOLE, off="on")
    one = family(s).profiles["teen"]
    assert (one.hours.off, one.hours.times, one.reveal, dict(one.places)) == (True, (), False, {})


def test_one_site_by_itself(signed_in: Site) -> None:
    s = signed_in
    s.press("/children/profile/teen/site", site="x", off="no", messages="log")
    one = family(s).profiles["teen"]
    assert dict(one.hours.sites) == {"x": False}
    assert one.harmful_at("x", Place.MESSAGES) == (A.LOG,) * 4
    s.press("/children/profile/teen/site", site="x", off="yes")
    assert dict(family(s).profiles["teen"].hours.sites) == {"x": True}
    s.press("/children/profile/teen/site", site="x", off="")
    assert family(s).profiles["teen"] == TEEN
    assert s.press("/children/profile/teen/site", site="../x").status_code == 404
    assert s.press("/children/profile/nobody/site", site="x").status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        WHOLE | {"severity0": "hide"},
        WHOLE | {"messages": "hide"},
        {},
        WHOLE | {"times": "mon 21:00-07:00\n" * 51},
    ],
    ids=["no action", "no action of a place", "empty", "too many times"],
)
def test_what_no_form_of_ours_says(signed_in: Site, fields: dict[str, str]) -> None:
    assert signed_in.press("/children/profile/teen", **fields).status_code == 400
    assert family(signed_in) == Profiles()


def test_a_time_that_cannot_be_read_is_said(signed_in: Site) -> None:
    signed_in.press("/children/profile/teen", **WHOLE, times="<b>night</b>")
    text = signed_in.get("/children").text
    assert "Nothing was saved. This cannot be read: &#39;&lt;b&gt;night" in text
    assert family(signed_in) == Profiles()


def test_help_lines(signed_in: Site) -> None:
    s = signed_in
    s.press("/children/help", country="am", lines="Grandma: 010 123456\n\n")
    assert (family(s).country, family(s).help) == ("am", ("Grandma: 010 123456",))
    s.press("/children/help", country="am", lines="[x]")
    assert "Nothing was saved" in said(s)
    assert s.press("/children/help", country="Armenia").status_code == 400


def test_a_change_is_taken_back(signed_in: Site) -> None:
    s = signed_in
    s.press("/children/assign", account="ann", profile="teen")
    before = family(s)
    s.press("/children/profile/teen", **WHOLE, off="on")
    assert "Take back" in s.get("/children").text
    s.press("/children/undo")
    assert said(s) == "Taken back."
    assert family(s) == before
    assert "Take back" not in s.get("/children").text
    s.press("/children/undo")
    assert "nothing was taken back" in said(s)


def test_what_was_changed_elsewhere_since_is_not_taken_back(signed_in: Site) -> None:
    s = signed_in
    s.press("/children/assign", account="ann", profile="teen")
    s.deps.family.write(family(s).with_default("trial"))
    s.press("/children/undo")
    assert "nothing was taken back" in said(s)
    assert family(s).default == "trial"


def test_a_broken_file_is_said_and_stays(signed_in: Site) -> None:
    file = next(iter([signed_in.deps.family._paths.config / "profiles.yaml"]))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("x: 1\n")
    got = signed_in.get("/children")
    assert got.status_code == 503
    assert "unknown key" in got.text
    assert file.read_text() == "x: 1\n"


def test_what_a_child_asks_about_stands_first_until_it_is_answered(signed_in: Site) -> None:
    s = signed_in
    for code in ("OLD1", "NEW2", "NEW3"):
        s.deps.store.add(incident(code, excerpt=f"text of {code}"))
    s.deps.store.add(incident("ASK1", kind="asked", category="asked", excerpt="OLD1", action="asked", reasons=(), author=""))
    s.deps.store.add(incident("ASK2", kind="asked", category="asked", excerpt="GONE", action="asked", reasons=(), author=""))
    s.deps.store.flush()

    def shown() -> list[str]:
        return re.findall(r'<article id="e-([^"]+)"', s.get().text)

    assert set(shown()[:2]) == {"OLD1", "ASK2"}
    assert sorted(shown()) == ["ASK2", "NEW2", "NEW3", "OLD1"]
    assert s.get().text.count('<p class="said">Your child asks you to check this') == 2
    assert set(re.findall(r'<article id="e-([^"]+)"', s.get("/?category=asked").text)) == {"ASK1", "ASK2"}
    s.press("/entry/OLD1/allow", scope="text")
    assert shown()[0] == "ASK2"
    s.press("/entry/ASK2/looked")
    assert '<p class="said">Your child asks' not in s.get().text
    assert sorted(shown()) == ["NEW2", "NEW3", "OLD1"]
    assert [a.code for a in s.deps.store.alerts.pending() if a.category == "asked"] == ["OLD1", "GONE"]


@pytest.mark.parametrize("text", HOSTILE[:12], ids=range(12))
def test_hostile_names_are_texts(signed_in: Site, text: str) -> None:
    s = signed_in
    s.press("/children/help", lines=text.replace("\n", " ")[:50])
    s.press("/children/profile/teen", **WHOLE, times=text)
    body = s.get("/children").text
    assert text not in body or not set(text) & set("<>\"'&")
