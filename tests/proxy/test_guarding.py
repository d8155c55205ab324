"""What the proxy answers under a page's own origin: only to that page, in bounds, and never upstream."""

from __future__ import annotations

import json
import re

import pytest

from safeguard.formats.sites.model import Opaque
from safeguard.guard.script import PREFIX
from safeguard.guard.talk import MOST_BYTES
from safeguard.policy.profile import Action
from safeguard.policy.profiles import Profiles, changed
from safeguard.proxy import guarding
from safeguard.system.memory import Memory
from tests.proxy.conftest import BAD, Net, Start
from tests.proxy.rig import HOST, Answer, Reply, Tunnel

PAGE = b"<!doctype html><html lang=en><head><title>x</title></head><body>hello"
SCRIPT = re.compile(
    r'<head><script src="https://[^/]+(/[^"?]+)\?([^"]+)" nonce="[^"]+" crossorigin="anonymous" integrity="[^"]+"></script><title>'
)


def start(net_of: Start, page: Reply | None = None, **rest: object) -> Net:
    return net_of({"/": page or Reply(PAGE), "/x.js": Reply(b"1", "text/javascript")}, opaque=Opaque.DOM_GUARD, **rest)


def page_of(t: Tunnel, **headers: str) -> Answer:
    return t.get("/", **({"Sec_Fetch_Dest": "document"} | headers))


def script_of(t: Tunnel) -> str:
    """Path of the script that the page gets."""
    found = SCRIPT.search(page_of(t).text)
    assert found
    return found[1]


def ask(t: Tunnel, path: str, question: object, **headers: str) -> Answer:
    body = question if isinstance(question, bytes) else json.dumps(question).encode()
    return t.get(path, "POST", body, **({"Sec_Fetch_Site": "same-origin", "Content_Type": "application/json"} | headers))


UNITS = {"page": "", "units": [[["message", f"one {BAD}"], ["message", "two"]], [["message", "three"]]]}


def test_a_page_gets_the_tag_and_nothing_else_of_it_changes(net_of: Start) -> None:
    net = start(net_of, Reply(PAGE, headers=(("ETag", '"1"'), ("Cache-Control", "max-age=9"))))
    with net.tunnel() as t:
        got = page_of(t, If_None_Match='"1"', Range="bytes=0-5")
        assert SCRIPT.sub("<head><title>", got.text) == PAGE.decode()
        assert "if-none-match" not in net.server.headers("/")
        assert "range" not in net.server.headers("/")
        assert "etag" not in got.headers
        assert got.headers["cache-control"] == "no-store"
        found = SCRIPT.search(got.text)
        assert found
        script = t.get(found[1] + "?" + found[2])
        assert (script.status, script.headers["cache-control"]) == (200, "no-store")
        assert script.headers["content-type"].startswith("text/javascript")
        assert f'"{PREFIX}' in script.text
    assert not [p for p, _ in net.server.seen if p.startswith(PREFIX)]


@pytest.mark.parametrize("dest", ["empty", "image", "script", "style"])
def test_what_is_no_page_gets_none(net_of: Start, dest: str) -> None:
    net = start(net_of)
    with net.tunnel() as t:
        assert t.get("/", Sec_Fetch_Dest=dest).body == PAGE


def test_other_sites_get_none(net_of: Start) -> None:
    net = net_of({"/": Reply(PAGE)}, opaque=Opaque.NOT_PROTECTED)
    with net.tunnel() as t:
        assert page_of(t).body == PAGE
        assert t.get(PREFIX + "x/ask").status == 404
    assert [p for p, _ in net.server.seen] == ["/"]


def test_verdicts_and_the_log(net_of: Start) -> None:
    net = start(net_of)
    with net.tunnel() as t:
        path = script_of(t).rpartition("/")[0] + "/ask"
        here = f"https://{HOST}:{net.server.port}"
        got = ask(t, path, UNITS | {"page": f"{here}/room", "lang": "tr"})
        assert (got.status, got.headers["cache-control"]) == (200, "no-store")
        [first, second] = json.loads(got.body)["units"]
        assert second == []
        assert [(n, hides, code, asks) for n, hides, _, code, asks in first] == [(0, True, "", False)]
        assert "SafeGuard gizledi" in first[0][2]
        ask(t, path, UNITS | {"page": "https://elsewhere.test/"})
    assert [(i.url, i.role, i.code in first[0][2]) for i in net.incidents] == [
        (f"{here}/room", "message", True),
        (f"{here}{path}", "message", True),
    ]
    assert not [p for p, _ in net.server.seen if p.startswith(PREFIX)]


def test_only_a_page_of_the_same_origin_is_answered(net_of: Start) -> None:
    net = start(net_of)
    assert net.proxy is not None
    with net.tunnel() as t:
        path = script_of(t).rpartition("/")[0] + "/ask"
        for site in ("cross-site", "same-site", "none", ""):
            assert ask(t, path, UNITS, Sec_Fetch_Site=site).status == 403
        assert t.get(path, Sec_Fetch_Site="same-origin").status == 404
        assert ask(t, path + "x", UNITS).status == 404
        assert ask(t, f"{PREFIX}{'0' * 24}/ask", UNITS).status == 404
        assert ask(t, PREFIX, UNITS).status == 404
        assert ask(t, path, UNITS).status == 200
    assert len(net.incidents) == 1
    assert net.proxy.partly_protected() == {"social": "a page that may not speak for its own address"}
    assert net.proxy.take_partly() == [("social", "a page that may not speak for its own address")]
    assert net.proxy.take_partly() == []
    assert not [p for p, _ in net.server.seen if p.startswith(PREFIX)]


def test_questions_are_bounded(net_of: Start) -> None:
    net = start(net_of)
    with net.tunnel() as t:
        path = script_of(t).rpartition("/")[0] + "/ask"
        assert ask(t, path, b"{nonsense").status == 500
        assert ask(t, path, UNITS).status == 200
    for told in ({"Content_Length": str(MOST_BYTES + 1)}, {"Transfer_Encoding": "chunked"}):
        with net.tunnel() as t:
            t.send(path, "POST", b"", Sec_Fetch_Site="same-origin", **told)
            assert t.socket is not None
            t.socket.settimeout(10)
            with pytest.raises((ConnectionError, TimeoutError)):
                t.head()


def test_tokens_are_of_a_run_and_a_host() -> None:
    one, other = guarding.Guarding(""), guarding.Guarding("")
    assert len({one._token("a.test"), one._token("b.test"), other._token("a.test")}) == 3
    assert one._token("a.test") == one._token("a.test")


def may_reveal(net: Net, reveal: bool = True) -> None:
    assert net.pipeline is not None
    family = Profiles()
    net.pipeline.profiles = family.with_profile(changed(family.profiles["young-child"], None, Action.BLUR, None, reveal))


def test_a_text_is_revealed_to_the_child_that_got_its_notice_alone(net_of: Start) -> None:
    net = start(net_of)
    assert net.pipeline is not None
    net.pipeline.memory = memory = Memory()
    may_reveal(net)
    with net.tunnel() as t:
        path = script_of(t).rpartition("/")[0] + "/ask"
        memory.keep_original("AAAA-BBBB", "of another child", "anna")
        assert json.loads(ask(t, path, {"reveal": "AAAA-BBBB"}).body) == {"text": None}
        [[[_, _, said, code, _]], _] = json.loads(ask(t, path, UNITS).body)["units"]
        assert said.endswith("Your parents will know.]")
        assert json.loads(ask(t, path, {"reveal": code}).body) == {"text": f"one {BAD}"}
        assert net.incidents[-1].kind == "reveal"
        may_reveal(net, reveal=False)
        assert json.loads(ask(t, path, {"reveal": code}).body) == {"text": None}
        assert json.loads(ask(t, path, UNITS).body)["units"][0][0][4] is True  # a click asks the parents instead


def test_a_page_that_never_asks_for_the_script_counts(net_of: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    net = start(net_of)
    assert net.proxy is not None
    with net.tunnel() as t:
        found = SCRIPT.search(page_of(t).text)
        assert found
        page_of(t, Sec_Purpose="prefetch")
        monkeypatch.setattr(guarding, "PATIENCE_S", -1.0)
        t.get(found[1] + "?" + found[2])
        assert net.proxy.partly_protected() == {}
        page_of(t)
    assert net.proxy.partly_protected() == {"social": "a page of it did not take the guard"}


def test_charsets(net_of: Start) -> None:
    text = "<head><meta charset=windows-1251><title>привет</title></head>"
    net = start(net_of, Reply(text.encode("cp1251"), "text/html"))
    with net.tunnel() as t:
        got = page_of(t).body.decode("cp1251")
    assert got.startswith("<head><meta charset=windows-1251><script src=")
    assert got.endswith("</script><title>привет</title></head>")


def test_a_page_of_several_policies(net_of: Start) -> None:
    said = (("Content-Security-Policy", "script-src x.test"), ("Content-Security-Policy", "connect-src 'none'"))
    net = start(net_of, Reply(PAGE, headers=said))
    with net.tunnel() as t:
        t.send("/", Sec_Fetch_Dest="document")
        assert t.socket is not None
        raw = b""
        while b"hello" not in raw:
            raw += t.socket.recv(65536)
    found = re.findall(rb"(?i)content-security-policy: ([^\r]*)", raw)
    assert [f.split(b"https://")[0] for f in found] == [b"script-src x.test ", b"connect-src "]


def test_the_guards_path_is_not_the_sites(net_of: Start) -> None:
    """On no watched host does anything under the prefix reach the server, not even before a page was seen."""
    net = start(net_of)
    with net.tunnel() as t:
        for method in ("GET", "POST", "OPTIONS", "DELETE"):
            assert t.get(PREFIX + "guess/ask", method).status == 404
    assert net.server.seen == []
