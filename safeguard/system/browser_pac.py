"""The proxy rule for a browser: watched domains go through the filter and nowhere else, the rest of the web directly.

As a data: URL and without DIRECT behind PROXY: with the filter dead, the watched sites fail and everything else works.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable

_SCRIPT = """function FindProxyForURL(url, host) {
  var watched = %s;
  var name = host.toLowerCase().replace(/\\.+$/, "");
  while (name) {
    if (watched.hasOwnProperty(name)) return "PROXY %s";
    var dot = name.indexOf(".");
    name = dot < 0 ? "" : name.slice(dot + 1);
  }
  return "DIRECT";
}
"""


def script(domains: Iterable[str], proxy: str) -> str:
    """The PAC. domains: each with its subdomains, lower case ASCII; proxy: host:port."""
    return _SCRIPT % (json.dumps(dict.fromkeys(sorted(domains), 1)), proxy)


def data_url(domains: Iterable[str], proxy: str) -> str:
    """The PAC as an address that needs no server."""
    return _url(script(domains, proxy))


def all_url(proxy: str) -> str:
    """The same where nothing goes directly: for a child whom the system lets reach the filter and nothing else."""
    return _url(f'function FindProxyForURL(url, host) {{ return "PROXY {proxy}"; }}\n')


def _url(code: str) -> str:
    return "data:application/x-ns-proxy-autoconfig;base64," + base64.b64encode(code.encode()).decode()
