"""The chain as a whole: outcomes, codes, incidents, and that nothing unchecked gets through."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import pytest

from safeguard.formats.pictures import GREY
from safeguard.formats.sites.model import Healthy, Opaque, SiteProfile
from safeguard.pipeline import Exchange, Outcome, Pipeline, Result
from safeguard.policy.allowance import Allowance, Scope
from safeguard.policy.help import parse
from safeguard.policy.hours import Shut
from safeguard.policy.incident import EXCERPT, Incident
from safeguard.policy.place import Place
from safeguard.policy.profile import TEEN, TRIAL, YOUNG_CHILD, Action
from safeguard.policy.profiles import Profiles, with_place
from safeguard.system.memory import Memory
from safeguard.text.unit import Role, Segment, TextUnit
from tests.formats.fake import BAD, pipeline

PAGE = Exchange("https://www.site.test/p", "www.site.test", "text/html; charset=utf-8", dest="document")
API = Exchange("https://www.site.test/api", "www.site.test", "application/json", dest="empty")
SITE = SiteProfile("demo", "Demo", ("site.test",))


def kept(p: Pipeline) -> list[Incident]:
    out: list[Incident] = []
    p.sink = out.append
    return out


def test_clean_body_is_the_very_same_object_and_no_incident() -> None:
    p = pipeline(SITE)
    log = kept(p)
    packed = gzip.compress(b'{"text": "good morning"}')
    outcome = p.check_response(Exchange(API.url, API.host, "application/json", (("content-encoding", "gzip"),)), packed)
    assert outcome == Outcome(Result.PASS, packed)
    assert outcome.body is packed
    assert log == []


def test_edited_body_comes_back_without_encoding() -> None:
    packed = gzip.compress(json.dumps({"text": BAD}).encode())
    outcome = pipeline().check_response(Exchange(API.url, API.host, "application/json", (("content-encoding", "gzip"),)), packed)
    assert outcome.result is Result.EDIT
    assert "SafeGuard" in json.loads(outcome.body)["text"]


def test_incident_says_what_the_parent_needs() -> None:
    p = pipeline(SITE)
    log = kept(p)
    body = json.dumps({"author": {"username": "otto"}, "text": "before " + BAD + " after", "n": 1, "permalink": "/p/1"})
    outcome = p.check_body(API, body.encode())
    (found,) = log
    assert (found.kind, found.site, found.url, found.action, found.category) == ("unit", "demo", API.url, "block", "threat")
    assert (found.rule, found.severity, found.author, found.role) == ("fake", 3, "otto", "post")
    assert found.excerpt == f"before {BAD} after"
    assert found.whole is not None
    assert found.code in outcome.body.decode()
    assert outcome.incidents == (found,)


def test_same_text_same_code_other_key_other_code() -> None:
    p, other = pipeline(), pipeline()
    other.code_key = b"another"
    codes = [x.check_body(API, json.dumps({"text": BAD, "n": n}).encode()).incidents[0].code for x, n in ((p, 1), (p, 2), (other, 1))]
    assert codes[0] == codes[1] != codes[2]
    assert len(codes[0]) == 9


def test_one_text_in_several_places_is_one_incident_and_goes_everywhere() -> None:
    p = pipeline()
    log = kept(p)
    outcome = p.check_body(API, json.dumps([{"text": BAD}, {"og": f"  {BAD}\n"}, {"html": f"<p>{BAD}</p>"}]).encode())
    assert outcome.hidden == 3
    assert len(log) == 1
    assert BAD not in outcome.body.decode()


def test_very_long_text_is_judged_and_excerpt_is_short() -> None:
    p = pipeline()
    log = kept(p)
    outcome = p.check_body(API, json.dumps({"text": "word " * 200_000 + BAD}).encode())
    assert outcome.hidden == 1
    assert len(log[0].excerpt) <= EXCERPT


def test_trial_profile_logs_and_hides_nothing() -> None:
    p = pipeline()
    p.profile = TRIAL
    log = kept(p)
    raw = json.dumps({"text": BAD}).encode()
    outcome = p.check_body(API, raw)
    assert outcome.body is raw
    assert [i.action for i in log] == ["log"]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param((("content-encoding", "rot13"),), b"secret", id="unknown encoding"),
        pytest.param((("content-encoding", "gzip"),), b"not gzip", id="lying encoding"),
        pytest.param((), b"x" * 1001, id="over the limit"),
        pytest.param((), b'\xff\xfe\0\0{\0\0\0"', id="UTF-32"),
    ],
)
@pytest.mark.parametrize("exchange", [PAGE, API], ids=["page", "api"])
def test_unchecked_is_a_blocked_answer_with_reason_and_code(headers: tuple[tuple[str, str], ...], body: bytes, exchange: Exchange) -> None:
    p = pipeline(SITE, limit=1000)
    log = kept(p)
    outcome = p.check_response(Exchange(exchange.url, exchange.host, exchange.content_type, headers, exchange.dest), body)
    assert outcome.result is Result.UNCHECKED
    assert outcome.why
    assert body not in outcome.body
    assert outcome.content_type.startswith("text/html" if exchange is PAGE else "application/json")
    assert [(i.kind, i.category, i.excerpt) for i in log] == [("unchecked", "unchecked", outcome.why)]
    assert log[0].code in outcome.body.decode()


def test_empty_body_passes() -> None:
    assert (
        pipeline().check_response(Exchange(API.url, API.host, "application/json", (("content-encoding", "gzip"),)), b"").result
        is Result.PASS
    )


def test_notice_in_the_childs_language_where_the_page_has_none() -> None:
    p = pipeline()
    p.lang = "az"
    assert "gizlətdi" in json.loads(p.check_body(API, json.dumps({"text": BAD}).encode()).body)["text"]


def _post(author: str = "otto", text: str = BAD) -> bytes:
    return json.dumps({"author": {"username": author}, "text": text, "n": 1, "permalink": "/p/1"}).encode()


@pytest.mark.parametrize(
    ("scope", "value", "site"),
    [(Scope.AUTHOR, "otto", "demo"), (Scope.SITE, "demo", ""), (Scope.RULE, "fake", ""), (Scope.TEXT, "", "")],
    ids=lambda v: str(v),
)
def test_what_is_allowed_goes_out_untouched_and_stays_in_the_log(scope: Scope, value: str, site: str) -> None:
    p = pipeline(SITE)
    code = p.check_body(API, _post()).incidents[0].code
    p.allowances = (Allowance(3, scope, value or code, site),)
    log = kept(p)
    raw = _post()
    assert p.check_body(API, raw).body is raw
    [found] = log
    assert (found.code, found.action, found.category, found.rule) == (code, "allowed", "threat", "fake")
    assert [r.suppressed_by for r in found.reasons] == ["allowance.3"]
    p.allowances = ()
    assert p.check_body(API, raw).hidden == 1


def test_an_allowed_authors_text_is_shown_in_its_copies_and_hidden_for_others() -> None:
    p = pipeline(SITE)
    p.allowances = (Allowance(1, Scope.AUTHOR, "otto", "demo"),)
    copy = json.dumps({"og": BAD}).encode()
    raw = b"[" + _post() + b"," + copy + b"]"
    assert p.check_body(API, raw).body is raw
    assert p.check_body(API, copy).hidden == 1
    assert p.check_body(API, _post("mallory")).hidden == 1


def test_what_could_not_be_checked_cannot_be_allowed() -> None:
    p = pipeline(SITE, limit=10)
    p.allowances = (Allowance(1, Scope.SITE, "demo"),)
    assert p.check_response(API, b"x" * 11).result is Result.UNCHECKED


WARNS = replace(YOUNG_CHILD, harmful=(Action.WARN,) * 4)


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (f"<p> one <b>{BAD}</b> two</p>", f"<p> {{w}}one <b>{BAD}</b> two</p>"),
        (f'<img title="{BAD}" src=x>', f'<img title="{{w}}{BAD}" src=x>'),
        (f"<p>nice</p><li>{BAD}</li><li>other</li>", f"<p>nice</p><li>{{w}}{BAD}</li><li>other</li>"),
    ],
)
def test_a_warning_stands_before_the_text_and_all_else_stays(body: str, shown: str) -> None:
    p = pipeline()
    p.profile = WARNS
    log = kept(p)
    outcome = p.check_body(PAGE, body.encode())
    assert (outcome.result, outcome.hidden) == (Result.EDIT, 0)
    assert [i.action for i in log] == ["warn"]
    assert outcome.body.decode() == shown.replace("{w}", f"[SafeGuard warns: a threat. Code {log[0].code}.] ")


def test_a_warning_in_json_and_in_an_event() -> None:
    p = pipeline()
    p.profile = WARNS
    said = json.loads(p.check_body(API, json.dumps({"text": f'"{BAD}"', "n": 1}).encode()).body)
    assert said["text"].startswith("[SafeGuard warns")
    assert said["text"].endswith(f'"{BAD}"')
    events = p.event_filter(API)
    assert b"SafeGuard warns" in events.feed(b'data: {"text": "' + BAD.encode() + b'"}\n\n')


def test_a_warning_in_an_attribute_without_quotes() -> None:
    p = pipeline()
    p.profile = WARNS
    html = p.check_body(PAGE, f"<p title={BAD.replace(' ', '&#32;')} id=x>nice</p>".encode()).body.decode()
    assert f'.] {BAD}" id=x>' in html


def test_whose_browser_asks_decides() -> None:
    p = pipeline()
    p.profiles = Profiles().with_default("trial").with_account("ann", "young-child")
    log = kept(p)
    for account, result in (("ann", Result.EDIT), ("ben", Result.PASS), ("", Result.EDIT)):
        assert p.check_body(replace(API, account=account), json.dumps({"text": BAD}).encode()).result is result
    assert [(i.account, i.action) for i in log] == [("ann", "block"), ("ben", "log"), ("", "block")]


def test_what_is_blurred_is_kept_for_the_parent_and_what_is_blocked_is_not() -> None:
    p = pipeline()
    p.memory = memory = Memory()
    for action, there in ((Action.BLOCK, None), (Action.WARN, None), (Action.BLUR, f"first\n{BAD}".encode())):
        p.profile = replace(YOUNG_CHILD, harmful=(action,) * 4)
        code = p.check_body(PAGE, f"<article><p>first</p><p>{BAD}</p></article>".encode()).incidents[0].code
        assert memory.original(code) == there


def test_pictures_of_what_is_hidden_are_remembered_for_that_account() -> None:
    p = pipeline()
    p.memory = Memory()
    ann = replace(PAGE, account="ann")
    p.check_body(ann, f"<article>{BAD}<img src=/a.jpg></article><article>nice<img src=/b.jpg></article>".encode())
    picture = replace(ann, url="https://www.site.test/a.jpg")
    assert p.hidden_picture(picture)
    assert p.hidden_picture(replace(picture, account="ben")) is None
    assert p.hidden_picture(replace(picture, url="https://www.site.test/a-640x480.jpg?w=640"))
    assert p.hidden_picture(replace(picture, url="https://www.site.test/b.jpg")) is None


class Noted:
    """What the pipeline says of the sites' health."""

    def __init__(self, wanted: bool = True) -> None:
        self.wanted = wanted
        self.saw_: list[tuple[str, str, bool]] = []

    def wants(self, site: str, where: str) -> bool:
        return self.wanted

    def saw(self, site: str, where: str, healthy: bool) -> None:
        self.saw_.append((site, where, healthy))


HEALTHY = replace(SITE, healthy=(Healthy("html", True, (), ("state",)), Healthy("json /api", False, ("/api",), ("post",))))
LONG = b'"' + b"x" * 3000 + b'"'


@pytest.mark.parametrize(
    ("exchange", "raw", "noted"),
    [
        pytest.param(API, b'{"post": ' + LONG + b"}", [("demo", "json /api", True)], id="as expected"),
        pytest.param(API, b'{"pots": ' + LONG + b"}", [("demo", "json /api", False)], id="changed"),
        pytest.param(API, b'{"pots": 1}', [], id="too small"),
        pytest.param(replace(API, status=404), b'{"pots": ' + LONG + b"}", [], id="an error"),
        pytest.param(replace(API, url="https://www.site.test/x"), b'{"pots": ' + LONG + b"}", [], id="another address"),
        pytest.param(PAGE, b"<p>" + LONG, [("demo", "html", False)], id="page"),
        pytest.param(replace(PAGE, dest="iframe"), b"<p>" + LONG, [], id="a frame in a page"),
        pytest.param(replace(API, content_type="text/html"), b'{"post":' + LONG + b"}", [("demo", "json /api", True)], id="called HTML"),
    ],
)
def test_health_is_noted(exchange: Exchange, raw: bytes, noted: list[tuple[str, str, bool]]) -> None:
    p = pipeline(HEALTHY)
    seen = Noted()
    p.health = seen
    assert p.check_body(exchange, raw).body is raw
    assert seen.saw_ == noted


def test_what_nobody_wants_is_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    p = pipeline(HEALTHY)
    p.health = Noted(wanted=False)
    monkeypatch.setattr("safeguard.formats.sites.health.is_healthy", lambda *args: pytest.fail("searched"))
    p.check_body(API, b'{"post": ' + LONG + b"}")


def test_reduced_protection_is_an_entry_with_a_code_of_its_own() -> None:
    p = pipeline(SITE)
    log = kept(p)
    p.reduced("demo", "Protection reduced")
    p.reduced("demo", "Protection reduced")
    p.reduced("other", "Protection reduced")
    assert [i.kind for i in log] == ["reduced"] * 3
    assert log[0].code == log[1].code != log[2].code


def test_what_waits_for_the_parent_is_an_entry_of_its_own_for_each_thing() -> None:
    p = pipeline(SITE)
    log = kept(p)
    for said in ("ends soon", "ends soon", "a new site"):
        p.certificate(said)
    assert [(i.kind, i.excerpt) for i in log] == [("certificate", said) for said in ("ends soon", "ends soon", "a new site")]
    assert log[0].code == log[1].code != log[2].code


def test_a_click_that_shows_the_text_gives_its_pictures_back() -> None:
    p = pipeline()
    p.memory = Memory()
    p.profile = replace(YOUNG_CHILD, harmful=(Action.BLUR,) * 4, reveal=True)
    code = p.check_body(PAGE, f"<article>{BAD}<img src=/a.jpg></article>".encode()).incidents[0].code
    picture = replace(PAGE, url="https://www.site.test/a.jpg")
    assert p.reveal(replace(PAGE, account="ben"), code) is None
    assert p.hidden_picture(picture)
    assert p.reveal(PAGE, code) == BAD
    assert p.hidden_picture(picture) is None


def test_a_picture_written_out_beside_a_hidden_text_turns_grey_also_where_nothing_is_remembered() -> None:
    p = pipeline()
    assert p.memory is None
    page = f"<article>{BAD}<img src=data:image/gif;base64,A></article><article>nice<img src=data:image/gif;base64,B></article>"
    html = p.check_body(PAGE, page.encode()).body.decode()
    assert f"<img src={GREY}></article><article>nice<img src=data:image/gif;base64,B></article>" in html
    raw = json.dumps([{"text": BAD, "image": "data:image/gif;base64,A"}, {"text": "nice", "image": "data:image/gif;base64,B"}])
    said = json.loads(p.check_body(API, raw.encode()).body)
    assert [x["image"] for x in said] == [GREY, "data:image/gif;base64,B"]


def shown(*units: tuple[str, ...]) -> list[TextUnit]:
    """Units of messages, their places numbered through."""
    places = iter(range(100))
    return [TextUnit(tuple(Segment(text, Role.MESSAGE, next(places)) for text in unit)) for unit in units]


def test_texts_that_a_page_shows() -> None:
    p = pipeline(SITE)
    log = kept(p)
    first, second, third = p.check_shown(API, shown(("nice", f"so {BAD}", "fine"), ("nice",), (f"so {BAD}",)), "ru")
    assert [(s.segment, s.hides, s.code) for s in first] == [(1, True, "")]
    assert first[0].said.startswith("[Скрыто SafeGuard")
    assert second == ()
    assert third[0].said == first[0].said
    assert [(i.role, i.code in first[0].said) for i in log] == [("message", True)]
    assert p.check_shown(API, []) == []


def test_a_shown_text_may_be_seen_by_a_click_where_the_profile_lets_it() -> None:
    p = pipeline(SITE)
    log = kept(p)
    p.memory = Memory()
    ann = replace(API, account="ann")
    p.profile = replace(TEEN, harmful=(Action.BLUR,) * 4, reveal=True)
    [[said]] = p.check_shown(ann, shown(("hello", f"so {BAD}")))
    assert "Click to see it" in said.said
    assert p.reveal(ann, said.code) == f"so {BAD}"
    assert (log[-1].kind, log[-1].account, log[-1].site) == ("reveal", "ann", "demo")
    assert log[-1].excerpt == f"{said.code}: so {BAD}"
    count = len(log)
    assert p.reveal(replace(API, account="ben"), said.code) is None
    assert p.reveal(ann, "AAAA-AAAA") is None
    p.profile = replace(p.profile, reveal=False)
    assert p.reveal(ann, said.code) is None
    assert len(log) == count


def test_a_notice_from_the_way_may_be_clicked_in_the_page() -> None:
    p = pipeline(SITE)
    p.memory = Memory()
    p.profile = replace(TEEN, harmful=(Action.BLUR,) * 4, reveal=True)
    said = json.loads(p.check_body(API, json.dumps({"text": BAD}).encode()).body)["text"]
    [[found]] = p.check_shown(API, shown((said,)))
    assert found.said.startswith(said)
    assert p.reveal(API, found.code) == BAD
    p.profile = TEEN
    [[found]] = p.check_shown(API, shown((said,)))  # a click asks the parents then, and shows nothing
    assert (found.asks, p.reveal(API, found.code)) == (True, None)


def test_what_cannot_be_checked_in_a_page_is_hidden_and_logged() -> None:
    p = pipeline(SITE)
    log = kept(p)
    [unit] = shown(("a", "b"))
    assert [(s.segment, s.hides) for s in p.unchecked_shown(API, unit, "because", "tr")] == [(0, True), (1, True)]
    assert (log[0].kind, log[0].excerpt) == ("unchecked", "a text in the page: because")


def test_sites_that_are_guarded() -> None:
    guarded = replace(SITE, opaque=Opaque.DOM_GUARD)
    assert pipeline(guarded).guarded("www.site.test") == guarded
    assert pipeline(guarded).guarded("other.test") is None
    assert pipeline(SITE).guarded("www.site.test") is None


LINES = parse([("h", b'kind: help\nwords: {e: {en: help, ru: a, tr: b, az: c, hy: d}}\nanywhere: [{number: "116 111", what: e}]\n')])


def test_a_threat_is_told_with_where_to_get_help_and_no_number_is_swallowed() -> None:
    p = pipeline(SITE)
    p.help = LINES
    p.profiles = replace(Profiles(), help=("Grandma: 010 123456",))
    out = json.loads(p.check_body(API, json.dumps({"text": BAD}).encode()).body)["text"]
    assert out.endswith("Ask a parent. Get help: Grandma: 010 123456, 116 111 (help).]")
    page = p.check_body(PAGE, f"<article><p>{BAD}</p></article>".encode()).body.decode()
    assert "116 111 (help)" in page


def test_a_help_line_in_a_hidden_text_stays_in_its_notice() -> None:
    p = pipeline(SITE)
    p.help = LINES
    with_number = p.check_body(API, json.dumps({"text": f"{BAD} call 116-111 or 5551"}).encode()).body.decode()
    assert "116 111" in with_number
    assert "5551" not in with_number
    assert BAD not in with_number
    off = p.said_off(PAGE, Shut(60))[0].decode()
    assert "01:00" in off
    assert "116 111" in off
    assert "116 111" in p.unchecked(PAGE, "why").body.decode()


@pytest.mark.parametrize(
    ("site", "place", "role", "hidden"),
    [
        ("", Place.MESSAGES, Role.MESSAGE, False),
        ("demo", Place.MESSAGES, Role.MESSAGE, False),
        ("other", Place.MESSAGES, Role.MESSAGE, True),
        ("", Place.FEED, Role.MESSAGE, True),
        ("", Place.FEED, Role.COMMENT, False),
        ("", Place.PROFILES, Role.BIO, False),
        ("", Place.PROFILES, Role.POST, True),
    ],
)
def test_the_place_decides(site: str, place: Place, role: Role, hidden: bool) -> None:
    p = pipeline(SITE)
    p.profile = with_place(YOUNG_CHILD, site, place, Action.LOG)
    log = kept(p)
    [said] = p.check_shown(API, [TextUnit((Segment(BAD, role, 0),))])
    assert bool(said) is hidden
    assert [i.action for i in log] == ["block" if hidden else "log"]


def test_of_texts_of_two_places_in_one_unit_the_stricter_place_decides() -> None:
    p = pipeline(SITE)
    p.profile = with_place(YOUNG_CHILD, "", Place.PROFILES, Action.SHOW)
    [said] = p.check_shown(API, [TextUnit((Segment(BAD, Role.BIO, 0), Segment(BAD, Role.POST, 1)))])
    assert len(said) == 2
    [said] = p.check_shown(API, [TextUnit((Segment(BAD, Role.BIO, 0), Segment("fine", Role.POST, 1)))])
    assert said == ()
