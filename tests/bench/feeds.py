"""Answers of a social network's API, as full of ids, addresses, variants of media, counters, flags and tokens as real ones are.

On recorded answers of six networks users' texts are 4 to 25 % of the bytes (X and Instagram 5, YouTube 10, Reddit 25): `feed` has a tenth,
`dense_feed` a fifth.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from typing import Any

from tests.bench.texts import posts

Item = Callable[[str, str, random.Random], dict[str, Any]]
SIZES = {"thumb": (150, 150), "small": (680, 382), "medium": (1200, 675), "large": (1920, 1080)}


def feed(size: int, seed: int = 1) -> bytes:
    """A feed of about `size` bytes with as few texts as real ones have."""
    return _answer(size, seed, _entry, posts(size // 1000 + 2, seed))


def dense_feed(size: int, seed: int = 1) -> bytes:
    """A feed of about `size` bytes, texts with little around them: for a filter of texts the hardest JSON there is."""
    return _answer(size, seed, _bare, posts(size // 300 + 2, seed))


def text_share(body: bytes) -> float:
    """How much of a feed's bytes are texts of users, 0 to 1."""

    def written(value: Any) -> int:
        if isinstance(value, dict):
            return sum(len(v.encode()) if k in ("text", "bio", "name", "alt") else written(v) for k, v in value.items())
        return sum(map(written, value)) if isinstance(value, list) else 0

    return written(json.loads(body)) / len(body)


def _answer(size: int, seed: int, item: Item, said: list[str]) -> bytes:
    chance = random.Random(seed)
    entries: list[dict[str, Any]] = []
    total = 0
    for text in said:
        made = item(text, chance.choice(said)[:40], chance)
        length = len(json.dumps(made, ensure_ascii=False).encode())
        if entries and total + length / 2 > size:
            break
        entries.append(made)
        total += length
    return json.dumps({"data": {"timeline": {"entries": entries}}, "next": _token(60, chance)}, ensure_ascii=False).encode()


def _token(size: int, chance: random.Random) -> str:
    return base64.urlsafe_b64encode(chance.randbytes(size)).decode()


def _id(chance: random.Random) -> str:
    return str(chance.randrange(10**18, 10**19))


def _address(chance: random.Random, size: int) -> str:
    name = f"{_id(chance)}_{chance.getrandbits(64):x}_n.jpg"
    return f"https://cdn-{chance.randrange(9)}.example/v/{name}?stp=s{size}&ohc={_token(8, chance)}&oe={chance.getrandbits(32):X}"


def _author(bio: str, chance: random.Random) -> dict[str, Any]:
    return {
        "__typename": "User",
        "rest_id": _id(chance),
        "core": {"created_at": "2019-03-04T05:06:07.000Z", "name": bio.split()[0], "screen_name": f"user{chance.randrange(10**5)}"},
        "profile": {"bio": bio, "entities": {"description": {"urls": []}, "url": {"urls": []}}, "shape": "Circle"},
        "avatar": {"image_url": _address(chance, 150), "has_default": False},
        "relationship": {"following": chance.random() < 0.5, "followed_by": False, "blocking": False, "blocked_by": False, "muting": False},
        "counts": {"followers": chance.randrange(10**6), "following": chance.randrange(999), "media": chance.randrange(999)},
        "permissions": {"can_dm": False, "can_media_tag": True, "protected": False},
        "verification": {"verified": False, "is_blue_verified": chance.random() < 0.2},
    }


def _medium(chance: random.Random) -> dict[str, Any]:
    return {
        "id": _id(chance),
        "media_key": f"3_{_id(chance)}",
        "type": "photo",
        "alt": "",
        "status": {"availability": "Available", "sensitive": False},
        "original": {"width": 1920, "height": 1080, "focus_rects": [{"x": 0, "y": chance.randrange(99), "w": 1920, "h": 1075}]},
        "sizes": {name: {"w": w, "h": h, "resize": "fit", "url": _address(chance, w)} for name, (w, h) in SIZES.items()},
    }


def _entry(text: str, bio: str, chance: random.Random) -> dict[str, Any]:
    name = _id(chance)
    return {
        "entry_id": f"post-{name}",
        "sort_index": _id(chance),
        "content": {
            "entry_type": "TimelineItem",
            "__typename": "TimelineTimelineItem",
            "item": {
                "display": "Post",
                "result": {
                    "__typename": "Post",
                    "rest_id": name,
                    "author": {"result": _author(bio, chance)},
                    "legacy": {
                        "created_at": "2025-03-04T05:06:07.000Z",
                        "text": text,
                        "display_range": [0, len(text)],
                        "lang": "und",
                        "conversation_id": name,
                        "entities": {"hashtags": [], "symbols": [], "mentions": [], "urls": []},
                        "media": [_medium(chance) for _ in range(chance.choice((0, 0, 0, 0, 1)))],
                        "like_count": chance.randrange(9999),
                        "reply_count": chance.randrange(99),
                        "share_count": chance.randrange(99),
                        "bookmark_count": 0,
                    },
                    "preview_comments": [{"id": _id(chance), "user_id": _id(chance), "text": bio, "like_count": 0, "has_liked": False}],
                    "viewer": {"liked": False, "bookmarked": False, "shared": False, "can_reply": True, "can_translate": True},
                    "edit_control": {"edit_ids": [name], "editable_until": "1741068367000", "edits_remaining": "5", "eligible": False},
                    "views": {"count": str(chance.randrange(10**6)), "state": "EnabledWithCount"},
                },
            },
            "client_event": {"component": "suggest", "element": "post", "details": {"controller_data": _token(60, chance)}},
            "tracking_token": _token(90, chance),
        },
    }


def _bare(text: str, _: str, chance: random.Random) -> dict[str, Any]:
    return {
        "id": str(chance.getrandbits(60)),
        "type": "post",
        "created_at": "2025-03-04T05:06:07.000Z",
        "author": {
            "username": f"user{chance.randrange(9999)}",
            "avatar_url": f"https://cdn.example/u/{chance.getrandbits(40):x}.jpg",
            "verified": False,
        },
        "text": text,
        "entities": {"urls": [], "tags": [{"start": 3, "end": 9}], "lang": "und"},
        "media": [{"url": f"https://cdn.example/m/{chance.getrandbits(64):x}.jpg?w=640&h=480", "width": 640, "height": 480, "alt": ""}],
        "counts": {"likes": chance.randrange(999), "replies": chance.randrange(99), "shares": 0},
        "flags": {"liked": False, "pinned": False, "can_reply": True},
        "cursor": f"{chance.getrandbits(90):x}",
    }
