"""Parts of a log that must be switched on or collected by themselves, and are not on hand."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.coverage.facts import Facts, span
from workbench.coverage.making import Rule, count, listed, make_gap
from workbench.model.gap import Certainty, Gap, GapKind, Scope

DATA = Rule(
    "data-events-absent", 1, "CloudTrail records data events only where a trail's selectors ask for them"
)
DATA_ACCESS = Rule(
    "data-access-absent", 1, "Google Cloud records data access only for services where it was switched on"
)
REGION = Rule("one-region", 1, "all records of an account are of one region")
SIGN_INS = Rule("sign-in-category-absent", 1, "the four kinds of Entra sign-ins are exported one by one")
NO_SIGN_IN = Rule("principal-without-sign-in", 1, "an application acts, and no sign-in of it is on hand")
GIT = Rule(
    "git-events-absent", 1, "GitHub keeps git events for seven days and leaves them out of web searches"
)

ENTRA = (
    "SignInLogs",
    "NonInteractiveUserSignInLogs",
    "ServicePrincipalSignInLogs",
    "ManagedIdentitySignInLogs",
)
"""The categories of Entra sign-ins (Microsoft Entra monitoring, sign-in logs)."""


def data_events(facts: Facts) -> Iterator[Gap]:
    """Yield a gap for the AWS accounts without any data event."""
    streams = facts.of("aws.cloudtrail")
    accounts = sorted({each.key.account for each in streams if each.key.account})
    without = [
        account
        for account in accounts
        if not any(each.key.category == "Data" for each in facts.of("aws.cloudtrail", account))
    ]
    period = span([each for each in streams if each.key.account in without])
    if period is None:
        return
    touched = sum(each.events for each in facts.acts if each.service == "s3" and each.account in without)
    yield make_gap(
        DATA,
        GapKind.NO_DATA_EVENTS,
        "aws.cloudtrail",
        Scope(
            text=f"data events of account{'s' if len(without) > 1 else ''} {listed(without)}",
            accounts=tuple(without),
            categories=("Data",),
            subject="data events",
        ),
        period,
        Certainty.LIKELY,
        detected="no record has eventCategory Data; "
        + (
            f"{count(touched, 'event')} on S3 buckets show that S3 is in use"
            if touched
            else "management events are on hand"
        ),
        effect="Reads and writes of S3 objects, Lambda invocations, DynamoDB items and the like can be neither"
        " shown nor ruled out.",
        request="`aws cloudtrail get-event-selectors` of every trail of the account; S3 server access logs or"
        " CloudTrail data events of"
        " the buckets concerned, if any were kept.",
    )


def data_access(facts: Facts) -> Iterator[Gap]:
    """Yield a gap for the Google Cloud services whose data access nothing records."""
    streams = facts.of("gcp.audit")
    for account in sorted({each.key.account or "" for each in streams}):
        own = [each for each in streams if (each.key.account or "") == account]
        with_data = [each for each in own if each.key.category == "data_access"]
        period = span(with_data or own)
        if period is None:
            continue
        services = sorted(
            {
                each.service
                for each in facts.acts
                if each.source == "gcp.audit"
                and each.category == "data_access"
                and (each.account or "") == account
            }
        )
        yield make_gap(
            DATA_ACCESS,
            GapKind.NO_DATA_EVENTS,
            "gcp.audit",
            Scope(
                text=f"data access of all services but {' and '.join(services)}"
                if services
                else "data access of all services",
                accounts=(account,) if account else (),
                categories=("data_access",),
                beside_services=tuple(services),
                subject=account or None,
            ),
            period,
            Certainty.LIKELY,
            detected=f"data_access entries are on hand for {listed(services) if services else 'no service'};"
            f" other services record none"
            " unless they are told to",
            effect="Reads of data and configuration in other services can be neither shown nor ruled out.",
            request="The project's audit configuration (`gcloud projects get-iam-policy`, auditConfigs) at that time, and"
            " `cloudaudit.googleapis.com/data_access` of every service from every sink and bucket.",
        )


def one_region(facts: Facts) -> Iterator[Gap]:
    """Yield a gap for the AWS accounts of which one region alone is on hand."""
    regions: dict[str, set[str]] = {}
    for each in facts.of("aws.cloudtrail"):
        if each.key.account and each.key.region:
            regions.setdefault(each.key.account, set()).add(each.key.region)
    by_region: dict[str, list[str]] = {}
    for account, seen in sorted(regions.items()):
        if len(seen) == 1:
            by_region.setdefault(next(iter(seen)), []).append(account)
    for region, accounts in sorted(by_region.items()):
        period = span([each for account in accounts for each in facts.of("aws.cloudtrail", account)])
        if period is None:
            continue
        yield make_gap(
            REGION,
            GapKind.MISSING_REGION,
            "aws.cloudtrail",
            Scope(
                text=f"every region but {region} of account{'s' if len(accounts) > 1 else ''} {listed(accounts)}",
                accounts=tuple(accounts),
                beside=(region,),
                subject=f"beside {region}",
            ),
            period,
            Certainty.LIKELY,
            detected=f"every record is of {region}"
            + (
                "; IAM, STS and the console are recorded there even where nothing else is"
                if region == "us-east-1"
                else ""
            ),
            effect=f"What was done in other regions than {region}, sign-ins at their endpoints included, can be"
            f" neither shown nor ruled"
            " out.",
            request="The trail's objects of every region (`AWSLogs/ACCOUNT/CloudTrail/REGION/`), and `aws"
            " cloudtrail describe-trails` to"
            " show whether it is a multi-region trail.",
        )


def sign_in_categories(facts: Facts) -> Iterator[Gap]:
    """Yield a gap for each category of Entra sign-ins that is not on hand, if Entra or what relies on it is."""
    streams = facts.of("entra.signin")
    relying = [
        each
        for name in ("entra.audit", "graph.activity", "azure.activity", "m365.ual")
        for each in facts.of(name)
    ]
    period = span([*streams, *relying])
    if period is None:
        return
    on_hand = {each.key.category for each in streams}
    absent = [each for each in ENTRA if each not in on_hand]
    if not absent:
        return
    machines = [each for each in absent if each in ENTRA[2:]]
    yield make_gap(
        SIGN_INS,
        GapKind.MISSING_CATEGORY if streams else GapKind.MISSING_SOURCE,
        "entra.signin",
        Scope(
            text=", ".join(absent) if streams else "all sign-ins",
            categories=tuple(absent),
            subject=" ".join(absent),
        ),
        period,
        Certainty.LIKELY,
        detected=f"no row of {listed(absent)}; "
        + (f"on hand: {listed(sorted(filter(None, on_hand)))}" if streams else "Entra is in use"),
        effect="Which credential a token was got with, from where, can be neither shown nor ruled out"
        + (
            " for service principals and managed identities."
            if machines == absent
            else " for these sign-ins."
        ),
        request="Each category as its own export (`SignInLogs`, `NonInteractiveUserSignInLogs`, `ServicePrincipalSignInLogs`,"
        " `ManagedIdentitySignInLogs`): from the diagnostic setting's store, or the portal within 7 or 30 days.",
    )


def applications_without_sign_in(facts: Facts) -> Iterator[Gap]:
    """Yield a gap for each application that acts in a workload's log and never signs in."""
    for each in facts.applications:
        if each.source not in ("graph.activity", "azure.activity"):
            continue
        yield make_gap(
            NO_SIGN_IN,
            GapKind.MISSING_SOURCE,
            "entra.signin",
            Scope(text=f"sign-ins of {each.name}", subject=each.name),
            (each.first, each.last),
            Certainty.LIKELY,
            detected=f"{count(each.events, 'event')} of {each.source} by it, and no sign-in of it",
            evidence=(each.event,),
            effect=f"With which credential {each.name} signed in, and from where, can be neither shown nor ruled out.",
            request="ServicePrincipalSignInLogs and ManagedIdentitySignInLogs of the tenant it belongs to.",
        )


def git_events(facts: Facts) -> Iterator[Gap]:
    """Yield a gap if a GitHub audit log holds no git events."""
    for account in sorted({each.key.account or "" for each in facts.of("github.audit")}):
        own = [each for each in facts.of("github.audit") if (each.key.account or "") == account]
        acts = [
            each for each in facts.acts if each.source == "github.audit" and (each.account or "") == account
        ]
        period = span(own)
        if period is None or any(each.action.startswith("git.") for each in acts):
            continue
        yield make_gap(
            GIT,
            GapKind.MISSING_CATEGORY,
            "github.audit",
            Scope(
                text=f"git events of {account or 'the organisation'}",
                accounts=(account,) if account else (),
                actions=("git",),
                subject=account,
            ),
            period,
            Certainty.LIKELY,
            detected="no git.clone, git.fetch or git.push among "
            + count(sum(each.events for each in own), "event"),
            effect="Who cloned, fetched or pushed can be neither shown nor ruled out.",
            request="Git events from the audit log's stream or `include=git` of its API; GitHub keeps them for seven days.",
        )
