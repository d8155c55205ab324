"""The sample network's pages and answers, drawn from the texts: (language) -> HTML or JSON. No I/O beyond the content."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape

from safeguard.demo.content import LANGUAGES, Item, items, ui

NAME = "Chorus"
PAGES = ("feed", "thread", "messages", "people")
PATHS = {"feed": "", "thread": "thread", "messages": "messages", "people": "people"}
APIS = ("posts", "comments", "messages")
STREAM_KINDS = {"live": "live-ws", "notes": "live-sse"}
FIRST, STATE = 4, 3  # posts in the page's HTML and in its state; the others are fetched later


def of_kind(lang: str, *kinds: str) -> list[Item]:
    """The texts of these kinds in a language, in their order."""
    return [i for i in items() if i.lang == lang and i.kind in kinds]


def page_path(lang: str, page: str) -> str:
    """Path of a page of PAGES."""
    return f"/{lang}/{PATHS[page]}"


def api_body(lang: str, name: str) -> str:
    """The JSON that a page fetches later, written as three real networks would write it: plain, with HTML inside, escaped with a prefix."""
    if name == "posts":
        return json.dumps({"items": [_plain(i) for i in of_kind(lang, "post")[FIRST + STATE :]]}, ensure_ascii=False)
    if name == "comments":
        rows = [{"id": i.id, "author": i.author, "html": f"<span>{escape(i.text)}</span>"} for i in of_kind(lang, "comment")[2:]]
        return json.dumps({"items": rows}, ensure_ascii=False)
    return "for (;;);" + json.dumps({"items": [_plain(i) for i in of_kind(lang, "message")]})


def stream_messages(lang: str, name: str) -> list[str]:
    """What a live stream sends, one JSON text a message; the first says how many follow."""
    rows = of_kind(lang, STREAM_KINDS[name])
    told: list[dict[str, object]] = [{"type": "hello", "total": len(rows)}]
    told += [{"type": "post", **_plain(i)} for i in rows]
    return [json.dumps(t, ensure_ascii=name == "notes") for t in told]


def page(lang: str, name: str) -> str:
    """The HTML of a page of PAGES."""
    body = {"feed": _feed, "thread": _thread, "messages": _messages, "people": _people}[name](lang)
    said = ui(lang)
    tabs = "".join(f'<a href="{page_path(lang, p)}"{_here(p == name)}>{escape(said[p])}</a>' for p in PAGES)
    tongues = "".join(f'<a href="{page_path(x, name)}"{_here(x == lang)}>{x}</a>' for x in LANGUAGES)
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{NAME} – {escape(said[name])}</title>"
        '<link rel="icon" href="/pictures/logo.png"><link rel="stylesheet" href="/static/chorus.css"></head>\n'
        f'<body>\n<header class="top"><a class="logo" href="/{lang}/"><img src="/pictures/logo.png" alt="">{NAME}</a>'
        f'<nav>{tabs}</nav><div class="tongues">{tongues}</div></header>\n'
        f'<div class="page">\n{body}\n</div>\n<script src="/static/chorus.js"></script>\n</body>\n</html>\n'
    )


def _plain(item: Item) -> dict[str, object]:
    return {"id": item.id, "author": item.author, "text": item.text}


def _here(yes: bool) -> str:
    return ' class="here"' if yes else ""


def _face(author: str) -> str:
    return f'<span class="face c{sum(map(ord, author)) % 8}">{escape(author[:1])}</span>'


def _head(item: Item, number: int) -> str:
    hours = f"{number + 1} {escape(ui(item.lang)['ago'])}"
    words = f'<div class="who">{escape(item.author)}</div><div class="when">{hours}</div>'
    return f'<div class="head">{_face(item.author)}<div>{words}</div></div>'


def _foot(item: Item) -> str:
    said = ui(item.lang)
    marks = (("♡", "like"), ("↩", "reply"), ("↗", "share"))
    return '<div class="foot">' + "".join(f"<span>{sign} {escape(said[word])}</span>" for sign, word in marks) + "</div>"


def _say(item: Item, tag: str = "p") -> str:
    return f'<{tag} class="say" data-id="{item.id}">{escape(item.text)}</{tag}>'


def _post(item: Item, number: int) -> str:
    return f'<article class="card">{_head(item, number)}{_say(item)}{_foot(item)}</article>'


def _picture(item: Item, number: int) -> str:
    words = f'data-id="{item.id}" alt="{escape(item.text)}"' if item.kind == "alt" else 'alt=""'
    below = f'<figcaption class="say" data-id="{item.id}">{escape(item.text)}</figcaption>' if item.kind == "caption" else ""
    image = f'<img src="/pictures/{item.picture}.svg?{item.id}" width="600" height="260" {words}>'
    return f'<article class="card">{_head(item, number)}<figure>{image}{below}</figure></article>'


def _state(rows: Iterable[Item]) -> str:
    """State as JSON inside the page, `<` escaped as every careful framework does."""
    return json.dumps({"items": [_plain(i) for i in rows]}, ensure_ascii=False).replace("<", "\\u003c")


def _poll(lang: str) -> str:
    out = []
    for poll in of_kind(lang, "poll"):
        options = [i for i in of_kind(lang, "option") if i.poll == poll.id]
        rows = "".join(f'<li style="--part: {60 - 18 * n}%">{_say(o, "span")}</li>' for n, o in enumerate(options))
        out.append(f'<section class="card"><h2>{escape(ui(lang)["poll"])}</h2>{_say(poll)}<ul class="options">{rows}</ul></section>')
    return "".join(out)


def _side(lang: str) -> str:
    said = ui(lang)
    streams = "".join(f'<section class="card"><h2>{escape(said[s])}</h2><ul class="lines" id="{s}"></ul></section>' for s in STREAM_KINDS)
    return f"<aside>{_poll(lang)}{streams}</aside>"


def _feed(lang: str) -> str:
    posts = of_kind(lang, "post")
    cards = [_post(i, n) for n, i in enumerate(posts[:FIRST])]
    cards += [_picture(i, n) for n, i in enumerate(of_kind(lang, "alt", "caption"), 5)]
    write = f'<div class="card write">{_face("★")}<span class="wish">{escape(ui(lang)["write"])}</span></div>'
    state = f'<script type="application/json" id="state">{_state(posts[FIRST : FIRST + STATE])}</script>'
    return f'<main>{write}{"".join(cards)}<div id="feed"></div><div id="feed-more"></div>{state}</main>{_side(lang)}'


def _thread(lang: str) -> str:
    first, said = of_kind(lang, "post")[0], of_kind(lang, "comment")
    rows = "".join(f"<li>{_head(i, n)}{_say(i)}</li>" for n, i in enumerate(said[:2]))
    lists = f'<ul class="replies">{rows}</ul><ul class="replies" id="replies-more"></ul>'
    return f'<main>{_post(first, 0)}<section class="card">{lists}</section></main>'


def _messages(lang: str) -> str:
    who = of_kind(lang, "message")[0].author
    title = escape(ui(lang)["chat"].format(who=who))
    return f'<main><section class="card"><h2>{title}</h2><ul class="bubbles" id="thread"></ul></section></main>'


def _people(lang: str) -> str:
    cards = []
    for i in of_kind(lang, "bio", "name"):
        name = _say(i, "h3") if i.kind == "name" else f"<h3>{escape(i.author)}</h3>"
        cards.append(f'<article class="card">{_face(i.author)}{name}{_say(i) if i.kind == "bio" else ""}</article>')
    rows: Sequence[Item] = of_kind(lang, "bio", "name")
    again = f'<script type="application/json" id="people-state">{_state(rows)}</script>'  # as real pages do: every text stands twice
    return f'<main><div class="people">{"".join(cards)}</div>{again}</main>'
