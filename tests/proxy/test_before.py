"""What goes to the browser once because of what it kept from before: to each account, kind of browser and origin, and no oftener."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mitmproxy import http

from safeguard.proxy.before import MOST_PAGES, MOST_WORKERS, SETTLED_S, Before
from safeguard.system.cleared import Cleared
from tests.proxy.conftest import BAD, Start
from tests.proxy.rig import HOST, Reply

VISIT = {"sec-fetch-dest": "document", "sec-fetch-mode": "navigate", "user-agent": "Browser/140.0.1"}
SCRIPT = {"sec-fetch-dest": "serviceworker", "sec-fetch-mode": "same-origin", "service-worker": "script"}
FETCH = {"sec-fetch-dest": "empty", "sec-fetch-mode": "same-origin", "if-none-match": '"1"', "if-modified-since": "then"}


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def before(tmp_path: Path, clock: Clock) -> Before:
    tmp_path.chmod(0o700)
    return Before(Cleared(tmp_path / "cleared", b"key"), clock)


def asked(url: str = f"https://{HOST}/", method: str = "GET", **headers: str) -> http.Request:
    return http.Request.make(method, url, headers={k.replace("_", "-"): v for k, v in headers.items()})


def clears(before: Before, request: http.Request, account: str = "", status: int = 200) -> bool:
    response = http.Response.make(status, b"")
    did = before.response(account, request, response)
    assert did is (response.headers.get("clear-site-data") == '"cache"')
    return did


def visit(before: Before, account: str = "", url: str = f"https://{HOST}/", **changed: str) -> bool:
    """Whether our page comes first."""
    answer = before.request(account, asked(url, **VISIT | {k.replace("_", "-"): v for k, v in changed.items()}))
    return answer is not None and b"getRegistrations" in (answer.content or b"")


def ran(before: Before, **headers: str) -> None:
    """As our page says that it ran."""
    page = before.request("", asked("https://elsewhere.test/", **VISIT))
    assert page is not None
    path = re.search(r'fetch\("(/[^"]+)"', page.text or "")
    assert path
    answer = before.request("", asked(f"https://{HOST}{path[1]}", "POST", user_agent=VISIT["user-agent"], **headers))
    assert answer is not None
    assert answer.content == b""


def test_the_first_visit_brings_our_page_until_it_ran(before: Before) -> None:
    answer = before.request("", asked(**VISIT))
    assert answer is not None
    assert answer.headers["clear-site-data"] == '"cache"'
    assert answer.headers["cache-control"] == "no-store"
    assert visit(before), "the browser may have thrown it away"
    ran(before)
    assert not visit(before)
    assert not clears(before, asked(**VISIT)), "the page has cleared it"


def test_a_browser_that_runs_no_scripts_is_not_sent_round_for_ever(before: Before) -> None:
    assert [visit(before) for _ in range(MOST_PAGES + 2)] == [True] * MOST_PAGES + [False] * 2
    assert clears(before, asked(**VISIT))


@pytest.mark.parametrize(
    ("account", "url", "agent"),
    [
        pytest.param("anna", f"https://{HOST}/", "Browser/140.0.1", id="another account"),
        pytest.param("", f"https://www.{HOST}/", "Browser/140.0.1", id="another origin"),
        pytest.param("", f"https://{HOST}:8443/", "Browser/140.0.1", id="another port"),
        pytest.param("", f"https://{HOST}/", "Other/140.0.1", id="another browser"),
    ],
)
def test_each_account_origin_and_browser_for_itself(before: Before, account: str, url: str, agent: str) -> None:
    ran(before)
    assert visit(before, account, url, user_agent=agent)


def test_an_updated_browser_is_no_other(before: Before) -> None:
    ran(before)
    assert not visit(before, user_agent="Browser/141.2")


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"sec-fetch-dest": "iframe"}, id="a frame"),
        pytest.param({"sec-fetch-mode": "cors"}, id="a script's request"),
        pytest.param({"sec-purpose": "prefetch;prerender"}, id="nobody looks yet"),
        pytest.param({"sec-fetch-dest": ""}, id="unknown"),
    ],
)
def test_what_is_no_visit_goes_to_the_server(before: Before, changed: dict[str, str]) -> None:
    assert before.request("", asked(**VISIT | changed)) is None


def test_a_form_that_is_sent_goes_to_the_server(before: Before) -> None:
    assert before.request("", asked(method="POST", **VISIT)) is None
    assert before.request("", asked(f"http://{HOST}/", **VISIT)) is None


def test_the_first_answer_clears_and_no_other(before: Before) -> None:
    assert not clears(before, asked(sec_fetch_mode="cors")), "without credentials browsers do not obey"
    assert not clears(before, asked(), status=304)
    assert not clears(before, asked(), status=101)
    assert clears(before, asked(sec_fetch_mode="cors", cookie="a=b"), status=404)
    assert not clears(before, asked())
    assert clears(before, asked(), account="anna")


def test_no_old_copy_is_revived_before_it_is_cleared_and_a_while_after(before: Before, clock: Clock) -> None:
    def goes_with_conditions() -> bool:
        request = asked(**FETCH)
        assert before.request("", request) is None
        return {"if-none-match", "if-modified-since"} <= {n.lower() for n in request.headers}

    assert not goes_with_conditions()
    clears(before, asked())
    assert not goes_with_conditions()
    clock.now += SETTLED_S
    assert goes_with_conditions()


def test_pictures_and_scripts_keep_their_conditions(before: Before) -> None:
    for dest in ("image", "video", "font", "style", "script"):
        request = asked(**FETCH | {"sec-fetch-dest": dest})
        before.request("", request)
        assert "if-none-match" in request.headers


def test_a_worker_is_replaced_once_and_only_a_few(before: Before) -> None:
    answer = before.request("", asked(f"https://{HOST}/sw.js?v=1", **SCRIPT))
    assert answer is not None
    assert answer.headers["service-worker-allowed"] == "/"
    assert b"unregister" in (answer.content or b"")
    assert before.request("", asked(f"https://{HOST}/sw.js?v=2", **SCRIPT)) is None
    others = [before.request("", asked(f"https://{HOST}/{n}.js", **SCRIPT)) is not None for n in range(2 * MOST_WORKERS)]
    assert sum(others) == MOST_WORKERS - 1


def test_a_worker_is_replaced_though_our_page_went_out(before: Before) -> None:
    ran(before)
    assert before.request("", asked(f"https://{HOST}/sw.js", **SCRIPT | {"user-agent": VISIT["user-agent"]})) is not None


def test_through_the_proxy(net_of: Start, before: Before) -> None:
    net = net_of({"/": Reply(f"<p>{BAD}".encode()), "/odd": Reply(b"\x00\x01", "application/x-odd")}, before=before)
    with net.tunnel() as t:
        first = t.get("/", Sec_Fetch_Dest="document", Sec_Fetch_Mode="navigate")
        assert "getRegistrations" in first.text
        assert net.server.seen == [], "the server is not asked for what is asked again"
        path = re.search(r'fetch\("(/[^"]+)"', first.text)
        assert path
        assert t.get(path[1], "POST", b"{}").status == 200
        second = t.get("/", Sec_Fetch_Dest="document", Sec_Fetch_Mode="navigate")
    assert "SafeGuard" in second.text
    assert BAD not in second.text
    assert "clear-site-data" not in second.headers


def test_a_refused_answer_clears_too(net_of: Start, before: Before) -> None:
    net = net_of({"/odd": Reply(b"\x00\x01", "application/x-protobuf")}, before=before)
    with net.tunnel() as t:
        got = t.get("/odd")
    assert got.status == 403
    assert got.headers["clear-site-data"] == '"cache"'
