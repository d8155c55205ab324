"""The rules on the page: entries with their preview, lists switched, ended, kept and taken, a text tried; all undone by a click."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from safeguard import strict_yaml
from safeguard.config import Settings
from safeguard.errors import StoreError
from safeguard.matching.engine import Engine
from safeguard.ruleset.compiler import compile_rules
from safeguard.system import rule_files
from safeguard.system.own_rules import Place
from safeguard.system.paths import Paths
from safeguard.web import create_app, rules_import
from safeguard.web.rules import SIZE
from safeguard.wiring import own_rules
from tests.cli.conftest import ship as ship
from tests.cli.test_rule_preview import SMALL
from tests.store.conftest import incident
from tests.web.conftest import ORIGIN, Site

TOMORROW = (date.today() + timedelta(days=1)).isoformat()
CONTEXTS = "kind: contexts\ncontexts:\n  - {id: ctx.news, why: News tell of it., reach: sentence, any: [REPORT]}\n"
RULES = SMALL | {
    "frames/threats.yaml": "kind: frames\nframes:\n"
    "  - {id: some.threat, category: personal_threat, severity: 3, why: It threatens one person., all: [KILL, YOU]}\n",
    "contexts/core.yaml": CONTEXTS,
    "lexicon/more.yaml": "kind: lexicon\nlang: en\nYOU: [you]\nREPORT: [reportedly]\n",
}


@pytest.fixture
def page(site: Site, ship: Callable[[dict[str, str]], None]) -> Site:
    """Signed in, on a handful of rules; the engine is that of the files as they are."""
    ship(RULES)

    def files() -> tuple[tuple[str, bytes], ...]:
        return rule_files.gather(site.deps.own.folder.parent).rules

    def engine() -> Engine:
        return Engine(compile_rules(files(), today=date.today().isoformat()))

    site.deps = replace(site.deps, engine=engine, rules=files)
    site.client = create_app(site.deps).test_client()
    site.sign_in()
    return site


def add(page: Site, text: str, **fields: str) -> TestResponse:
    return page.press("/rules/add", text=text, **fields)


def hidden(page: Site, text: str) -> bool:
    answer = page.press("/rules/try", text=text).text
    assert ("it is hidden" in answer) != ("it is shown" in answer)
    return "it is hidden" in answer


def undo(page: Site, path: str = "/rules/") -> None:
    found = re.search(r'action="(/rules/undo/[^"]+)"', page.get(path).text)
    assert found
    assert page.press(found[1].replace("&amp;", "&")).status_code == 303


def send(page: Site, name: str, data: bytes, **fields: str) -> TestResponse:
    """As a browser sends a file; by hand, because the test client would leave its copy of a large one open."""
    parts = [f'name="{k}"\r\n\r\n{v}'.encode() for k, v in (fields | {"token": page.token()}).items()]
    parts.append(f'name="file"; filename="{name}"\r\nContent-Type: application/yaml\r\n\r\n'.encode() + data)
    body = b"".join(b"--limit\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--limit--\r\n"
    headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
    kind = "multipart/form-data; boundary=limit"
    return page.client.post("/rules/import", base_url=ORIGIN, data=body, headers=headers, content_type=kind)


def alert(answer: TestResponse) -> str:
    found = re.search(r'role="alert">(?:<p>)?(.*?)</p>', answer.text, re.S)
    return found[1] if found else ""


def contents(page: Site) -> dict[str, object]:
    return {path.name: strict_yaml.load(path.name, data) for path, data in page.deps.own.files().items()}


def test_the_preview_shows_forms_the_log_and_everyday_texts_and_writes_nothing(page: Site) -> None:
    page.deps.store.add(incident("AB12", excerpt="two zorblats here", action="log"))
    page.deps.store.add(incident("AB13", excerpt="something else", action="log"))
    page.deps.store.flush()
    text = page.press("/rules/preview", text="zorblat", lang="en").text
    assert "Of our everyday harmless texts it would hide none." in text
    assert "Add it</button>" in text
    assert re.search(r"Found in these forms \(English\):\s*<span[^>]*>zorblat, zorblats, zorblated, zorblating<", text)
    assert "found in 1 of 2 entries; of these it would treat otherwise: 1." in text
    assert re.search(r'<details class="veil">.*two <mark>zorblats</mark> here', text, re.S)
    text = page.press("/rules/preview", text="zorblat*").text
    assert "It would hide 1 of 2 everyday harmless texts (English):" in text
    assert "We <mark>zorblatted</mark> all day." in text
    assert "Add it all the same" in text
    assert not page.deps.own.folder.exists()


def test_an_empty_log_a_slow_pattern_and_a_bare_name(page: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Your log is empty" in page.press("/rules/preview", text="quiet").text
    assert "takes too long on some texts" in page.press("/rules/preview", text="(z+z+)+y", what="regex").text
    text = page.press("/rules/preview", text="Kurd").text
    assert "bare name of a group" in text
    assert ">Kurds<" in text
    text = page.press("/rules/preview", text="quiet", action="allow").text
    assert "What this would always show" in text
    assert "everyday" not in text

    def away(most: int) -> None:
        raise StoreError("away")

    monkeypatch.setattr(page.deps.store, "entries", away)
    assert "Your log cannot be read now" in page.press("/rules/preview", text="quiet").text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": ""}, "Type what is to be found."),
        ({"text": "a\u202eb"}, "invisible or control characters"),
        ({"text": "x" * 501}, "has 501 characters"),
        ({"text": "(", "what": "regex"}, "cannot be used (missing )"),
        ({"text": "a*", "what": "regex"}, "fits an empty text"),
        ({"text": "abc", "what": "link"}, "at least four characters and a dot"),
        ({"text": "@"}, "An account has a name"),
        ({"text": "!!", "what": "word"}, "no word in it"),
        ({"text": "ab*"}, "every word that begins with “ab”"),
        ({"text": "zorblat", "list": "../etc"}, "A list&#39;s name is 1 to 40"),
        ({"text": "zorblat", "list": "overrides"}, "A list&#39;s name is 1 to 40"),
        ({"text": "zorblat", "until": "2020-01-01"}, "A last day is today or later"),
        ({"text": "zorblat", "until": "1.2.2099"}, "A last day is today or later"),
    ],
)
@pytest.mark.parametrize("where", ["preview", "add"])
def test_what_cannot_be_an_entry(page: Site, where: str, fields: dict[str, str], said: str) -> None:
    answer = page.press(f"/rules/{where}", **fields)
    assert answer.status_code == 400
    assert said in alert(answer)
    assert not page.deps.own.folder.exists()


def test_added_found_switched_off_and_on_again(page: Site) -> None:
    assert not hidden(page, "many zorblats here")
    done = add(page, "zorblat", lang="en")
    assert done.location == "/rules/list?name=own"
    text = page.get(done.location).text
    assert "Added. It takes effect within a few seconds." in text
    assert "Added." not in page.get(done.location).text  # told once
    assert hidden(page, "many zorblats here")
    page.press("/rules/switch", id="list.own", off="1")
    assert "switched off" in page.get("/rules/").text
    assert not hidden(page, "many zorblats here")
    page.press("/rules/switch", id="list.own", off="0")
    assert hidden(page, "many zorblats here")
    page.press("/rules/switch", id="list.own", off="1")
    undo(page)
    assert hidden(page, "many zorblats here")


def test_twice_is_once_and_in_the_list_already(page: Site) -> None:
    add(page, "zorblat")
    assert "It is in this list already." in page.press("/rules/preview", text="zorblat").text
    done = add(page, "zorblat")
    assert "It is in this list already." in page.get(done.location).text
    assert page.deps.own.path(Place("own")).read_text().count("zorblat") == 1


def test_every_change_is_taken_back_by_one_click(page: Site) -> None:
    def kept() -> dict[Path, bytes]:
        return page.deps.own.files()

    add(page, "zorblat")
    undo(page)
    assert kept() == {}
    add(page, "zorblat")
    before = kept()
    for path, fields in (
        ("remove", {"file": "by-command/own.yaml", "what": "word", "value": "zorblat"}),
        ("delete", {"file": "by-command/own.yaml"}),
        ("until", {"id": "list.own", "until": TOMORROW}),
        ("switch", {"id": "some.rule", "off": "1"}),
    ):
        assert page.press(f"/rules/{path}", **fields).status_code == 303
        assert kept() != before
        undo(page)
        assert kept() == before
    send(page, "x.yaml", b"kind: list\nid: own\nwords: [frobnicator]\n")
    assert kept() != before
    undo(page)
    assert kept() == before


def test_what_changed_meanwhile_is_not_taken_back(page: Site) -> None:
    add(page, "zorblat")
    text = page.get("/rules/").text
    add(page, "frobnicator")
    path = re.search(r'action="(/rules/undo/\d+)', text)
    assert path
    page.press(path[1])
    assert "changed meanwhile" in page.get("/rules/").text
    assert page.deps.own.values(Place("own"), "words") == ["zorblat", "frobnicator"]
    page.press("/rules/undo/999")
    assert "changed meanwhile" in page.get("/rules/").text


def test_a_last_day_holds_and_is_told(page: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    add(page, "zorblat", until=TOMORROW)
    add(page, "frobnicator", list="school")
    page.press("/rules/until", id="list.school", until=TOMORROW)
    text = page.get("/rules/").text
    assert text.count("Its last day is ") == 2
    assert hidden(page, "zorblat")
    assert hidden(page, "frobnicator")

    class Later(date):
        @classmethod
        def today(cls) -> Later:
            return cls.fromordinal(now + 2)

    now = date.today().toordinal()
    monkeypatch.setattr("safeguard.system.own_entry.date", Later)
    monkeypatch.setattr(f"{__name__}.date", Later)
    assert page.get("/rules/").text.count("Ended: its last day was ") == 2
    assert "Ended: its last day was " in page.get("/rules/list?name=school").text
    assert not hidden(page, "zorblat")
    assert not hidden(page, "frobnicator")
    page.press("/rules/switch", id="list.school", off="0")  # on again: without an end
    assert hidden(page, "frobnicator")


def test_an_entry_gets_its_own_last_day_and_loses_it(page: Site) -> None:
    add(page, "zorblat")
    add(page, "frobnicator")
    entry = {"file": "by-command/own.yaml", "what": "word", "value": "zorblat"}
    page.press("/rules/entry-until?at=list&name=own", **entry, until=TOMORROW)
    text = page.get("/rules/list?name=own").text
    assert "It holds to the end of that day." in text
    later = Place("own", until=TOMORROW)
    assert (page.deps.own.values(Place("own"), "words"), page.deps.own.values(later, "words")) == (["frobnicator"], ["zorblat"])
    page.press("/rules/entry-until", **entry | {"file": f"by-command/{later.file}"}, until="")
    assert page.deps.own.values(Place("own"), "words") == ["frobnicator", "zorblat"]
    undo(page)
    assert page.deps.own.values(later, "words") == ["zorblat"]
    page.press("/rules/entry-until", **entry | {"file": f"by-command/{later.file}"}, until="2020-01-01")
    assert page.deps.own.values(later, "words") == ["zorblat"]
    assert page.press("/rules/entry-until", file="by-command/no.yaml").status_code == 404
    assert page.press("/rules/entry-until", file="by-command/own.yaml", what="x").status_code == 400


def test_a_list_that_would_hide_harmless_texts_is_warned_of(page: Site) -> None:
    send(page, "x.yaml", b"kind: list\nid: x\nwords: ['zorblat*', morning]\n")
    assert "Careful: of 3 everyday harmless texts this list would hide 2." in page.get("/rules/").text
    send(page, "x.yaml", b"kind: list\nid: x\naction: allow\nwords: [morning]\n")
    assert "Careful" not in page.get("/rules/").text


@pytest.mark.parametrize("until", ["2020-01-01", "tomorrow", "20990101"])
def test_no_last_day(page: Site, until: str) -> None:
    add(page, "zorblat")
    page.press("/rules/until", id="list.own", until=until)
    assert "Nothing was changed" in page.get("/rules/").text
    assert page.deps.own.expiring() == {}
    assert page.press("/rules/until", id="list.other", until=TOMORROW).status_code == 404


def test_thousands_of_entries_page_by_page_and_searched(page: Site) -> None:
    words = [f"wort{n:04d}x" for n in range(5000)]
    data, new = page.deps.own.with_entries(Place("many"), {"words": words})
    assert data is not None
    assert new == 5000
    page.deps.own.write(page.deps.own.path(Place("many")), data)
    assert "hides: 5000" in page.get("/rules/").text
    text = page.get("/rules/list?name=many").text
    assert text.count("Take out</button>") == SIZE
    assert f"Page 1 of {5000 // SIZE}" in text
    last = page.get("/rules/list?name=many&page=99999").text
    assert 'value="wort4999x"' in last
    assert 'rel="next"' not in last
    found = page.get("/rules/list?name=many&q=WORT4711").text
    assert re.findall(r'name="value" value="(\w+)"', found) == ["wort4711x"] * 2


def test_all_rules_searched_switched_off_and_on(page: Site) -> None:
    text = page.get("/rules/all").text
    assert text.count("<article") == 3
    assert "Why." in text
    assert page.get("/rules/all?q=threatens").text.count("<article") == 1
    assert page.get("/rules/all?show=contexts").text.count("<article") == 1
    assert page.get("/rules/all?show=off").text.count("<article") == 0
    assert hidden(page, "kill the Kurds")
    done = page.press("/rules/switch?at=known&q=some&show=finds", id="some.rule", off="1")
    assert done.location == "/rules/all?q=some&show=finds"
    assert not hidden(page, "kill the Kurds")
    assert page.get("/rules/all?show=off").text.count("<article") == 1
    page.press("/rules/switch", id="some.rule", off="0")
    assert hidden(page, "kill the Kurds")
    page.press("/rules/switch", id="some.threat", off="1")
    assert "threats against one person" in page.get("/rules/").text
    assert page.press("/rules/switch", id="no.such", off="1").status_code == 404
    (page.deps.own.folder.parent / "mine.yaml").write_text("kind: overrides\ndisable: [some.rule]\n")
    assert "written by hand has switched it off" in page.get("/rules/all?q=some.rule").text


def test_a_text_is_explained_and_forgotten(page: Site, tmp_path: Path) -> None:
    text = page.press("/rules/try", text="they kill the Kurds <b>", role="comment").text
    assert "Harmful: it is hidden" in text
    assert re.search(r"<blockquote[^>]*>they <mark>kill the Kurds</mark> &lt;b&gt;", text)
    assert "Why." in text
    assert "<bdi>some.rule</bdi>" in text
    assert '<option value="comment" selected>' in text
    text = page.press("/rules/try", text="Reportedly they kill the Kurds").text
    assert re.search(r"Not harmful: it is shown.*Not counted:.*Switched off by:.*News tell of it\.", text, re.S)
    assert "No rule found anything." in page.press("/rules/try", text="xyzzyplugh", role="nonsense").text
    assert "xyzzyplugh" not in page.get("/rules/try").text
    kept = [p for p in tmp_path.rglob("*") if p.is_file() and b"xyzzyplugh" in p.read_bytes()]
    assert kept == []
    assert page.deps.store.entries() == []


def test_a_list_kept_as_a_file_and_taken_again(page: Site) -> None:
    for n, text in enumerate(("zorblat", "two words", "@who", "#tag", "example.org/x", "no", "2027-01-31")):
        add(
            page, text, list="school", action="allow" if n == 5 else "hide", until=TOMORROW if n == 6 else "", what="link" if n == 4 else ""
        )
    before = contents(page)
    assert len(before) == 3
    links = re.findall(r'href="(/rules/file[^"]+)"', page.get("/rules/list?name=school").text)
    kept = []
    for link in links:
        answer = page.get(link)
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="school')
        kept.append(answer.data)
    for path in page.deps.own.files():
        path.unlink()
    for n, data in enumerate(kept):
        assert send(page, f"{n}.yaml", data).location == "/rules/list?name=school"
    assert contents(page) == before
    send(page, "x.yaml", kept[0], list="other")
    assert page.get("/rules/list?name=other").status_code == 200
    assert page.get("/rules/file?file=../../log.sqlite").status_code == 404
    assert page.get("/rules/file?file=by-command/overrides.yaml").status_code == 404


DEEP = b"kind: list\nid: x\nwords: " + b"[" * 5000
BOMB = b"a: &a [x, x]\n" + b"".join(b"%c: &%c [%s]\n" % (c + 1, c + 1, b", ".join([b"*%c" % c] * 10)) for c in range(97, 109))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "line 1: this is no list"),
        (b"kind: overrides\ndisable: [some.rule]\n", "line 1: this is no list"),
        (b"kind: list\nid: x\nwords: [zorblat\nphrases: []\n", "line 4: broken YAML"),
        (b"kind: list\nid: x\nwrods: [zorblat]\n", "line 3: unknown key &#39;wrods&#39; (known: "),
        (b"kind: list\nid: x\nwrods: []\nwards: []\n", "Mend this and 1 more places"),
        (b"kind: list\nid: x\nwords: []\n", "this list has no entries"),
        (b"kind: list\nwords: [zorblat]\n", "line 1: &#39;id&#39; is missing"),
        (b"kind: list\nid: <b>\nwords: [zorblat]\n", "line 2: a list&#39;s name is 1 to 40"),
        (b"kind: list\nid: overrides\nwords: [zorblat]\n", "line 2: a list&#39;s name is 1 to 40"),
        (
            b"kind: list\nid: x\nexpires: 31.12.2099\nwords: [zorblat]\n",
            "line 3: expires: &#39;31.12.2099&#39; is no date; write it like 2027-01-31",
        ),
        (b'kind: list\nid: x\nwords:\n  - zorblat\n  - "a\\u202eb"\n', "line 5: It has invisible or control characters"),
        (b"kind: list\nid: x\nwords: ab*\n", "line 3: It would hide every word"),
        (b"kind: list\nid: x\nregex:\n  - fine\n  - a*\n", "line 5: pattern &#39;a*&#39;: fits an empty text"),
        (b"kind: list\nid: x\nregex: ['(']\n", "line 3: "),
        (b"kind: list\nid: x\nwords: [\xff]\n", "line 3: not UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0", "line 1: not UTF-8"),
        (DEEP, "line 3: nested deeper"),
        (BOMB, "more than 1000000 values"),
        (b"kind: list\nid: x\nwords:\n" + b"- abc\n" * 180_000, "larger than 1 MB"),
        (b"kind: list\nid: x\nwords:\n" + b"- abc\n" * 20_001, "more than 20000 entries"),
    ],
    ids=lambda v: v[:30].decode(errors="replace") if isinstance(v, bytes) else "",
)
def test_a_broken_file_is_refused_in_one_line_and_nothing_is_lost(page: Site, data: bytes, said: str) -> None:
    add(page, "frobnicator")
    before = page.deps.own.files()
    answer = send(page, "my list<i>.yaml", data)
    assert answer.status_code == 400
    assert said in alert(answer)
    assert alert(answer).startswith("my list&lt;i&gt;.yaml")
    assert "\n" not in alert(answer).strip()
    assert "your lists are as they were" in answer.text
    assert page.deps.own.files() == before


def test_no_file_and_one_too_large_to_read(page: Site) -> None:
    assert "No file was chosen" in alert(send(page, "", b""))
    body, kind = b"x" * (rules_import.MOST_ASKED + 1), "multipart/form-data; boundary=b"
    answer = page.client.post("/rules/import", base_url=ORIGIN, data=body, content_type=kind, headers={"Origin": ORIGIN})
    assert answer.status_code == 413
    assert "nothing was changed" in answer.text
    assert page.press("/rules/try", text="x" * 70_000).status_code == 413


def test_a_list_whose_file_is_anothers(page: Site) -> None:
    """`own-allow` that hides and `own` that allows would share a file: what is to be hidden must not be allowed."""
    add(page, "zorblat", action="allow")
    answer = add(page, "frobnicator", list="own-allow")
    assert answer.status_code == 503
    assert "choose another name" in answer.text
    assert page.deps.own.values(Place("own", hide=False), "words") == ["zorblat"]


def test_files_written_by_hand_are_shown_and_never_changed(page: Site) -> None:
    rules = page.deps.own.folder.parent
    rules.mkdir(parents=True)
    file = rules / "mine.yaml"
    file.write_text("kind: list\nid: Mine & ours\nwords: [zorblat]\n")
    text = page.get("/rules/list?name=Mine+%26+ours").text
    assert "written by hand:" in text
    assert 'action="/rules/remove' not in text
    for path, fields in (("remove", {"what": "word", "value": "zorblat"}), ("delete", {})):
        assert page.press(f"/rules/{path}", file="mine.yaml", **fields).status_code == 400
    assert hidden(page, "zorblat")
    page.press("/rules/switch", id="list.Mine & ours", off="1")
    assert not hidden(page, "zorblat")
    (rules / "broken.yaml").write_text("kind: list\nid: x\nwrods: []\n")
    assert "broken.yaml:3: unknown key" in page.get("/rules/").text


@pytest.mark.parametrize("path", ["preview", "add", "import", "switch", "until", "entry-until", "remove", "delete", "undo/1", "try"])
def test_without_the_token_or_a_session_nothing_is_done(page: Site, path: str) -> None:
    fields = {"text": "zorblat", "id": "some.rule", "off": "1", "until": TOMORROW, "file": "x"}
    assert page.post(f"/rules/{path}", fields).status_code == 403
    token = page.token()
    assert page.post(f"/rules/{path}", fields | {"token": token}, Origin="http://evil.test").status_code == 403
    assert page.post(f"/rules/{path}", fields | {"token": token}, Sec_Fetch_Site="same-site").status_code == 403
    page.client.delete_cookie("safeguard_page", domain="127.0.0.1")
    assert page.post(f"/rules/{path}", fields | {"token": token}).status_code == 403
    for read in ("", "list?name=own", "all", "try", "add", "file?file=x"):
        assert page.get(f"/rules/{read}").location == "/sign-in"
    assert not page.deps.own.folder.exists()


def test_the_page_writes_where_the_filter_reads(paths: Paths) -> None:
    assert own_rules(Settings()) == paths.rules
