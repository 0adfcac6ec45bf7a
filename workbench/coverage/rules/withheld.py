"""What records leave out, by their own account: bodies, values, addresses, and whole records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from workbench.clock import DAY
from workbench.coverage.facts import Facts, Mark, span, writable
from workbench.coverage.making import Rule, count, listed, make_gap, moment
from workbench.model.gap import Certainty, Gap, GapKind, Scope

BODY = Rule("body-not-logged", 1, "the audit policy's level leaves out what was asked for or answered")
SECRETS = Rule("secrets-listed", 1, "a list of secrets returns all their values and names none of them")
VALUE = Rule("value-withheld", 1, "the record says that a value was left out")
ADDRESS = Rule("no-address", 1, "no record of this kind holds an address")
DELEGATION = Rule(
    "delegation-withheld", 1, "the record says that somebody stood behind the caller, and not who"
)
THROTTLED = Rule(
    "log-throttled", 1, "Exchange records no more accesses to a mailbox for a day once there were too many"
)
REWRITTEN = Rule(
    "account-rewritten",
    1,
    "an access key id encodes the account it was made in, and the record names another",
)
NO_RESPONSE = Rule(
    "request-without-response",
    1,
    "Vault logs a request before and a response after it; one of them is missing",
)

NO_RESPONSE_TOLD = "no response is recorded"
"""What is noted of a Vault request that no record answers: of two records of one act the response counts as the act."""

_LEVEL = "level is "
_LISTED = "the secrets that were listed are not named"
_DELEGATION = "serviceAccountDelegationInfo"
_REWRITTEN = "encodes another account"
_FEWEST = 5
"""Records below which it means nothing that none of them has an address."""

_WITH_ADDRESS = frozenset(
    {
        "aws.cloudtrail", "okta.system", "entra.signin", "azure.activity", "m365.ual", "github.audit", "gcp.audit",
        "k8s.audit", "vault.audit", "workspace.activity", "graph.activity",
    }
)  # fmt: skip
"""Logs that have a field for the caller's address."""


def withheld(facts: Facts) -> Iterator[Gap]:
    """Yield the gaps that records themselves speak of."""
    found: dict[Callable[[Facts, list[Mark]], Iterator[Gap]], list[Mark]] = {}
    for mark in facts.marks:
        if mark.warning:
            if _REWRITTEN in mark.text:
                found.setdefault(_rewritten, []).append(mark)
        elif "IsThrottled" in mark.text:
            found.setdefault(_throttled, []).append(mark)
        elif mark.text == NO_RESPONSE_TOLD:
            found.setdefault(_unanswered, []).append(mark)
        elif _DELEGATION in mark.text:
            found.setdefault(_delegation, []).append(mark)
        elif _LEVEL in mark.text or _LISTED in mark.text:
            found.setdefault(_bodies, []).append(mark)
        elif mark.source != "aws.vpcflow":
            found.setdefault(_values, []).append(mark)
    for rule, marks in found.items():
        yield from rule(facts, marks)
    yield from _addresses(facts)


def _bodies(facts: Facts, marks: list[Mark]) -> Iterator[Gap]:
    """Yield gaps of Kubernetes and its like: bodies that the audit level leaves out, and secrets that were listed."""
    for source in sorted({each.source for each in marks}):
        own = [each for each in marks if each.source == source]
        streams = facts.of(source)
        levels = sorted({each.key.category or "no level" for each in streams})
        period = span(streams)
        levelled = [each for each in own if _LEVEL in each.text]
        if levelled and period is not None:
            everywhere = levels == ["Metadata"]
            types = sorted({each.action.partition(" ")[2] or each.action for each in levelled})
            number = sum(each.events for each in levelled)
            yield make_gap(
                BODY,
                GapKind.NO_BODY,
                source,
                Scope(
                    text="every resource: level Metadata" if everywhere else f"bodies of {listed(types)}",
                    categories=tuple(levels) if everywhere else (),
                    subject="bodies",
                ),
                period,
                Certainty.SHOWN,
                detected=f"{count(number, 'change')} recorded without a body"
                + (
                    " (the level of every event is Metadata)"
                    if everywhere
                    else f"; levels on hand: {listed(levels)}"
                ),
                evidence=_cited(levelled),
                effect="What was asked for in these requests, and what was answered, can be neither shown nor"
                " ruled out: not what a new"
                " object contains, not what a patch changed.",
                request="The cluster's audit policy; objects as they are now (`kubectl get -o yaml`) and from"
                " backups (etcd snapshots,"
                " GitOps repositories) of before and after.",
            )
        yield from _listed_secrets(source, [each for each in own if _LISTED in each.text])


def _listed_secrets(source: str, marks: list[Mark]) -> Iterator[Gap]:
    for subject in sorted({each.subject or "" for each in marks}):
        own = [each for each in marks if (each.subject or "") == subject]
        where = f"secrets of namespace {subject}" if subject else "secrets of all namespaces"
        yield make_gap(
            SECRETS,
            GapKind.NO_BODY,
            source,
            Scope(text=where, actions=tuple(sorted({each.action for each in own})), subject=subject or None),
            _period(own),
            Certainty.SHOWN,
            detected=f"{count(sum(each.events for each in own), 'list')} of secrets recorded without the answer",
            evidence=_cited(own),
            effect=f"Which {where} there were, and so which values were handed out, can be neither shown nor"
            f" ruled out: take all of"
            " them for read.",
            request="The secrets that existed then: an etcd snapshot, or the manifests they were made from.",
        )


def _values(_: Facts, marks: list[Mark]) -> Iterator[Gap]:
    places: dict[tuple[str, str | None, str, str], list[Mark]] = {}
    for mark in marks:
        places.setdefault((mark.source, mark.account, mark.service, mark.action), []).append(mark)
    for (source, account, service, action), own in places.items():
        paths = sorted({line.partition(":")[0] for mark in own for line in mark.text.split("\n")})
        name = action if action.startswith(service) else f"{service} {action}"
        yield make_gap(
            VALUE,
            GapKind.REDACTED,
            source,
            Scope(
                text=f"{name}: {listed(paths)}",
                accounts=(account,) if account else (),
                services=(service,),
                actions=(action,),
                subject=name,
            ),
            _period(own),
            Certainty.SHOWN,
            detected=f"{count(sum(each.events for each in own), 'record')} with"
            f" {listed(sorted({line for mark in own for line in mark.text.split(chr(10))}), 4)}",
            evidence=_cited(own),
            about=(account,),
            effect=f"What stood in {listed(paths)} of {name} can be neither shown nor ruled out.",
            request=_ASK.get(
                action,
                "The service's own records of these calls: its history, its configuration as it is now, or the caller's copy.",
            ),
        )


_ASK = {
    "SendCommand": "`aws ssm list-command-invocations --details` (30 days), the command's output in S3 or"
    " CloudWatch Logs, and the"
    " instance's own logs.",
    "PutParameter": "`aws ssm get-parameter-history` of the parameters named.",
}


def _delegation(_: Facts, marks: list[Mark]) -> Iterator[Gap]:
    for subject in sorted({each.subject or "" for each in marks}):
        own = [each for each in marks if (each.subject or "") == subject]
        yield make_gap(
            DELEGATION,
            GapKind.REDACTED,
            own[0].source,
            Scope(text=subject or "callers by delegation", subject=subject or None),
            _period(own),
            Certainty.SHOWN,
            detected=f"{count(sum(each.events for each in own), 'entry', 'entries')} whose"
            f" serviceAccountDelegationInfo names nobody",
            evidence=_cited(own),
            effect=f"Who acted as {subject or 'these accounts'} can be neither shown nor ruled out by these entries.",
            request="iamcredentials data access logs of every project whose accounts may impersonate it"
            " (GenerateAccessToken names the"
            " caller), and the policy that allows it.",
        )


def _throttled(_: Facts, marks: list[Mark]) -> Iterator[Gap]:
    for mark in marks:
        if mark.first is None:
            continue
        who = mark.subject or "a mailbox"
        yield make_gap(
            THROTTLED,
            GapKind.THROTTLED,
            mark.source,
            Scope(text=who, actions=("MailItemsAccessed",), subject=who),
            (mark.first, writable((mark.last or mark.first) + DAY)),
            Certainty.SHOWN,
            detected=f"MailItemsAccessed with IsThrottled at {moment(mark.first)}: a mailbox that makes more"
            f" than 1,000 such records in a day"
            " is left out for 24 hours (Microsoft Purview, MailItemsAccessed)",
            evidence=mark.evidence,
            effect=f"Which further items of {who} were opened can be neither shown nor ruled out: take all of them for accessed.",
            request="Mail client and message trace data of the mailbox for that day; nothing restores the"
            " records that were not made.",
        )


def _unanswered(_: Facts, marks: list[Mark]) -> Iterator[Gap]:
    source = marks[0].source
    number = sum(each.events for each in marks)
    yield make_gap(
        NO_RESPONSE,
        GapKind.MISSING_FILE,
        source,
        Scope(text="responses", subject="responses"),
        _period(marks),
        Certainty.SHOWN,
        detected=f"{count(number, 'request')} without a response: {listed(dict.fromkeys(each.action for each in marks))}",
        evidence=_cited(marks),
        effect="Whether these requests were granted, and what was handed out, can be neither shown nor ruled out.",
        request="The files of every audit device and node for that time: a response is written where the request was"
        " answered; seals and restarts from the server's log.",
    )


def _rewritten(_: Facts, marks: list[Mark]) -> Iterator[Gap]:
    for account in sorted({each.account or "" for each in marks}):
        own = [each for each in marks if (each.account or "") == account]
        yield make_gap(
            REWRITTEN,
            GapKind.ALTERED,
            "aws.cloudtrail",
            Scope(
                text=f"records of account {account}",
                accounts=(account,) if account else (),
                subject=account or None,
            ),
            _period(own),
            Certainty.LIKELY,
            detected=f"{count(sum(each.events for each in own), 'record')} with an access key id that encodes"
            f" another account than"
            f" {account or 'the one named'}",
            evidence=_cited(own),
            effect="That these records are as CloudTrail wrote them cannot be stated: account ids in them were"
            " changed after delivery, and"
            " other fields may have been.",
            request="The files as CloudTrail delivered them, from the trail's bucket, with their digest files and public keys.",
        )


def _addresses(facts: Facts) -> Iterator[Gap]:
    """Yield a gap for each part of a log that has a field for addresses and not one address in it."""
    parts: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for each in facts.streams:
        if each.key.source in _WITH_ADDRESS:
            name = each.key.category if each.key.source == "entra.signin" else each.key.account
            parts.setdefault((each.key.source, name or each.key.source), []).append(
                (each.events, each.unaddressed)
            )
    for (source, name), counts in parts.items():
        events, without = sum(each[0] for each in counts), sum(each[1] for each in counts)
        if events < _FEWEST or events != without:
            continue
        own = [each for each in facts.of(source) if name in (each.key.category, each.key.account, source)]
        machines = name == "ManagedIdentitySignInLogs"
        yield make_gap(
            ADDRESS,
            GapKind.REDACTED,
            source,
            Scope(
                text=name,
                categories=(name,) if source == "entra.signin" else (),
                accounts=() if source == "entra.signin" else (name,),
                subject=name,
            ),
            span(own) or (None, None),
            Certainty.SHOWN,
            detected=f"none of {count(events, 'record')} has an address",
            effect="From where this was done can be neither shown nor ruled out.",
            request="Nothing: managed identities sign in inside the provider's network and have no address; the"
            " workload's own logs name the"
            " host they ran on."
            if machines
            else "The same log exported with addresses (GitHub: the organisation's setting “disclose actor IP"
            " addresses” must be on when it"
            " happens), or logs of the network path.",
        )


def _period(marks: Iterable[Mark]) -> tuple[int | None, int | None]:
    own = list(marks)
    firsts = [each.first for each in own if each.first is not None]
    lasts = [each.last for each in own if each.last is not None]
    return min(firsts, default=None), max(lasts, default=None)


def _cited(marks: Iterable[Mark]) -> list[int]:
    return [
        event
        for mark in sorted(marks, key=lambda each: (each.first or 0, each.action, each.text))
        for event in mark.evidence
    ]
