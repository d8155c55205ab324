"""The chain as a whole: outcomes, codes, incidents, and that nothing unchecked gets through."""

from __future__ import annotations

import gzip
import json

import pytest

from safeguard.formats.sites.model import SiteProfile
from safeguard.pipeline import Exchange, Outcome, Pipeline, Result
from safeguard.policy.allowance import Allowance, Scope
from safeguard.policy.incident import EXCERPT, Incident
from safeguard.policy.profile import TRIAL
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
