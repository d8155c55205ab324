"""The proxy rule, run by a real JavaScript engine."""

from __future__ import annotations

import base64
import json

import pytest

from safeguard.system import browser_pac
from safeguard.system.chromium_pipe import BrowserError, Chromium, find_chromium

HOSTS = {
    "social.test": True,
    "www.social.test": True,
    "WWW.Social.TEST": True,
    "social.test.": True,
    "notsocial.test": False,
    "social.test.evil.test": False,
    "constructor": False,
    "test": False,
    "": False,
    "127.0.0.1": False,
}


@pytest.mark.e2e
@pytest.mark.skipif(find_chromium() is None, reason="no Chromium on PATH")
def test_watched_hosts_go_through_the_filter_and_nowhere_else() -> None:
    code = browser_pac.script(["social.test"], "127.0.0.1:8877")
    with Chromium() as b:
        page = b.open("about:blank")
        got = page.eval(f"{code}; ({json.dumps(list(HOSTS))}).map(h => FindProxyForURL('https://' + h, h))")
        with pytest.raises(BrowserError, match="JavaScript"):
            page.eval("missing()")
        with pytest.raises(BrowserError, match="still not true"):
            page.wait("false", 0.2)
    assert got == ["PROXY 127.0.0.1:8877" if watched else "DIRECT" for watched in HOSTS.values()]


def test_no_way_round_in_the_script() -> None:
    assert "; DIRECT" not in browser_pac.script(["social.test"], "127.0.0.1:1")
    assert browser_pac.data_url(["social.test"], "127.0.0.1:1").startswith("data:application/x-ns-proxy-autoconfig;base64,")


def test_in_strict_mode_nothing_goes_directly() -> None:
    told = base64.b64decode(browser_pac.all_url("127.0.0.1:8877").partition("base64,")[2]).decode()
    assert 'return "PROXY 127.0.0.1:8877"' in told
    assert "DIRECT" not in told
