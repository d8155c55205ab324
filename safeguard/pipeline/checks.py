"""The way of one response: bytes -> units -> verdicts -> decisions -> edited bytes, chained here and nowhere else.

No socket and no file: testable with plain values. What cannot be checked becomes an Outcome `unchecked` with a reason,
whose body is the blocked page; the original never leaves by that door.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from safeguard import __version__
from safeguard.errors import Unchecked
from safeguard.formats import addresses, attached, bodies, boxes, encoding, pictures
from safeguard.formats.bodies import Kind
from safeguard.formats.boxes import Tree
from safeguard.formats.document import Document, Place
from safeguard.formats.sites import health
from safeguard.formats.sites.model import Opaque, SiteProfile, Sites
from safeguard.guard.script import CHECK
from safeguard.guard.talk import Said
from safeguard.matching.engine import Engine
from safeguard.matching.verdict import Level, Verdict
from safeguard.pipeline.evidence import Bodies
from safeguard.pipeline.exchange import Exchange, Outcome, Result
from safeguard.pipeline.judged import Decided, Judged, compared, copied, excerpt
from safeguard.pipeline.ports import Health, Memory
from safeguard.pipeline.streams import STREAMS, EventFilter, MessageFilter
from safeguard.policy import asking, blocked, notice, off
from safeguard.policy.allowance import ALLOWED, Allowance, Met, allow, within_reach
from safeguard.policy.along import along
from safeguard.policy.asking import Asked
from safeguard.policy.decision import Decision, decide, is_evidence
from safeguard.policy.help import Help
from safeguard.policy.hours import Shut, Wall
from safeguard.policy.incident import EXCERPT, Incident
from safeguard.policy.profile import DEFAULT, Action, Profile
from safeguard.policy.profiles import Profiles
from safeguard.text.unit import Segment, TextUnit


@dataclass(slots=True)
class Pipeline:
    """Chains the rooms. `engine`, `sites`, `profiles` and `allowances` are immutable and swapped whole on a reload.

    code_key:   secret of this install; the code of a hidden unit is its keyed digest, so the same unit keeps its code.
    allowances: what the parent has allowed from the log.
    profile:    everybody's, unless `profiles` says whose is which.
    memory:     None where nothing is remembered: no picture is blurred, no original kept.
    health:     None where nobody wants to know whether the profiles still fit.
    help:       where a child who is threatened gets help.
    wall:       what the clock on the wall shows; None where no site is ever off.
    """

    engine: Engine
    sites: Sites
    code_key: bytes
    profile: Profile = DEFAULT
    lang: str = "en"
    limit: int = 32 * 2**20
    sink: Callable[[Incident], None] = field(default=lambda incident: None)
    allowances: tuple[Allowance, ...] = ()
    profiles: Profiles | None = None
    memory: Memory | None = None
    health: Health | None = None
    help: Help = field(default_factory=Help)
    wall: Callable[[], Wall] | None = None

    def kind(self, exchange: Exchange) -> Kind:
        """How this response goes through, by its headers alone: STATIC is streamed untouched, STREAMS through `event_filter`."""
        site = self.sites.for_host(exchange.host)
        attachment = exchange.header("content-disposition").lower().startswith("attachment")
        return bodies.classify(exchange.media, exchange.dest, exchange.url, site, attachment)

    def check_response(self, exchange: Exchange, raw: bytes) -> Outcome:
        """The outcome for a body still in its Content-Encoding. PASS: the very object that came in; else a body without any encoding."""
        try:
            decoded = encoding.decode(raw, exchange.header("content-encoding"), self.limit)
        except Unchecked as e:
            return self.unchecked(exchange, str(e))
        outcome = self.check_body(exchange, decoded)
        return replace(outcome, body=raw) if outcome.result is Result.PASS else outcome

    def check_body(self, exchange: Exchange, raw: bytes) -> Outcome:
        """The outcome for a body without Content-Encoding."""
        try:
            kind = self.kind(exchange)
            return self._check_stream(exchange, raw) if kind in STREAMS else self.check_whole(exchange, kind, raw)
        except Unchecked as e:
            return self.unchecked(exchange, str(e))

    def check_whole(self, exchange: Exchange, kind: Kind, raw: bytes) -> Outcome:
        """The outcome for a body of that kind, which does not go out piece by piece. Raises Unchecked."""
        site = self.sites.for_host(exchange.host)
        if self.health is not None and site is not None and site.healthy:
            self._look(self.health, site, exchange, kind, raw)
        units = bodies.glance(raw, exchange.media, site, exchange.dest, exchange.url)
        if units is not None and self.is_clean(units):
            return Outcome(Result.PASS, raw)
        found = bodies.read(raw, exchange.media, site, exchange.dest, exchange.url)
        if found is None:
            return Outcome(Result.PASS, raw)
        document, text = found
        judged = self.judge(exchange, document, raw)
        if not judged.changes:
            return Outcome(Result.PASS, raw, incidents=judged.incidents)
        return Outcome(Result.EDIT, text.encoded(judged.changed(document)), judged.hidden, incidents=judged.incidents)

    def is_clean(self, units: Sequence[TextUnit]) -> bool:
        """Whether nothing is found in any of them."""
        return all(v.level is Level.CLEAN for v in self.engine.check_many(units))

    def check_message(self, exchange: Exchange, message: str | bytes) -> Outcome:
        """The outcome for a WebSocket message by itself; for UNCHECKED it must not go out."""
        outcome = self.message_filter(exchange).check(message)
        return outcome if outcome is not None else self.unchecked(exchange, "a message without its end")

    def message_filter(self, exchange: Exchange) -> MessageFilter:
        """A filter for the messages of one WebSocket."""
        return MessageFilter(self, exchange)

    def event_filter(self, exchange: Exchange) -> EventFilter:
        """A filter for one event stream without Content-Encoding."""
        return EventFilter(self, exchange)

    def hidden_picture(self, exchange: Exchange) -> str | None:
        """The code of the hidden unit that the picture at this address stands with, None where it may be seen."""
        if self.memory is None or not self.memory.hides_pictures:
            return None
        key = addresses.key(exchange.url)
        return self.memory.hides_picture(exchange.account, key) or self.memory.hides_picture(exchange.account, addresses.family(key))

    def picture_moved(self, exchange: Exchange, target: str) -> None:
        """The address of a hidden picture leads on to another one (absolute or relative), which is hidden too."""
        code = self.hidden_picture(exchange)
        if self.memory is not None and code is not None and (key := addresses.key(addresses.joined(exchange.url, target))):
            self.memory.hide_picture(exchange.account, key, code)

    def guarded(self, host: str) -> SiteProfile | None:
        """The site of a host whose pages carry the guard that reads what cannot be read on the way; None for any other."""
        site = self.sites.for_host(host)
        return site if site is not None and site.opaque is Opaque.DOM_GUARD else None

    def check_shown(self, exchange: Exchange, units: Sequence[TextUnit], lang: str = "") -> list[tuple[Said, ...]]:
        """What becomes of the texts that a page shows, for each unit; the segments' places are different numbers below their count."""
        count = 1 + max((s.place for u in units for s in u.segments), default=-1)
        judged = self.judge(exchange, Document("", tuple(units), (Place(()),) * count, lang))
        lang = self._lang(lang)
        return [tuple(filter(None, (self._said(exchange, judged, s, n, lang) for n, s in enumerate(u.segments)))) for u in units]

    def unchecked_shown(self, exchange: Exchange, unit: TextUnit, why: str, lang: str = "") -> tuple[Said, ...]:
        """The same for a unit that cannot be checked, told to the sink."""
        self.unchecked(exchange, f"a text in the page: {why}")
        said = notice.UNCHECKED[self._lang(lang)]
        return tuple(Said(n, True, said) for n in range(len(unit.segments)))

    def reveal(self, exchange: Exchange, code: str) -> str | None:
        """The text behind a notice that this child got and may see; the log records it. None where it may not, or nobody has it."""
        text = self._may_see(exchange, code)
        if text is not None:
            if self.memory is not None:
                self.memory.show_pictures(exchange.account, code)
            code_of_entry = self._code(f"reveal\n{exchange.account}\n{code}")
            self._note(code_of_entry, "reveal", "revealed", self._site(exchange), f"{code}: {text}", "revealed", exchange)
        return text

    def _said(self, exchange: Exchange, judged: Judged, segment: Segment, number: int, lang: str) -> Said | None:
        """What stands for that text, None where nothing changes."""
        if segment.place in judged.warnings:
            return Said(number, False, judged.warnings[segment.place])
        code = judged.codes.get(segment.place, "") or notice.code_in(segment.text)
        seen = code and self._may_see(exchange, code) is not None
        asks = bool(code and not seen and self.asked_about(exchange, code))
        if segment.place in judged.notices:
            said = judged.notices[segment.place]
            if seen and self.memory is not None:
                code = self._code(compared(segment.text))  # a click shows this text, not all of its unit
                self.memory.keep_original(code, segment.text, exchange.account)
        elif seen or asks:
            said = segment.text.strip()
        else:
            return None
        if asks:
            return Said(number, True, said + asking.CLICK[lang], code, asks=True)
        return Said(number, True, said + notice.REVEAL[lang], code) if seen else Said(number, True, said)

    def asked_about(self, exchange: Exchange, code: str) -> str | None:
        """The kind of what is hidden behind a notice that this child got, None where it got none of that code."""
        return self.memory.notice_of(exchange.account, code) if self.memory is not None else None

    def ask(self, exchange: Exchange, code: str) -> Asked:
        """This child asks for a check of that: an entry of the log that names the code, and an alert."""
        became = self.memory.ask(exchange.account, code) if self.memory is not None else Asked.UNKNOWN
        if became is Asked.SENT:
            of_entry = self._code(f"asked\n{exchange.account}\n{code}")
            self._note(of_entry, asking.KIND, asking.KIND, self._site(exchange), code, asking.KIND, replace(exchange, url=""))
        return became

    def _may_see(self, exchange: Exchange, code: str) -> str | None:
        """The text behind a code where this child's profile lets it be seen by a click."""
        if self.memory is None or not self._profile(exchange).reveal:
            return None
        return self.memory.original_of(exchange.account, code)

    def shut(self, exchange: Exchange) -> Shut | None:
        """Whether that site is off for this child now."""
        if self.wall is None:
            return None
        site, now = self._site(exchange), self.wall()
        return self.profiles.shut(exchange.account, site, now) if self.profiles is not None else self.profile.hours.shut(site, now)

    def said_off(self, exchange: Exchange, shut: Shut) -> tuple[bytes, str]:
        """(body, content type) of the page or answer that says so."""
        page = exchange.dest in bodies.PAGE_DESTS
        return off.page(self.lang, shut, self.help_lines(self.lang)) if page else off.answer(self.lang, shut)

    def help_lines(self, lang: str) -> str:
        """Where help is, in a sentence."""
        return self.help.said(lang, *((self.profiles.country, self.profiles.help) if self.profiles is not None else ()))

    def unchecked(self, exchange: Exchange, why: str, action: Action = Action.BLOCK) -> Outcome:
        """The blocked page or answer for a body that cannot be checked, told to the sink; action: what became of it."""
        code = self._code(f"{exchange.url}\n{why}")
        page = exchange.dest in bodies.PAGE_DESTS or (not exchange.dest and bodies.essence(exchange.media) == "text/html")
        lang = self.lang
        check = asking.link(lang, CHECK, code) if self.memory is not None else ""
        body, content_type = blocked.page(lang, why, code, self.help_lines(lang), check) if page else blocked.answer(lang, why, code)
        if self.memory is not None:
            self.memory.keep_notice(exchange.account, code, asking.UNCHECKED)
        incident = self._note(code, "unchecked", "unchecked", self._site(exchange), why, action.value, exchange)
        return Outcome(Result.UNCHECKED, body, why=why, incidents=(incident,), content_type=content_type)

    def reduced(self, site: str, said: str) -> None:
        """Protection is reduced on that site: an entry of the log, which says so."""
        self._note(self._code(f"reduced\n{site}"), "reduced", "reduced", site, said, Action.LOG.value)

    def certificate(self, said: str) -> None:
        """The certificate authority waits for the parent's yes: an entry of the log, and an alert the first time it is said."""
        self._note(self._code(f"certificate\n{said}"), "certificate", "certificate", "SafeGuard", said, Action.LOG.value)

    def _note(self, code: str, kind: str, category: str, site: str, said: str, action: str, exchange: Exchange | None = None) -> Incident:
        """Tell the sink of what is no finding in a text."""
        url, account = (exchange.url, exchange.account) if exchange is not None else ("", "")
        incident = Incident(code, kind, site, url, action, category, 0, 0.0, None, "", "", "", said[:EXCERPT], account=account)
        self.sink(incident)
        return incident

    def _look(self, watch: Health, site: SiteProfile, exchange: Exchange, kind: Kind, raw: bytes) -> None:
        """Note whether this answer has in it what its profile expects of such answers."""
        page = kind is Kind.HTML and exchange.dest in ("document", "")
        if exchange.status != 200 or len(raw) < health.SMALLEST or (exchange.dest in bodies.PAGE_DESTS and not page):
            return
        expected = health.expected(site, exchange.url, page)
        if expected is not None and watch.wants(site.name, expected.where):
            watch.saw(site.name, expected.where, health.is_healthy(expected, raw))

    def _check_stream(self, exchange: Exchange, raw: bytes) -> Outcome:
        events = self.event_filter(exchange)
        body = events.feed(raw) + events.end()
        incidents = tuple(events.incidents)
        if body == raw:
            return Outcome(Result.PASS, raw, incidents=incidents)
        return Outcome(Result.EDIT, body, events.hidden, incidents=incidents)

    def _code(self, text: str) -> str:
        """Eight letters and digits in two groups, the same for the same text on this computer."""
        letters = b32encode(hmac.digest(self.code_key, text.encode("utf-8", "replace"), "sha256")).decode()
        return f"{letters[:4]}-{letters[4:8]}"

    def judge(self, exchange: Exchange, document: Document, raw: bytes = b"") -> Judged:
        """Verdicts for every unit at once, and what follows from them; a hidden text goes from every place it stands in.

        raw: the bytes that the document was read from, for evidence.
        """
        verdicts = self.engine.check_many(document.units)
        if all(v.level is Level.CLEAN for v in verdicts):
            return Judged({}, {}, 0, ())
        lang = self._lang(document.lang)
        profile = self._profile(exchange)
        notices: dict[int, str] = {}
        warnings: dict[int, str] = {}
        gone: dict[str, tuple[str, str]] = {}
        warned: dict[str, str] = {}
        hidden_places: dict[int, str] = {}
        also: dict[int, tuple[str, str]] = {}
        incidents: dict[str, Incident] = {}
        hidden: set[int] = set()
        found = [
            (number, self._decide(exchange, unit, verdict, profile))
            for number, (unit, verdict) in enumerate(zip(document.units, verdicts, strict=True))
            if verdict.level is not Level.CLEAN
        ]
        bodies_kept = Bodies(raw, exchange.media, document)
        let_through = {text for _, d in found if d.allowed for text in d.texts}
        for number, d in found:
            if d.decision.action is Action.SHOW and not d.allowed:
                continue
            unit, decision = d.unit, d.decision
            # an author's allowed text stands in the page again where nobody says whose it is
            copy = decision.hides and not unit.author and let_through.issuperset(d.texts) and within_reach(decision.verdict)
            incident = self._incident(
                exchange, unit, self._by(exchange, unit, d.before, profile) if d.allowed else decision, d.which, d.code
            )
            if incident.whole is not None:
                incident = replace(incident, body=bodies_kept.around(unit.segments[d.which[0]].place))
            if d.allowed or copy:
                incident = replace(incident, action=ALLOWED, reasons=decision.verdict.reasons)
            if d.code not in incidents or incidents[d.code].action == ALLOWED:
                incidents[d.code] = incident
            if copy or not decision.hides:
                if self.memory is not None:
                    self.memory.show_pictures(exchange.account, d.code)
                if decision.warns and not copy:
                    said = self._helped(notice.warning(decision.verdict.category or "", d.code, lang), decision.verdict, lang)
                    warned |= {compared(unit.segments[i].text): said for i in d.which}
                continue
            hidden.add(number)
            if self.memory is not None:
                self.memory.keep_notice(exchange.account, d.code, decision.verdict.category or "")
            said = self._helped(notice.notice(decision.verdict.category or "", d.code, lang), decision.verdict, lang)
            for i in d.which:
                notices[unit.segments[i].place], hidden_places[unit.segments[i].place] = said, d.code
                gone.setdefault(compared(unit.segments[i].text), (said, d.code))
            for i in along(unit, d.which, one_post=not document.body):
                also[unit.segments[i].place] = (said, d.code)
            if self.memory is not None and decision.action is Action.BLUR:
                self.memory.keep_original(d.code, "\n".join(s.text for s in unit.segments), exchange.account)
        for number, unit in enumerate(document.units if gone or warned else ()):
            for segment in unit.segments:
                if segment.place in notices:
                    continue
                if again := copied(same := compared(segment.text), gone):
                    notices[segment.place], hidden_places[segment.place] = again
                    hidden.add(number)
                elif same in warned:
                    warnings[segment.place] = warned[same]
        tree = boxes.read(document.body, self.sites.for_host(exchange.host)) if hidden_places and document.body else None
        also = {place: said for place, said in also.items() if place not in notices}
        hidden_places |= {place: code for place, (_, code) in also.items()}
        if tree is not None:
            said_at = {place: (notices[place] if place in notices else also[place][0], code) for place, code in hidden_places.items()}
            also |= {place: said_at[owner] for place, owner in attached.of_places(document, tree, hidden_places).items()}
        for place, (said, code) in also.items():
            notices[place], hidden_places[place] = said, code
            warnings.pop(place, None)
        self._keep_help(document, notices)
        inline = self._hide_pictures(exchange, document, tree, hidden_places)
        for incident in incidents.values():
            self.sink(incident)
        return Judged(notices, warnings, len(hidden), tuple(incidents.values()), inline, hidden_places)

    def _helped(self, said: str, verdict: Verdict, lang: str) -> str:
        """A notice with where to get help, where a threat was found, even beside something worse."""
        threatened = any(notice.is_threat(r.category) for r in verdict.reasons if r.suppressed_by is None and r.level is Level.HARMFUL)
        return notice.with_help(said, self.help_lines(lang)) if threatened else said

    def _keep_help(self, document: Document, notices: dict[int, str]) -> None:
        """No notice swallows a help line: its number stands in the notice. Only the number: else it would shield what it is put beside."""
        own = self.profiles.help if self.profiles is not None else ()
        for segment in (s for u in document.units for s in u.segments if s.place in notices):
            missing = [n for n in self.help.kept(segment.text, own) if n not in notices[segment.place]]
            notices[segment.place] = notice.with_help(notices[segment.place], ", ".join(missing))

    def _hide_pictures(
        self, exchange: Exchange, document: Document, tree: Tree | None, codes: Mapping[int, str]
    ) -> tuple[tuple[int, int, str], ...]:
        """Remember the pictures that stand with hidden texts (codes: place index -> code); edits for those written out in the body."""
        if tree is None:
            return ()
        found = pictures.of_tree(document, tree, codes, exchange.url)
        if self.memory is not None:
            for key, place in found.keys.items():
                self.memory.hide_picture(exchange.account, key, codes[place])
        return found.inline

    def _lang(self, page: str) -> str:
        """The notices' language on a page in that one."""
        return notice.language(page, notice.language(self.lang))

    def _profile(self, exchange: Exchange) -> Profile:
        """The profile of the child whose browser asks."""
        return self.profiles.of(exchange.account) if self.profiles is not None else self.profile

    def _decide(self, exchange: Exchange, unit: TextUnit, verdict: Verdict, profile: Profile) -> Decided:
        """The decision on a unit after all that is allowed; each turn of the loop switches off at least one finding."""
        decision = self._by(exchange, unit, verdict, profile)
        which: tuple[int, ...] = ()
        code, allowed = "", False
        while decision.action is not Action.SHOW:
            which = decision.segments or decision.verdict.segments(decision.verdict.level) or tuple(range(len(unit.segments)))
            code = self._code("\n".join(compared(unit.segments[i].text) for i in which))
            rest = allow(decision.verdict, Met(code, self._site(exchange), unit.author, exchange.account), self.allowances)
            if rest is decision.verdict:
                break
            decision = self._by(exchange, unit, rest, profile)
            allowed = decision.action is Action.SHOW
        return Decided(unit, verdict, decision, which, code, allowed)

    def _by(self, exchange: Exchange, unit: TextUnit, verdict: Verdict, profile: Profile) -> Decision:
        """The decision by the profile alone."""
        return decide(verdict, profile, unit, self._site(exchange))

    def _site(self, exchange: Exchange) -> str:
        """The site's name, as the log shows it."""
        site = self.sites.for_host(exchange.host)
        return site.name if site else exchange.host

    def _incident(self, exchange: Exchange, unit: TextUnit, decision: Decision, which: Sequence[int], code: str) -> Incident:
        verdict = decision.verdict
        worst = max((r for r in verdict.reasons if r.suppressed_by is None), key=lambda r: (r.level, r.severity, r.score), default=None)
        segment = unit.segments[worst.segment if worst else which[0]]
        return Incident(
            code=code,
            kind="unit",
            site=self._site(exchange),
            url=unit.link if unit.link.startswith("https://") else exchange.url,
            action=decision.action.value,
            category=verdict.category or "",
            severity=verdict.severity,
            score=verdict.score,
            group=verdict.group,
            rule=worst.rule if worst else "",
            author=unit.author,
            role=segment.role.value,
            excerpt=excerpt(segment.text, worst.start if worst else 0, worst.end if worst else 0),
            reasons=verdict.reasons,
            whole="\n".join(s.text for s in unit.segments) if is_evidence(verdict) else None,
            account=exchange.account,
            rules=f"SafeGuard {__version__}, rules {self.engine.version}",
        )
