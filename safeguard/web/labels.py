"""What the log's own names are called on the page."""

from __future__ import annotations

from safeguard.policy import place
from safeguard.policy.allowance import Allowance, Scope
from safeguard.policy.incident import DONE
from safeguard.web.speech import N_, say

CATEGORIES = {
    "incitement": N_("Call to violence"),
    "threat": N_("Threat"),
    "personal_threat": N_("Threat against one person"),
    "dehumanisation": N_("Speaks of people as if they were no humans"),
    "derogation": N_("Contempt for a group"),
    "slur": N_("Insult"),
    "expulsion": N_("Call to drive people out"),
    "glorification": N_("Praise of crimes against people"),
    "atrocity_mockery": N_("Mockery of victims"),
    "parent_list": N_("From your own list"),
    "unchecked": N_("Could not be checked"),
    "reduced": N_("A site has changed"),
    "reveal": N_("Your child looked at a hidden text"),
    "asked": N_("Your child asks you to check this"),
    "certificate": N_("A certificate waits for you"),
    "pin_guessed": N_("Somebody guesses the PIN"),
    "pin_changed": N_("The PIN was changed"),
}
SEVERITIES = (N_("none"), N_("low"), N_("high"), N_("highest"))
ROLES = {
    "post": N_("post"),
    "comment": N_("comment"),
    "message": N_("private message"),
    "poll_question": N_("question of a poll"),
    "poll_option": N_("answer of a poll"),
    "bio": N_("profile"),
    "name": N_("name"),
    "caption": N_("caption"),
    "alt": N_("description of a picture"),
    "card": N_("link preview"),
    "translation": N_("translation"),
    "rules": N_("rules of a group"),
    "article": N_("article"),
}
ACTIONS = DONE
PRESETS = {
    "young-child": (N_("Young child"), N_("Hides everything harmful.")),
    "teen": (N_("Teenager"), N_("Hides what is severe, notes the rest.")),
    "trial": (N_("Trial"), N_("Hides nothing, only notes.")),
}
PLACES = {str(place): name for place, name in place.CALLED.items()}
ALLOWED = {
    Scope.TEXT: N_("You allowed this text."),
    Scope.AUTHOR: N_("You allowed what this author writes on %(site)s."),
    Scope.SITE: N_("You allowed everything on %(site)s."),
    Scope.RULE: N_("You allowed what the rule %(rule)s finds."),
}


def called(names: dict[str, str], name: str) -> str:
    """The name in the page's language; one that is not in the table as words."""
    return say(names[name]) if name in names else name.replace("_", " ")


def severity(level: int) -> str:
    """How severe, in a word."""
    return say(SEVERITIES[max(0, min(level, len(SEVERITIES) - 1))])


def allowed(a: Allowance, site: str) -> str:
    """What was allowed, in a sentence."""
    values = {"site": site, "rule": a.value}
    text = ALLOWED[a.scope]
    return say(text, **{k: v for k, v in values.items() if f"%({k})s" in text})
