"""What a key of a JSON object says about its value: role, author, identifier, where a unit begins.

Generic words first, a site's own on top. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from safeguard.formats.sites.model import SiteProfile
from safeguard.formats.words import words
from safeguard.text.unit import Role

_ROLES: dict[Role, str] = {
    Role.NAME: "name username user_name screen_name screenname display_name displayname full_name fullname nickname first_name last_name"
    " author author_name handle acct owner_name ownername channelname nick authortext uniqueid global_name",
    Role.BIO: "bio biography about signature status_text profile_bio note public_description headline",
    Role.CAPTION: "caption captions edge_media_to_caption desc subtitles",
    Role.ALT: "alt alt_text alttext ext_alt_text accessibility_caption accessibilitycaption accessibilitydata accessibilitylabel altlabel"
    " image_description",
    Role.COMMENT: "comment comments comment_text reply replies edge_media_to_comment commentrenderer top_level_comments preview_comments",
    Role.MESSAGE: "message_text messages chat dialog dialogs last_message conversation lastmessage privmsg dm",
    Role.POLL_QUESTION: "question poll_question",
    Role.POLL_OPTION: "options choices answers choice option answer poll_options choice1_label choice2_label choice3_label choice4_label",
    Role.CARD: "card attachment attachments link_preview linkpreview link_card linkcard preview_card url_preview webpage embed embeds"
    " unfurl binding_values",
    Role.TRANSLATION: "translation translated_text translatedtext translated_body translated_message translated_content translatedcontent",
    Role.RULES: "rules rule community_rules",
    Role.ARTICLE: "articlebody article_body",
}
_ROLE_OF = {word: role for role, words in _ROLES.items() for word in words.split()}
_AUTHOR = words("author username screen_name screenname handle acct unique_id uniqueid nick nickname display_name displayname author_name")
_OWNER = words("author user from owner account sender core user_results result by creator node pinner commenter actor actors")
_LINK = words("permalink permalink_url shareurl share_url uri canonical_url")
_TEXT = words("text t plain_text insert simpletext plaintext content value label string")
WRAPPER = words("text simpletext content label runs value string plain rendered html __html plain_text rich richtext body document en")
_PART = words("poll")
_JOIN = words("runs textruns text_runs ops text_entities rich_text fragments")
_IDENT = re.compile(
    r"(?:^|_)(?:id|ids|pk|url|urls|uri|href|src|type|typename|cursor|token|hash|key|sha\d*|code|etag|date|time|created|updated|path|lang|locale|"
    r"mime|format|color|class|classname|kind|params?|rkey|cid|did|guid|uuid|nonce|signature|trackingparams|version|e|endpoint|method|style)$"
    r"|(?:[a-z])(?:Id|Ids|Url|Uri|Type|Token|Hash|Key|Params|At|Time)$|^__|_at$|^data:|^@type$|^\$type$"
)

_SPEECH = re.compile(r"[^\x00-\x7f]|\\|\s")
_LONGEST, _MOST, _MOST_INSIDE, _MOST_PLACES = 64, 4096, 512, 64
"""Code points of a key that is remembered, and how many are, at the top and inside how many places: longer ones are no field's name, and
all come from outside."""


@dataclass(frozen=True, slots=True)
class Key:
    """role: None where the key says nothing. own: a unit begins with the object under this key. part: it belongs, with all in it, to the
    unit of the object around it. names: the value says what the value beside it is ({key: …, value: …}).

    answers: it does not say what a poll's answer is: `name` and `caption` of an answer are the answer.
    spoken: the key itself may be a person's words (an answer of a poll as a key).
    plain:  an identifier that is no unit's address: a value without words needs no second look.
    deep:   the site has patterns of more than one key that end in this one.
    special: one of ident, link, ignore, names and answers.
    odd:    one of spoken, own and part.
    said:   the role of what stands under it at this place: by the site's patterns, else by itself.
    below:  what the keys of objects under it say.
    """

    role: Role | None = None
    ident: bool = False
    author: bool = False
    owner: bool = False
    link: bool = False
    text: bool = False
    wrapper: bool = False
    join: bool = False
    ignore: bool = False
    own: bool = False
    part: bool = False
    names: bool = False
    answers: bool = False
    spoken: bool = False
    plain: bool = False
    deep: bool = False
    special: bool = False
    odd: bool = False
    said: Role | None = None
    below: Keys = field(default_factory=lambda: Keys.of(None), compare=False, repr=False)


def describe(key: str, site: SiteProfile | None, at: Role | None, below: Keys) -> Key:
    """What the key says on this site. at: what the site's patterns say of the place; below: what keys under it say."""
    low = key.lower()
    own = site.keys.get(low) if site else None
    deep = site is not None and low in site.paths
    ignore = bool(own and own.ignore)
    role = (own.role if own else None) or _ROLE_OF.get(low)
    ident = role is None and _IDENT.search(key) is not None
    spoken = _SPEECH.search(key) is not None
    author = bool(own and own.author) or low in _AUTHOR
    part = bool(own and own.part) or low in _PART
    unit = bool(own and own.unit)
    answers = role in (Role.NAME, Role.CAPTION) and not author
    return Key(
        role=role,
        ident=ident,
        plain=ident and low not in _LINK and low != "key" and not spoken,
        author=author,
        owner=author or part or low in _OWNER,
        link=low in _LINK,
        text=low in _TEXT,
        wrapper=low in WRAPPER,
        join=bool(own and own.join) or low in _JOIN,
        ignore=ignore,
        own=unit,
        part=part,
        names=low == "key",
        answers=answers and at is None,
        spoken=spoken,
        deep=deep,
        special=ident or ignore or answers or low in _LINK or low == "key",
        odd=spoken or unit or part,
        said=at or role,
        below=below,
    )


class Keys(dict[str, Key]):
    """The keys of a site's bodies at one place, each described when it is first asked for, and kept unless it is spoken.

    A place is as much of the keys around an object as the site's patterns can tell apart, so that most bodies have one or two.
    """

    def __init__(self, site: SiteProfile | None, outer: tuple[str, ...] = (), root: Keys | None = None) -> None:
        super().__init__()
        self._site = site
        self._paths: Mapping[str, tuple[tuple[tuple[str, ...], Role], ...]] = site.paths if site else {}
        self._outer = outer
        self._root = root if root is not None else self
        self._most = _MOST if root is None else _MOST_INSIDE
        if root is None:
            patterns = [pattern for group in self._paths.values() for pattern, _ in group]
            self._around = frozenset(name for pattern in patterns for name in pattern[:-1])
            self._far = max(map(len, patterns), default=1) - 1
            self._places: dict[tuple[str, ...], Keys] = {}
            self.plain: set[str] = set()
            """Those whose values were identifiers so far, and can be checked all at once."""
            self._wordy: set[str] = set()

    @classmethod
    def of(cls, site: SiteProfile | None) -> Keys:
        """Those of a site at the top of a body, kept with its profile from body to body."""
        if site is None:
            return _GENERIC
        if "keys" not in site.met:
            site.met["keys"] = cls(site)
        kept: Keys = site.met["keys"]
        return kept

    def __missing__(self, key: str) -> Key:
        root = self._root
        made = describe(key, self._site, self.role_at([*self._outer, key]) if key else None, root.inside(self._outer, key))
        if not made.spoken and len(key) <= _LONGEST:
            if len(self) >= self._most:
                root.forget()
            self[key] = made
            if made.plain and key not in root._wordy:
                root.plain.add(key)
        return made

    def inside(self, outer: tuple[str, ...], key: str) -> Keys:
        """The keys of what stands under `key` where `outer` stands around it; asked of the top of the body."""
        if key:
            low = key.lower()
            outer = (*outer, low)[-self._far :] if self._far and low in self._around else ()
        if not outer:
            return self
        if outer not in self._places:
            if len(self._places) >= _MOST_PLACES:
                self.forget()
            self._places[outer] = Keys(self._site, outer, self)
        return self._places[outer]

    def everywhere(self) -> tuple[Keys, ...]:
        """Those of all places."""
        return (self, *self._places.values())

    def forget(self) -> None:
        """Begin anew, at all places."""
        for place in self.everywhere():
            place.clear()
        self._places.clear()
        self.plain.clear()

    def wordy(self, key: str) -> None:
        """Under this key, which seemed to be an identifier's, stood words: its values are looked at one by one from now on."""
        if key in self.plain:
            self.plain.discard(key)
            if len(self._wordy) < _MOST:
                self._wordy.add(key)

    def role_of(self, name: str) -> Role | None:
        """The role of a value that has this name not as its key but beside it."""
        own = self._site.keys.get(name.lower()) if self._site else None
        return (own.role if own else None) or _ROLE_OF.get(name.lower())

    def role_at(self, path: list[str]) -> Role | None:
        """The role by the longest pattern that is a suffix of the path (keys from the outermost in)."""
        for pattern, role in self._paths.get(path[-1].lower(), ()):
            if len(pattern) <= len(path) and all(a == b.lower() for a, b in zip(reversed(pattern), reversed(path), strict=False)):
                return role
        return None


_GENERIC = Keys(None)
