"""Hidden texts in each role, in answers shaped as the networks': what goes with them, and whose they are. One word is harmful here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from safeguard.formats.sites.model import Sites
from safeguard.formats.sites.parser import parse
from safeguard.pipeline import Exchange, Pipeline
from tests.formats.fake import BAD, OneWord

SHIPPED = sorted((Path(__file__).parents[3] / "rules" / "sites").glob("*.yaml"))
PIPELINE = Pipeline(OneWord(), Sites.of(parse(f"sites/{p.name}", p.read_bytes()) for p in SHIPPED), b"key")  # type: ignore[arg-type]


def x(text: str = "nice day", alt: str = "a tree", card: str = "some news", quote: str = "good night", name: str = "Mia M") -> Any:
    who = {"user_results": {"result": {"core": {"name": name, "screen_name": "mia"}}}}
    other = {"user_results": {"result": {"core": {"name": "Leo L", "screen_name": "leo"}}}}
    return {
        "tweet_results": {
            "result": {
                "core": who,
                "legacy": {"full_text": text, "entities": {"media": [{"ext_alt_text": alt, "media_url_https": "https://pbs.twimg.com/1"}]}},
                "card": {"legacy": {"binding_values": [{"key": "title", "value": {"string_value": card, "type": "STRING"}}]}},
                "quoted_status_result": {"result": {"core": other, "legacy": {"full_text": quote}}},
            }
        }
    }


def facebook(text: str = "nice day", alt: str = "a tree", card: str = "some news", quote: str = "good night", name: str = "Mia M") -> Any:
    shared = {"actors": [{"name": "Leo L", "id": "8"}], "message": {"text": quote}}
    return {
        "node": {
            "actors": [{"name": name, "id": "9"}],
            "message": {"text": text, "ranges": []},
            "attachments": [{"media": {"accessibility_caption": alt}, "title_with_entities": {"text": card}}],
            "attached_story": shared,
        }
    }


def vk(text: str = "nice day", alt: str = "a tree", card: str = "some news", quote: str = "good night", name: str = "Mia") -> Any:
    item = {
        "id": 1,
        "from_id": 9,
        "text": text,
        "attachments": [
            {"type": "photo", "photo": {"id": 2, "text": alt}},
            {"type": "link", "link": {"title": card, "url": "https://a.test"}},
        ],
        "copy_history": [{"id": 3, "text": quote}],
    }
    return {"response": {"items": [item], "profiles": [{"id": 9, "first_name": name}]}}


def generic(text: str = "nice day", alt: str = "a tree", card: str = "some news", quote: str = "good night", name: str = "Mia M") -> Any:
    return {
        "items": [
            {
                "user": {"display_name": name, "id": 1},
                "body": text,
                "images": [{"alt": alt, "src": "/1.png"}, {"alt": "a house", "src": "/2.png"}],
                "link_preview": {"title": card, "site": 7, "url": "https://a.test"},
                "quoted_post": {"body": quote, "id": 2},
            },
            {"body": "somebody else", "link_preview": {"title": "other news", "id": 7}},
        ]
    }


SITES = {"x.com": x, "www.facebook.com": facebook, "vk.com": vk, "forum.example.test": generic}
GOES = {
    "text": {"text", "alt", "card", "quote"},
    "alt": {"alt"},
    "card": {"card"},
    "quote": {"quote"},
    "name": {"name"},
}


ONE_THING = {"card", "alt"}
"""Facebook's attachment is one thing: the picture and what it says of the link."""


@pytest.mark.parametrize("role", GOES)
@pytest.mark.parametrize("host", SITES)
def test_what_goes_with_it(host: str, role: str) -> None:
    words = {"text": "nice day", "alt": "a tree", "card": "some news", "quote": "good night", "name": "Mia M"} | {role: BAD}
    body = json.dumps(SITES[host](**words))
    after = PIPELINE.check_body(Exchange(f"https://{host}/api/graphql", host, "application/json"), body.encode()).body.decode()
    wanted = ONE_THING if host == "www.facebook.com" and role in ONE_THING else GOES[role]
    assert {r for r, said in words.items() if f'"{said}"' not in after} == wanted
    for stays in ("somebody else", "other news", "Leo L"):
        assert (stays in after) == (stays in body)


LOUNGE = {"chan": 3, "msg": {"from": {"mode": "", "nick": "mia"}, "text": BAD, "type": "message", "self": False, "users": []}, "unread": 1}
TELEGRAM = {"from": {"first_name": "Mia M", "username": "mia"}, "text": BAD, "chat": {"title": "Group"}}
TIKTOK = {"comments": [{"text": BAD, "user": {"nickname": "Mia M", "unique_id": "mia"}, "cid": "1"}]}
YOUTUBE = {"liveChatTextMessageRenderer": {"message": {"runs": [{"text": BAD}]}, "authorName": {"simpleText": "mia"}}}
WHOSE: dict[str, tuple[str, Any, str]] = {
    "The Lounge": ("chat.example.test", LOUNGE, "mia"),
    "Telegram": ("web.telegram.org", TELEGRAM, "mia"),
    "TikTok": ("www.tiktok.com", TIKTOK, "Mia M"),
    "YouTube": ("www.youtube.com", YOUTUBE, "mia"),
    "X": ("x.com", x(BAD), "mia"),
    "Facebook": ("www.facebook.com", facebook(BAD), "Mia M"),
}


@pytest.mark.parametrize(("host", "value", "author"), WHOSE.values(), ids=WHOSE)
def test_whose_it_is(host: str, value: Any, author: str) -> None:
    outcome = PIPELINE.check_body(Exchange(f"https://{host}/api", host, "application/json"), json.dumps(value).encode())
    assert [i.author for i in outcome.incidents] == [author]


POLLS: dict[str, tuple[str, Any]] = {
    "names of answers": (
        "forum.example.test",
        {"question": "what now", "options": [{"name": BAD, "n": 1}, {"name": "no idea", "n": 2}]},
    ),
    "captions": ("forum.example.test", {"question": "what now", "choices": [{"caption": BAD, "n": 1}, {"caption": "no idea", "n": 2}]}),
    "texts": ("forum.example.test", {"question": BAD, "answers": ["good idea", "no idea"]}),
    "VK": ("vk.com", {"poll": {"question": "what now", "answers": [{"text": BAD, "id": 1}, {"text": "no idea", "id": 2}]}}),
    "TikTok": ("www.tiktok.com", {"vote_question": "what now", "vote_options": [{"text": "good idea"}, {"text": BAD}]}),
    "YouTube": (
        "www.youtube.com",
        {"pollRenderer": {"question": {"runs": [{"text": "what now"}]}, "choices": [{"text": {"runs": [{"text": BAD}]}}]}},
    ),
}


@pytest.mark.parametrize(("host", "value"), POLLS.values(), ids=POLLS)
def test_a_poll_goes_whole(host: str, value: Any) -> None:
    outcome = PIPELINE.check_body(Exchange(f"https://{host}/api", host, "application/json"), json.dumps(value).encode())
    after = outcome.body.decode()
    assert not [said for said in (BAD, "what now", "good idea", "no idea") if said in after]
    assert {i.role for i in outcome.incidents} <= {"poll_question", "poll_option"}


def test_who_answers_is_no_answer() -> None:
    value = {"question": BAD, "options": [{"text": "well", "voters": [{"name": "Mia M"}], "author": {"name": "Leo L"}, "username": "eva"}]}
    after = PIPELINE.check_body(Exchange("https://a.test/api", "a.test", "application/json"), json.dumps(value).encode()).body.decode()
    assert all(f'"{name}"' in after for name in ("Mia M", "Leo L", "eva"))
