"""A child asks for a check, through the real proxy: by the browser's own going to our page alone, bounded, and never upstream."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

import pytest

from safeguard.formats.sites.model import Opaque
from safeguard.guard.script import CHECK
from safeguard.policy.hours import Wall
from safeguard.policy.profiles import Profiles, with_hours
from safeguard.system.memory import Memory
from tests.proxy.conftest import BAD, Net, Start
from tests.proxy.rig import Answer, Reply, Tunnel
from tests.proxy.test_guarding import PAGE, UNITS, ask, script_of

GOES = {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document", "Sec_Fetch_User": "?1", "Sec_Fetch_Site": "none"}
PRESSES = GOES | {"Sec_Fetch_Site": "cross-site", "Origin": "null", "Content_Type": "application/x-www-form-urlencoded"}


def start(net_of: Start, texts: int = 1, opaque: Opaque = Opaque.BLOCK) -> Net:
    body = "".join(f"<article><p>one {BAD} {n}</p></article>" for n in range(texts))
    net = net_of({"/": Reply(body.encode()), "/binary": Reply(b"\x00\x01", "application/x-protobuf")}, opaque=opaque)
    assert net.pipeline is not None
    net.pipeline.memory = Memory()
    return net


def codes(t: Tunnel) -> list[str]:
    return re.findall(r"Code ([A-Z2-7-]{9})", t.get("/", Sec_Fetch_Dest="document").text)


def page(t: Tunnel, code: str = "", **headers: str) -> Answer:
    return t.get(f"{CHECK}?{urlencode({'code': code})}" if code else CHECK, **(GOES | headers))


def number(got: Answer) -> str:
    found = re.search(r'name="token" value="([^"]+)"', got.text)
    return found[1] if found else ""


def press(t: Tunnel, token: str, **headers: str) -> Answer:
    return t.get(CHECK, "POST", urlencode({"token": token}).encode(), **(PRESSES | headers))


def asked(net: Net) -> list[str]:
    return [i.excerpt for i in net.incidents if i.kind == "asked"]


def test_from_the_notice_to_the_parents_list(net_of: Start) -> None:
    net = start(net_of)
    with net.tunnel() as t:
        [code] = codes(t)
        got = page(t, code.lower())
        assert (got.status, got.headers["cache-control"]) == (200, "no-store")
        assert "sandbox allow-forms" in got.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in got.headers["content-security-policy"]
        assert code in got.text
        assert "an insult" in got.text
        assert BAD not in got.text
        assert asked(net) == []
        said = press(t, number(got))
        assert "Your parents will see that you asked" in said.text
        assert "You have asked this already" in press(t, number(page(t, code))).text
    assert asked(net) == [code]
    [entry] = [i for i in net.incidents if i.kind == "asked"]
    assert (entry.site, entry.url, entry.category, entry.whole) == ("social", "", "asked", None)
    assert entry.code != code
    assert [p for p, _ in net.server.seen] == ["/"]


def test_the_blocked_page_leads_there(net_of: Start) -> None:
    net = start(net_of)
    with net.tunnel() as t:
        blocked = t.get("/binary", Sec_Fetch_Dest="document")
        found = re.search(r'href="([^"]+)"', blocked.text)
        assert found
        got = t.get(found[1], **GOES)
        assert "a page that could not be checked" in got.text
        press(t, number(got))
    assert asked(net) == [next(i.code for i in net.incidents if i.kind == "unchecked")]


@pytest.mark.parametrize(
    "headers",
    [{"Sec_Fetch_Mode": "cors"}, {"Sec_Fetch_Dest": "empty"}, {"Sec_Fetch_Dest": "iframe"}, {"Sec_Fetch_Mode": "same-origin"}],
    ids=str,
)
def test_no_script_gets_the_page(net_of: Start, headers: dict[str, str]) -> None:
    net = start(net_of)
    with net.tunnel() as t:
        [code] = codes(t)
        got = page(t, code, **headers)
        assert (got.status, got.body) == (403, b"")


@pytest.mark.parametrize(
    "headers",
    [{"Sec_Fetch_Mode": "cors"}, {"Sec_Fetch_Dest": "empty"}, {"Sec_Fetch_User": ""}, {"Sec_Fetch_Dest": "iframe"}],
    ids=str,
)
def test_no_script_presses_the_button(net_of: Start, headers: dict[str, str]) -> None:
    net = start(net_of)
    with net.tunnel() as t:
        [code] = codes(t)
        token = number(page(t, code))
        assert press(t, token, **headers).status == 403
        assert asked(net) == []
        press(t, token)
        assert asked(net) == [code]


def test_a_number_counts_once_and_a_made_up_one_never(net_of: Start) -> None:
    net = start(net_of)
    with net.tunnel() as t:
        [code] = codes(t)
        token = number(page(t, code))
        for made_up in ("", "x", token + "x", code):
            assert "does not know this code" in press(t, made_up).text
        press(t, token)
        assert "does not know this code" in press(t, token).text
    assert asked(net) == [code]


def test_a_code_that_nobody_gave_this_child_tells_nothing(net_of: Start) -> None:
    net = start(net_of)
    with net.tunnel() as t:
        for typed in ("AAAA-AAAA", "<script>alert(1)</script>", "%00", "x" * 3000):
            got = page(t, typed)
            assert "does not know this code" in got.text
            assert number(got) == ""
            assert "<script" not in got.text
        assert "Type the code" in page(t).text
        [code] = codes(t)
        assert net.proxy is not None
        net.proxy._master.addon._accounts._ask = lambda client, server: "somebody-else"
    with net.tunnel() as t:
        assert number(page(t, code)) == ""


def test_a_child_cannot_spam(net_of: Start) -> None:
    net = start(net_of, texts=8)
    with net.tunnel() as t:
        said = [press(t, number(page(t, code))).text for code in codes(t)]
    assert len(said) == 8
    assert ["you have asked often" in s for s in said] == [False] * 5 + [True] * 3
    assert len(asked(net)) == 5


def test_what_is_too_large_is_not_read(net_of: Start) -> None:
    net = start(net_of)
    for told in ({"Content_Length": "501"}, {"Transfer_Encoding": "chunked"}):
        with net.tunnel() as t:
            t.send(CHECK, "POST", b"", **(PRESSES | told))
            assert t.socket is not None
            t.socket.settimeout(10)
            with pytest.raises((ConnectionError, TimeoutError)):
                t.head()
    assert net.server.seen == []


def test_also_while_networks_are_off(net_of: Start) -> None:
    net = start(net_of)
    assert net.pipeline is not None
    with net.tunnel() as t:
        [code] = codes(t)
        net.pipeline.profiles = Profiles().with_profile(with_hours(Profiles().named("young-child"), off=True))
        net.pipeline.wall = lambda: Wall(0, 0)
        assert t.get("/").status == 403
        press(t, number(page(t, code)))
    assert asked(net) == [code]


def test_a_site_with_a_guard_says_that_a_click_asks(net_of: Start) -> None:
    net = start(net_of, opaque=Opaque.DOM_GUARD)
    net.routes["/"] = Reply(PAGE)
    with net.tunnel() as t:
        path = script_of(t).rpartition("/")[0] + "/ask"
        [[[_, hides, said, code, asks]], _] = json.loads(ask(t, path, UNITS).body)["units"]
        assert (hides, asks) == (True, True)
        assert code in said
        assert "Click to ask your parents" in said
        shown = said.partition(" [Click")[0]
        again = json.loads(ask(t, path, {"page": "", "units": [[["post", shown]]]}).body)["units"]
        assert again == [[[0, True, said, code, True]]]  # a notice of the network layer, read in the page
