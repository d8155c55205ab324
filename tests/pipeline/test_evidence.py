"""Which raw answer is kept behind a text, and how much of it."""

from __future__ import annotations

import gzip
import json

import pytest

from safeguard import __version__
from safeguard.pipeline import Exchange, Pipeline, Result
from safeguard.pipeline import evidence as kept_by
from safeguard.policy.incident import Incident
from safeguard.text.unit import TextUnit
from tests.formats.fake import BAD, pipeline

API = Exchange("https://www.site.test/api", "www.site.test", "application/json", dest="empty")


def kept(p: Pipeline) -> list[Incident]:
    out: list[Incident] = []
    p.sink = out.append
    return out


def test_the_bytes_as_they_came_without_their_compression() -> None:
    p = pipeline()
    log = kept(p)
    raw = b'\xef\xbb\xbf{"text": "' + BAD.encode() + b'" ,\r\n "n": 1e5}'
    coded = Exchange(API.url, API.host, API.content_type, (("content-encoding", "gzip"),))
    assert p.check_response(coded, gzip.compress(raw)).result is Result.EDIT
    [found] = log
    assert found.body is not None
    assert (found.body.data, found.body.whole, found.body.start, found.body.media) == (raw, len(raw), 0, "application/json")
    assert found.rules == f"SafeGuard {__version__}, rules of-one-word"


@pytest.mark.parametrize("before", [0, 3_000, 11_111, 50_000])
def test_of_a_long_answer_the_part_around_the_text(monkeypatch: pytest.MonkeyPatch, before: int) -> None:
    monkeypatch.setattr(kept_by, "BODY", 4_000)
    p = pipeline()
    log = kept(p)
    raw = json.dumps({"other": "Ա" * (before // 2), "text": BAD, "after": "z" * 20_000}, ensure_ascii=False).encode()
    p.check_body(API, raw)
    [found] = log
    assert found.body is not None
    assert found.body.whole == len(raw)
    assert len(found.body.data) == 4_000
    assert found.body.data == raw[found.body.start : found.body.start + 4_000]
    assert BAD.encode() in found.body.data


def test_many_texts_of_one_answer_share_one_value() -> None:
    p = pipeline()
    log = kept(p)
    p.check_body(API, json.dumps([{"text": f"{BAD} {n}"} for n in range(3)]).encode())
    assert len(log) == 3
    assert len({id(i.body) for i in log}) == 1


def test_messages_and_events() -> None:
    p = pipeline()
    log = kept(p)
    message = json.dumps({"text": f"{BAD} in a message"})
    p.check_message(API, message)
    event = f"data: {json.dumps({'text': f'{BAD} in an event'})}\n\n".encode()
    p.check_body(Exchange(API.url, API.host, "text/event-stream"), event)
    assert [i.body.data if i.body else None for i in log] == [message.encode(), event]


def test_a_text_that_a_page_showed_has_none_and_what_is_unchecked_neither() -> None:
    p = pipeline()
    log = kept(p)
    p.check_shown(API, [TextUnit.of(BAD)])
    p.check_body(API, b'{"text": ')
    assert {i.kind for i in log} >= {"unit"}
    assert [i.body for i in log] == [None] * len(log)
