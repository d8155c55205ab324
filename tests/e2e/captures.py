"""Recorded pages of real networks, where somebody put them beside the project, with hateful sentences of ours planted in them."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

FOLDER = Path(__file__).parents[3] / "shared" / "captures"
HATE = (
    "All Georgians are vermin and must be wiped out, every last one of them",
    "Всех турок надо перерезать, ни одного нельзя оставить в живых",
    "Rumların hepsini gebertmek lazım, biri bile sağ kalmasın",
    "Rusların hamısını qırıb öldürmək lazımdır, biri də sağ qalmasın",
    "Բոլոր թուրքերին պետք է սպանել, ոչ մեկը ողջ չմնա",
    "I know where you live. Tonight I will kill you and your brother",
)
"""What is planted, one after another: five languages and a threat."""
_SCRIPT = re.compile(r"(?is)<script\b[^>]*>(.*?)</script>")


@dataclass(frozen=True, slots=True)
class Capture:
    """One recorded page. people: texts of people as they stand in the body, escapes and all."""

    name: str
    url: str
    content_type: str
    body: str
    people: tuple[str, ...]

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def path(self) -> str:
        """Of the address, with what is asked of it."""
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def planted(self) -> str:
        """The body with a sentence of HATE in the place of every text of a person, wherever in the body it is repeated."""
        body = self.body
        for n, text in enumerate(sorted(self.people, key=len, reverse=True)):  # the longest first: one may be a part of another
            body = _put(body, text, HATE[n % len(HATE)], escaped=n // len(HATE) + n)
        return body


def _put(body: str, text: str, sentence: str, escaped: int) -> str:
    """Escaped as the place demands, every other time with escapes that need not be."""
    scripts = [m.span(1) for m in _SCRIPT.finditer(body)]
    in_script = json.dumps(sentence, ensure_ascii=bool(escaped % 2))[1:-1]
    in_markup = "".join(c if ord(c) < 128 else f"&#{ord(c)};" for c in sentence) if escaped % 2 else html.escape(sentence)

    def there(found: re.Match[str]) -> str:
        return in_script if any(a <= found.start() < b for a, b in scripts) else in_markup

    return re.sub(re.escape(text), there, body)


def pages() -> list[Capture]:
    """Every recorded HTML page; none where there are no captures beside the project."""
    manifest = FOLDER / "manifest.jsonl"
    if not manifest.exists():
        return []
    made = []
    for row in map(json.loads, manifest.read_text(encoding="utf-8").splitlines()):
        if row["content_type"].partition(";")[0].strip() == "text/html":
            body = (FOLDER / row["file"]).read_bytes().decode("utf-8")
            made.append(Capture(row["id"], row["url"], row["content_type"], body, tuple(n["text"] for n in row["needles"])))
    return made
