"""The last step of setup: the installed browser, as the child and with the policies as they are, opens a page behind the installed filter.

Two processes: the filter (the service's account, its own certificate authority and port) in front of the sample network, and the browser.
No setting leads there: like the demo, it passes the sample network to the proxy in code.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from safeguard import wiring
from safeguard.demo import pages, show
from safeguard.demo.content import items
from safeguard.demo.network import HOST
from safeguard.demo.reading import View
from safeguard.demo.report import MARK
from safeguard.errors import SafeguardError, SetupError
from safeguard.language import _
from safeguard.proxy import ca_store
from safeguard.system import catalogue, chromium_pipe
from safeguard.system.paths import Paths

PAGE = pages.page_path("en", pages.PAGES[0])
BROWSER_S = 90.0
FLAGS = (
    "--headless=new",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--password-store=basic",
    "--timeout=15000",
    "--dump-dom",
)


def serve() -> None:
    """The filter in front of the sample network, until standard input ends. Writes the page's address once it listens."""
    paths = Paths.of_user()
    settings = wiring.load_settings(paths)
    kept = ca_store.open_authority(paths.state / "ca", [HOST])
    with show.stage(authority=kept.authority, port=settings.port, cache=paths.cache) as stage:
        print(f"https://{stage.network.host}:{stage.network.port}{PAGE}", flush=True)
        sys.stdin.read()


def judge(html: str) -> str:
    """What the page shows, as a sentence. Raises SetupError where a harmful text stands or a harmless one is missing."""
    view = View()
    view.add_html(html)
    hidden = shown = 0
    for item in items():
        places = view.places.get(item.id, [])
        if item.harmful and places:
            if not all(MARK in p for p in places):
                raise SetupError(_("self-test: the browser shows a text that must be hidden"))
            hidden += 1
        elif places:
            shown += not any(MARK in p for p in places)
    if not hidden or not shown:
        raise SetupError(
            _("self-test: the page did not come through the filter; is a browser open that has its own proxy or certificates?")
        )
    return _("The browser showed %(shown)s harmless texts and, in place of %(hidden)s harmful ones, a notice.", shown=shown, hidden=hidden)


def look(browser: str, account: str, url: str) -> str:
    """The page as that account's browser shows it. Raises SetupError where it cannot start."""
    who = pwd.getpwnam(account)
    folder = tempfile.mkdtemp(prefix="safeguard-selftest-")
    try:
        os.chown(folder, who.pw_uid, who.pw_gid)
        done = subprocess.run(
            [*_as(account), browser, *FLAGS, f"--user-data-dir={folder}/profile", url],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=BROWSER_S,
            check=False,
            cwd="/",
            # The child's own home for the certificates; what else a browser writes goes with the folder.
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": who.pw_dir, "USER": account, "LC_ALL": "C.UTF-8"}
            | {f"XDG_{kind}_HOME": f"{folder}/{kind.lower()}" for kind in ("CONFIG", "CACHE", "STATE")},
        )
    except subprocess.TimeoutExpired as e:
        raise SetupError(_("self-test: %(browser)s was not ready after %(seconds)s s", browser=browser, seconds=f"{BROWSER_S:g}")) from e
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise SetupError(
            _(
                "self-test: %(browser)s ended with %(code)s: %(why)s",
                browser=browser,
                code=done.returncode,
                why=said[-1] if said else "-",
            )
        )
    return str(done.stdout, "utf-8", "replace")


def _as(account: str) -> list[str]:
    """With the rights of that account, killed with us."""
    who = pwd.getpwnam(account)
    return ["setpriv", "--pdeathsig", "KILL", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--init-groups", "--"]


@contextmanager
def _served(account: str) -> Iterator[str]:
    command = [*_as(account), sys.executable, "-I", "-m", "safeguard.setup.selftest", "serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        try:
            url = server.stdout.readline().strip()
            if not url:
                said = server.stderr.read().strip().splitlines()
                raise SetupError(_("self-test: the filter did not start: %(why)s", why=said[-1] if said else "-"))
            yield url
        finally:
            assert server.stdin is not None
            server.stdin.close()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()


def main(role: str, *rest: str) -> None:
    """`serve`, or `look CHILD SERVICE` as root."""
    if role == "serve":
        serve()
        return
    child, service = rest
    catalogue.speak(catalogue.of_parent(wiring.load_settings(Paths.of_system())))
    browser = chromium_pipe.find_chromium()
    if browser is None:
        print(_("No browser of the Chromium family is installed, so the self-test has looked at nothing."))
        return
    with _served(service) as url:
        print(judge(look(browser, child, url)))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except SafeguardError as e:
        print(e, file=sys.stderr)
        raise SystemExit(e.exit_code) from e
