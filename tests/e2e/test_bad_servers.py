"""What a child sees in Chromium of a site that does not prove who it is: our page, which says why and leads nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from safeguard.policy import bad_server
from tests.e2e.conftest import Browsers
from tests.proxy.bad_servers import BAD, CASES, BadNet, bad_servers
from tests.proxy.rig import Reply

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

ASKS = """<!doctype html><ul id=said></ul><script>
const say = text => { const li = document.createElement("li"); li.textContent = text; said.append(li); };
for (const url of %s) {
  fetch(url).then(() => say("fetch reached"), () => say("fetch failed"));
  const ws = new WebSocket(url.replace("https", "wss") + "ws");
  ws.onopen = () => say("ws reached"); ws.onerror = () => say("ws failed");
}</script>"""


@pytest.fixture
def net(tmp_path: Path) -> Iterator[BadNet]:
    with bad_servers(tmp_path) as found:
        yield found


def test_every_bad_server_ends_as_our_page_without_a_way_on(net: BadNet, browsers: Browsers) -> None:
    chromium = browsers.chromium(net)
    for name in BAD:
        page = chromium.open(net.url(name))
        assert page.error == "", name  # over our certificate: the browser's own warning has a button
        text = page.text()
        assert bad_server.TITLE["en"] in text, name
        assert CASES[name].why in text, name
        assert page.eval("document.querySelectorAll('a, button, form, input, script, [onclick]').length") == 0, name
        (document,) = [r["response"] for r in page.events("Network.responseReceived") if r["type"] == "Document"][-1:]
        assert document["securityState"] == "secure", name
        assert document["securityDetails"]["issuer"].startswith("SafeGuard family"), name
        assert document["status"] == 502
        assert not net.servers[name].seen, name


def test_no_script_of_a_good_page_reaches_a_bad_server(net: BadNet, browsers: Browsers) -> None:
    net.routes["/"] = Reply((ASKS % [net.url(name) for name in BAD]).encode())
    page = browsers.chromium(net).open(net.url("good"))
    page.wait(f"document.querySelectorAll('#said li').length === {2 * len(BAD)}", 60)
    assert "reached" not in page.text()
    assert page.text().count("fetch failed") == page.text().count("ws failed") == len(BAD)
    assert not any(net.servers[name].seen for name in BAD)
