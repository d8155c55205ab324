"""`safeguard sites`: which sites are watched at all, and a family's own beside the shipped ones."""

from __future__ import annotations

import ipaddress
import re

import click
from rich.table import Table
from rich.text import Text

from safeguard import wiring
from safeguard.cli.common import console, json_option, print_json
from safeguard.cli.guarded import guarded
from safeguard.errors import InputError
from safeguard.formats.sites.model import Sites
from safeguard.language import _
from safeguard.proxy.hosts import normal
from safeguard.system import reveal
from safeguard.system.own_sites import OwnSites
from safeguard.system.paths import Paths
from safeguard.system.terminal import safe

_DOMAIN = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_WHOLE_COUNTRY = re.compile(r"(?:ac|co|com|edu|gob|gouv|gov|k12|mil|ne|net|or|org)\.[a-z]{2}")
"""Not one site but all of a kind in a country."""


@click.group()
def sites() -> None:
    """Which sites are watched. All others pass through unread.

    \b
    Example:
      safeguard sites add social.example.org --like mastodon
    """


def _known() -> tuple[OwnSites, Sites]:
    settings = wiring.load_settings()
    return OwnSites(wiring.own_rules(settings)), wiring.load_sites(settings)


@sites.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Every site with its domains, your own too.

    \b
    Example:
      safeguard sites list
    """
    own, known = _known()
    added = set(own.domains())
    rows = [
        {"site": p.name, "title": p.title, "domains": list(p.domains), "yours": sorted(added.intersection(p.domains))}
        for p in known.profiles
    ]
    if as_json:
        for row in rows:
            print_json(row)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in (_("name"), _("site"), _("domains")):
        table.add_column(title, overflow="fold")
    for row in rows:
        shown = [d + (f" ({_('yours')})" if d in added else "") for d in row["domains"]]
        table.add_row(*(Text(safe(str(cell))) for cell in (row["site"], row["title"], ", ".join(shown))))
    console().print(table)


@sites.command()
@click.argument("domain")
@click.option(
    "--like", metavar="SITE", default="", help="The network whose software runs there, such as mastodon; `safeguard sites list` names them."
)
def add(domain: str, like: str) -> None:
    """Watch one more site: a Mastodon server, a forum, a school's network. All its subdomains are watched too.

    Without --like it is read by the general rules for any page, which know nothing of its layout.

    \b
    Example:
      safeguard sites add social.example.org --like mastodon
      safeguard sites add forum.example.org
    """
    name = _checked(domain)
    own, known = _known()
    if (owner := known.for_host(name)) is not None:
        click.echo(_("%(name)s is watched already, as %(title)s.", name=name, title=safe(owner.title)))
        return
    if like and like not in {p.name for p in known.profiles}:
        raise InputError(_("--like %(like)s: there are %(names)s", like=repr(safe(like)), names=", ".join(p.name for p in known.profiles)))
    path = own.add(name, like)
    where = {"name": name, "path": safe(str(path))}
    if like:
        click.echo(_("%(name)s is on the list, read like %(like)s; written to %(path)s", like=like, **where))
    else:
        click.echo(_("%(name)s is on the list, read by the general rules for any page; written to %(path)s", **where))
    if reveal.running(Paths.of_user().state):
        click.echo(_("NOT WATCHED YET: the running filter has no certificate for it."))
    click.echo(
        _(
            "It is watched from the next start of SafeGuard on, which makes a new certificate authority: browsers must trust it anew "
            "(`safeguard browse` does it by itself). Take it back with: safeguard sites remove %(name)s",
            name=name,
        )
    )


@sites.command()
@click.argument("domain")
@guarded()
def remove(domain: str) -> None:
    """Take back a site that `safeguard sites add` added.

    \b
    Example:
      safeguard sites remove social.example.org
    """
    name = _checked(domain)
    settings = wiring.load_settings()
    if not OwnSites(wiring.own_rules(settings)).remove(name):
        raise InputError(_("%(name)s: no site that `safeguard sites add` added; `safeguard sites list` marks those", name=name))
    click.echo(_("%(name)s is not watched any more; a running filter takes it up within a few seconds.", name=name))


def _checked(domain: str) -> str:
    """The host's name in a domain or an address as a parent copies it. Raises InputError for what is none, or too much."""
    name = normal(re.sub(r"\A[a-z]+://", "", domain.strip(), flags=re.I).partition("/")[0].rpartition("@")[2].partition(":")[0])
    name = name.removeprefix("www.")
    shown = safe(domain[:100])
    if not _DOMAIN.fullmatch(name) or _is_address(name):
        raise InputError(_("%(shown)s: is no domain, such as social.example.org", shown=repr(shown)))
    if _WHOLE_COUNTRY.fullmatch(name):
        raise InputError(_("%(shown)s: is not one site but a part of a whole country's; name the site itself", shown=repr(shown)))
    return name


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
