"""What goes with a hidden post through the whole chain: same notice, same code, no entry of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from safeguard.pipeline import Exchange, Result
from safeguard.pipeline.judged import copied
from safeguard.policy.allowance import Allowance, Scope
from safeguard.policy.profile import TRIAL, YOUNG_CHILD, Action
from safeguard.text.unit import Role, Segment, TextUnit
from tests.formats.fake import BAD, pipeline

API = Exchange("https://www.site.test/api", "www.site.test", "application/json", dest="empty")
POST = {"user": {"name": "Otto"}, "text": BAD, "n": 1, "card": {"title": "Some news", "n": 1}, "media": [{"alt_text": "a tree"}]}


def out(value: Any, **profile: Any) -> Any:
    p = pipeline()
    p.profile = replace(p.profile, **profile)
    outcome = p.check_body(API, json.dumps(value).encode())
    assert outcome.result is Result.EDIT
    assert len(outcome.incidents) == 1
    return json.loads(outcome.body)


def test_a_post_goes_with_what_hangs_on_it() -> None:
    said = out(POST)
    assert said["text"].startswith("[Hidden by SafeGuard")
    assert said["card"] == {"title": said["text"], "n": 1}
    assert said["media"] == [{"alt_text": said["text"]}]
    assert said["user"] == {"name": "Otto"}


def test_a_poll_goes_whole() -> None:
    for poll in ({"question": BAD, "options": ["yes do", "no"]}, {"question": "well then", "options": ["yes do", BAD]}):
        said = out({"text": "nice day", "poll": poll})
        assert said["text"] == "nice day"
        assert {said["poll"]["question"], *said["poll"]["options"]} == {said["poll"]["question"]}


def test_a_text_goes_with_its_translation_and_all_that_hangs_on_it() -> None:
    said = out({"text": "in a tongue nobody knows", "translated_text": BAD, "card": {"title": "Some news", "n": 1}})
    assert said["text"] == said["translated_text"] == said["card"]["title"]


def test_what_was_cut_off_is_known_again() -> None:
    long = f"it began when {BAD} and went on for long"
    said = out({"posts": [{"text": long, "n": 1}], "teaser": {"shown": f"{long[:22]} …", "other": "it began when ..."}})
    assert said["teaser"]["shown"] == said["posts"][0]["text"]
    assert said["teaser"]["other"] == "it began when ..."
    assert copied("a b", {"a b": 1}) == 1
    assert copied("...", {"a b": 1}) is None


def test_nothing_goes_along_where_nothing_is_hidden() -> None:
    p = pipeline()
    body = json.dumps(POST).encode()
    p.profile = TRIAL
    assert p.check_body(API, body).body is body
    p.profile = YOUNG_CHILD
    p.allowances = (Allowance(1, Scope.SITE, "www.site.test"),)
    assert p.check_body(API, body).body is body
    p.allowances = ()
    p.profile = replace(YOUNG_CHILD, harmful=(Action.WARN,) * 4)
    said = json.loads(p.check_body(API, body).body)
    assert said["text"].endswith(BAD)
    assert said["card"] == POST["card"]


@pytest.mark.parametrize("role", [Role.CARD, Role.ALT, Role.TRANSLATION])
def test_in_what_a_page_shows(role: Role) -> None:
    """The guard sends one unit for one post, and there is no body to look at."""
    unit = TextUnit(
        (Segment("Otto", Role.NAME, 0), Segment(BAD, Role.MESSAGE, 1), Segment("and this", role, 2), Segment("fine", Role.POST, 3))
    )
    [said] = pipeline().check_shown(API, [unit])
    gone = [s.segment for s in said]
    assert gone == ([1, 2, 3] if role is Role.TRANSLATION else [1, 2])
