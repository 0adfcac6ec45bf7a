"""Accounts and applications that records name, and whose own logs are not on hand."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.coverage.facts import Facts, NamedAccount
from workbench.coverage.making import Rule, count, listed, make_gap
from workbench.model.gap import Certainty, Gap, GapKind, Scope

ACCOUNT = Rule("account-without-log", 1, "records name an AWS account of which no record is on hand")
APPLICATION = Rule(
    "application-without-log", 1, "people sign on to an application whose own log is not on hand"
)

_WORDS = {
    "caller": "callers of it act here",
    "grantee": "access is granted to it",
    "policy": "a policy names it",
    "resource": "resources of it are acted upon",
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
    """Yield a gap for each AWS account that is named and of which nothing is on hand."""
    on_hand = {each.key.account for each in facts.of("aws.cloudtrail")}
    named: dict[str, list[NamedAccount]] = {}
    for each in facts.accounts:
        if each.account not in on_hand:
            named.setdefault(each.account, []).append(each)
    for account, found in sorted(named.items()):
        found.sort(key=lambda each: (each.time is None, each.time or 0, each.how))
        acts = dict.fromkeys(each.act for each in found)
        ways = dict.fromkeys(_WORDS[each.how] for each in found)
        active = any(each.how in ("caller", "grantee", "policy") for each in found)
        yield make_gap(
            ACCOUNT,
            GapKind.UNSEEN_ACCOUNT,
            "aws.cloudtrail",
            Scope(text=account, accounts=(account,), subject=account),
            (found[0].time, None),
            Certainty.SHOWN if active else Certainty.LIKELY,
            detected=f"{'; '.join(ways)} ({count(sum(each.events for each in found), 'record')}: {listed(acts)})",
            evidence=[each.event for each in found],
            effect=f"What was done in account {account}, or from it, can be neither shown nor ruled out.",
            request=f"Whose account {account} is; if it is the organisation's own, its CloudTrail of every"
            f" region; else ask AWS support or its"
            " owner.",
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
