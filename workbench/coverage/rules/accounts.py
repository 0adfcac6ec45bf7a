"""Accounts, tenants and applications that records name, and whose own logs are not on hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from workbench.coverage.facts import Facts, NamedOwner
from workbench.coverage.making import Rule, count, listed, make_gap
from workbench.coverage.owners import Owner, World, is_providers_own
from workbench.model.gap import Certainty, Gap, GapKind, Scope

ACCOUNT = Rule("account-without-log", 2, "records name an AWS account of which no record is on hand")
TENANT = Rule(
    "tenant-without-log",
    1,
    "records name a tenant, subscription, project, organisation or cluster of which no record is on hand",
)
APPLICATION = Rule(
    "application-without-log", 1, "people sign on to an application whose own log is not on hand"
)

_WORDS = {
    "caller": "callers of it act here",
    "token": "tokens that it issued are presented here",
    "origin": "what acts here lives or is defined in it",
    "grantee": "access is granted to it",
    "policy": "a policy names it",
    "resource": "resources of it are acted upon",
}


_USUAL = frozenset({"policy", "resource", "origin"})


class _Log(NamedTuple):
    """What is missing of one of them: the log, and how to ask for it."""

    source: str
    request: str


_LOGS = {
    World.AWS: _Log(
        "aws.cloudtrail",
        "Whose account {0} is; if it is the organisation's own, its CloudTrail of every region; else ask AWS support or its"
        " owner.",
    ),
    World.ENTRA: _Log(
        "entra.signin",
        "Whose tenant {0} is (`GET https://graph.microsoft.com/v1.0/tenantRelationships/findTenantInformationByTenantId"
        "(tenantId='{0}')`); if it is the organisation's own, its sign-in and audit logs; else ask its owner.",
    ),
    World.AZURE: _Log(
        "azure.activity",
        "`az monitor activity-log list --subscription {0} --start-time T1 --end-time T2`, and the resource logs of what is"
        " concerned.",
    ),
    World.PROJECT: _Log(
        "gcp.audit",
        "Whose project {0} is; if it is the organisation's own: `gcloud logging read --project {0} --format json"
        " 'logName:\"cloudaudit.googleapis.com\"'`.",
    ),
    World.ORGANISATION: _Log(
        "gcp.audit",
        "`gcloud logging read --organization {0} --format json 'logName:\"cloudaudit.googleapis.com\"'`.",
    ),
    World.GITHUB: _Log(
        "github.audit",
        "Whose {0} is; if it is an organisation of one's own, its audit log with git events; a user's account keeps none for"
        " others.",
    ),
    World.CLUSTER: _Log(
        "k8s.audit",
        "The API servers' audit log of cluster {0}, from where the control plane sends it, and since when it does.",
    ),
}


_KNOWN_BY: dict[str, tuple[str, ...]] = {
    "aws": ("aws.cloudtrail",),
    "amazon": ("aws.cloudtrail",),
    "office 365": ("m365.ual", "entra.signin"),
    "microsoft": ("m365.ual", "entra.signin"),
    "google": ("workspace.activity", "gcp.audit"),
    "github": ("github.audit",),
    "gitlab": ("gitlab.audit",),
    "snowflake": ("snowflake.login", "snowflake.query"),
    "1password": ("onepassword.signin",),
    "teleport": ("teleport.audit",),
    "okta": ("okta.system",),
}
"""By words in the name of an application: the logs that would hold what is done in it."""


def accounts(facts: Facts) -> Iterator[Gap]:
    """Yield a gap for each account, tenant and the like that is named and of which nothing is on hand."""
    named: dict[Owner, list[NamedOwner]] = {}
    for each in facts.accounts:
        named.setdefault(each.owner, []).append(each)
    own = {world: _most_named(named, world) for world in facts.nameless}
    for owner, found in sorted(named.items()):
        if owner != own.get(owner.world) and not _is_usual(owner, found):
            yield _unseen(owner, found, doubtful=owner.world in facts.nameless)


def _is_usual(owner: Owner, found: list[NamedOwner]) -> bool:
    """Whether it is the provider's own and named as in everybody's records; to act or to be let in there is not usual."""
    usual = owner.world is World.ENTRA or all(each.how in _USUAL for each in found)
    return usual and is_providers_own(owner)


def _most_named(named: dict[Owner, list[NamedOwner]], world: World) -> Owner | None:
    """Return whose the log of a world is taken to be that never says so: whom the records name most."""
    return max(
        (owner for owner in named if owner.world is world),
        key=lambda owner: (sum(each.events for each in named[owner]), owner.name),
        default=None,
    )


def _unseen(owner: Owner, found: list[NamedOwner], *, doubtful: bool) -> Gap:
    found.sort(key=lambda each: (each.time is None, each.time or 0, each.how))
    acts = dict.fromkeys(each.act or "an operation without a name" for each in found)
    ways = dict.fromkeys(_WORDS[each.how] for each in found)
    log = _LOGS[owner.world]
    aws = owner.world is World.AWS
    certainty = Certainty.LIKELY if all(each.how == "resource" for each in found) else Certainty.SHOWN
    detected = f"{'; '.join(ways)} ({count(sum(each.events for each in found), 'record')}: {listed(acts)})"
    if doubtful:
        certainty = Certainty.POSSIBLE
        detected += "; the logs on hand of this kind do not say whose they are, so it may be among them"
    called = f"account {owner.name}" if aws else f"{owner.world} {owner.name}"
    return make_gap(
        ACCOUNT if aws else TENANT,
        GapKind.UNSEEN_ACCOUNT,
        log.source,
        Scope(text=owner.name if aws else called, accounts=(owner.name,), subject=owner.name),
        (found[0].time, None),
        certainty,
        detected=detected,
        evidence=[each.event for each in found],
        effect=f"What was done in {called}, or from it, can be neither shown nor ruled out.",
        request=log.request.format(owner.name),
        about=() if aws else (owner.world,),
    )


def applications(facts: Facts) -> Iterator[Gap]:
    """Yield a gap for each application that Okta signs people on to and whose log is not on hand."""
    on_hand = {each.key.source for each in facts.streams}
    for each in facts.applications:
        if each.source != "okta.system":
            continue
        name = each.name.casefold()
        logs = {log for words, sources in _KNOWN_BY.items() if words in name for log in sources}
        if logs & on_hand:
            continue
        yield make_gap(
            APPLICATION,
            GapKind.MISSING_SOURCE,
            "okta.system",
            Scope(text=f"application {each.name}", subject=each.name),
            (each.first, each.last),
            Certainty.SHOWN,
            detected=f"{count(each.events, 'sign-on')} to it, and no log of it",
            evidence=(each.event,),
            effect=f"What was done inside {each.name} after signing on can be neither shown nor ruled out: Okta"
            f" records the sign-on alone.",
            request=f"The audit log of {each.name} itself, from its administrator.",
        )
