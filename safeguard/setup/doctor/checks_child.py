"""Do the child's browsers go through SafeGuard, and could the child change that? Pure."""

from __future__ import annotations

from collections.abc import Iterator

from safeguard.language import N_, _
from safeguard.setup.doctor.facts import BrowserThere, Facts, Finding, Policy

SETUP = N_("Run `sudo safeguard setup`; it puts in place what is missing and leaves the rest.")


def administrator(facts: Facts) -> Iterator[Finding]:
    """A child who may become root can switch everything off."""
    for child in facts.children:
        reasons = [
            *([_("it is root")] if child.root else []),
            *(_("it is in the group %(group)s", group=group) for group in child.groups),
            *child.sudoers,
        ]
        if reasons:
            yield Finding(
                "administrator",
                _("The child's account %(name)s is an administrator: it can switch SafeGuard off and read the log.", name=child.name),
                "; ".join(reasons),
                " ".join(
                    (
                        *(f"`sudo gpasswd --delete {child.name} {group}`" for group in child.groups),
                        _("Then log the child out and in again."),
                    )
                    if child.groups and not child.sudoers and not child.root
                    else (_("Make the child a standard account, and keep an administrator's account with a password for yourself."),)
                ),
            )


def no_such_account(facts: Facts) -> Iterator[Finding]:
    """A profile for an account that was renamed or removed protects nobody."""
    for child in facts.children:
        if child.missing:
            yield Finding(
                "account",
                _("There is no account %(name)s on this computer, though it has a profile.", name=child.name),
                "profiles.yaml, listen.accounts",
                _(
                    "`safeguard profile assign %(name)s --none` takes it away, `safeguard profile assign ACCOUNT NAME` gives another one.",
                    name=child.name,
                ),
            )


def not_root(facts: Facts) -> Iterator[Finding]:
    """What is in a child's home, only the child and root see."""
    if not facts.root and facts.children:
        yield Finding(
            "not-root",
            _("What only an administrator may see, such as the child's browser profiles, was not looked at."),
            ", ".join(child.name for child in facts.children),
            "`sudo safeguard doctor`",
            wrong=False,
        )


def no_child(facts: Facts) -> Iterator[Finding]:
    """Whose account must not be an administrator's is not known."""
    if not facts.children:
        yield Finding(
            "no-child",
            _("SafeGuard was not told which account is your child's, so it was not looked whether that is an administrator's."),
            _("no account has a profile of its own; all have the default"),
            _("`safeguard profile assign ACCOUNT NAME`, with the child's account and the name of a profile."),
            wrong=False,
        )


def browser_policy(facts: Facts) -> Iterator[Finding]:
    """A browser without our policy goes straight to the sites."""
    for browser in facts.browsers:
        if browser.policy is Policy.PACKED:
            yield _packed(browser, held=facts.strict and facts.strict_holds is not False)
        elif browser.policy is not Policy.OURS:
            yield Finding(
                "browser",
                _policy(browser),
                _("%(program)s; its policy is read from %(place)s", program=browser.program, place=browser.place),
                _(SETUP),
            )


def _packed(browser: BrowserThere, held: bool) -> Finding:
    """held: strict mode lets the child's account reach nothing past the filter, with whatever program."""
    return Finding(
        "browser",
        _("%(browser)s is not protected: it may not heed SafeGuard's policies.", browser=browser.title)
        + (" " + _("Strict mode keeps the child's account from going past SafeGuard with it.") if held else ""),
        browser.program,
        _(
            "Remove it (`%(command)s`) and install your system's own package of that browser, or run `sudo safeguard setup --strict`, "
            "which lets the child's account go nowhere but through SafeGuard.",
            command=browser.place,
        ),
        wrong=not held,
    )


def _policy(browser: BrowserThere) -> str:
    if browser.policy is Policy.OTHER:
        return _(
            "%(browser)s has a policy of somebody else, which sets another way to the sites than through SafeGuard.", browser=browser.title
        )
    if browser.policy is Policy.OLD:
        return _(
            "%(browser)s has a policy of SafeGuard that no longer fits: the port or the list of watched sites is another by now.",
            browser=browser.title,
        )
    return _("%(browser)s is installed and does not go through SafeGuard.", browser=browser.title)


def strict_mode(facts: Facts) -> Iterator[Finding]:
    """Chosen, but the system has no such rules now."""
    if facts.strict and facts.strict_holds is False:
        yield Finding(
            "strict",
            _("Strict mode was chosen and is not in force: the child's programs may go past SafeGuard."),
            _("the system's packet filter (nftables) has no rules of SafeGuard"),
            _(
                "`sudo systemctl restart safeguard-strict`, or start the computer again. "
                "If another firewall takes them away, ask its maker."
            ),
        )


def certificate(facts: Facts) -> Iterator[Finding]:
    """Without our certificate a browser shows an error instead of each watched site."""
    for store in facts.stores:
        whose = f" ({store.whose})" if store.whose else ""
        if store.has is None:
            yield Finding(
                "certificate",
                _("It could not be looked whether a store of certificates%(whose)s has SafeGuard's.", whose=whose),
                store.where,
                _("Run `sudo safeguard doctor`; on Debian `sudo apt install libnss3-tools` gives it the tool to look with."),
                wrong=False,
            )
        elif not store.has:
            yield Finding(
                "certificate",
                _("A store of certificates%(whose)s lacks SafeGuard's.", whose=whose)
                + (
                    " " + _("The browser itself has it by policy; other programs there show errors on watched sites.")
                    if store.by_policy
                    else " " + _("Watched sites show errors there.")
                ),
                store.where,
                _(SETUP),
                wrong=not store.by_policy,
            )
