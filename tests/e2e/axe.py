"""axe-core as its makers ship it on npm: it finds what keeps people with disabilities out of a page."""

from __future__ import annotations

import base64
import hashlib
import tarfile
from pathlib import Path

from safeguard.system.chromium_pipe import Page

VERSION = "4.14.1"
SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
"""Of the package, as the npm registry tells it (`npm view axe-core@VERSION dist.integrity`)."""
PACKAGE = Path(__file__).parents[2] / ".cache" / "npm" / f"axe-core-{VERSION}.tgz"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")
_RUN = """axe.run({{runOnly: {rules}}}).then(r => r.violations.flatMap(v =>
  v.nodes.map(n => v.id + ' ' + n.target.join(' ') + ': ' + n.failureSummary.split('\\n').slice(1).join(';'))))"""


def missing() -> str:
    """What must be fetched first, or ""."""
    return "" if PACKAGE.exists() else f"no {PACKAGE.name} in .cache/npm; run: make .cache/npm/{PACKAGE.name} (needs npm and the network)"


def script() -> str:
    """axe's own script."""
    data = PACKAGE.read_bytes()
    found = base64.b64encode(hashlib.sha512(data).digest()).decode()
    assert found == SHA512, f"{PACKAGE}: not the package that npm knows as {VERSION}; remove it and run make again"
    with tarfile.open(PACKAGE) as tar:
        file = tar.extractfile("package/axe.min.js")
        assert file is not None
        return file.read().decode()


def violations(page: Page, axe: str) -> list[str]:
    """What breaks WCAG 2.1 A or AA on the page as it is now: rule, element, why."""
    page.eval(f"(() => {{ {axe}\n; return 1; }})()", 60)
    return list(page.eval(_RUN.format(rules=list(RULES)), 120))
