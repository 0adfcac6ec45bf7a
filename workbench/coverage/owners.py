"""Whose log a record speaks of: the accounts, tenants, subscriptions, projects, organisations and clusters that it names."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from workbench.coverage.providers import AWS_SERVICES, GITHUBS_OWN, GOOGLES_OWN, MICROSOFTS_OWN
from workbench.model.gap import StreamKey


class World(enum.StrEnum):
    """What keeps a log of its own."""

    AWS = "AWS account"
    ENTRA = "Entra tenant"
    AZURE = "Azure subscription"
    PROJECT = "Google Cloud project"
    ORGANISATION = "Google Cloud organisation"
    GITHUB = "GitHub organisation"
    CLUSTER = "Kubernetes cluster"


class Owner(NamedTuple):
    """One of them, by its native name; letters that its provider does not tell apart are small."""

    world: World
    name: str


DIRECTORY = ("entra.signin", "entra.audit", "graph.activity", "m365.ual")
"""Logs that a tenant keeps of itself."""

SUBSCRIPTION = ("azure.activity", "azure.keyvault", "azure.storage")
"""Logs of resources in a subscription. The tenant in them is that of the caller's token."""

_AWS_ACCOUNT = re.compile(r"\d{12}")
_ARN_ACCOUNT = re.compile(r"arn:aws[a-z-]*:[^:]*:[^:]*:(\d{12}):")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ARM = re.compile(
    r"/subscriptions/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=/|\Z)"
    r"(?:.*?/providers/microsoft\.containerservice/managedclusters/([^/]+))?"
)
_IN_PROJECT = re.compile(
    r"(?://[a-z]+\.googleapis\.com/)?(?:v1/)?projects/([a-z][a-z0-9-]{4,28}[a-z0-9])(?=/|\Z)"
    r"(?:/(?:locations|zones)/([^/]+)/clusters/([^/]+))?"
)
_IN_ORGANISATION = re.compile(r"(?://[a-z]+\.googleapis\.com/)?organizations/(\d{1,20})(?=/|\Z)")
_SERVICE_ACCOUNT = re.compile(r"(?:\w+:)?([^@:/]+)@([a-z][a-z0-9-]{4,28}[a-z0-9])\.iam\.gserviceaccount\.com")
_AGENT = re.compile(r"(?:service-(?:org-|folder-)?)?\d+|[po]\d+-\d+")
"""Names of service agents, which lie in Google's projects (cloud.google.com, IAM, "Service agents")."""

_REPOSITORY = re.compile(r"repo:([A-Za-z0-9][A-Za-z0-9-]{0,38})(?:@\d+)?/")
_GITHUB_NAME = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]{0,38})/[^/\s]+")
_OF_GITHUB = frozenset({"github:repository", "github:workflow", "github:secret"})
_EKS = re.compile(r"(?:arn:aws[a-z-]*:eks:[^:]*:(\d{12}):cluster/)?([^:/]+)")


def of_resource(kind: str | None, name: str, account: str | None) -> tuple[Owner, ...]:
    """Return whose the thing is that a record names; nothing where its name does not say."""
    kind = kind or ""
    if name.startswith("arn:") or kind.startswith("aws:") or (account is not None and len(account) == 12):
        return _of_aws(kind, name, account)
    if kind.startswith("github:"):
        found = _GITHUB_NAME.match(name) if kind in _OF_GITHUB else None
        return (Owner(World.GITHUB, found[1].lower()),) if found else ()
    if kind == "entra:tenant":
        return tuple(_tenant(name))
    if kind.startswith("kubernetes:"):
        return ()
    if name[:15].lower() == "/subscriptions/":
        return _of_azure(name.lower())
    if name.endswith(".iam.gserviceaccount.com"):
        return tuple(_of_service_account(name))
    return _of_google(name) or of_subject(name)


def of_subject(subject: str) -> tuple[Owner, ...]:
    """Return whose workflow a token was issued to (GitHub, "OpenID Connect reference": ``repo:ORG/NAME:…``)."""
    found = _REPOSITORY.match(subject)
    return () if found is None else (Owner(World.GITHUB, found[1].lower()),)


def of_identity(source: str, account: str | None, canonical: str) -> tuple[Owner, ...]:
    """Return where a principal lives, as far as the log that it acts in says so."""
    if account is None:
        return ()
    if source == "aws.cloudtrail":
        return (Owner(World.AWS, account),) if _AWS_ACCOUNT.fullmatch(account) else ()
    if source in DIRECTORY or source in SUBSCRIPTION:
        return tuple(_tenant(account))
    return tuple(_of_service_account(canonical)) if source in ("gcp.audit", "k8s.audit") else ()


def of_stream(key: StreamKey) -> tuple[Owner, ...]:
    """Return whose token was presented where a log notes that beside the place."""
    return tuple(_tenant(key.tenant or "")) if key.source in SUBSCRIPTION else ()


def cluster_of(account: str) -> Owner:
    """Return the cluster that a record of its own audit log names."""
    named = (*_of_azure(account.lower()), *_of_google(account))
    return next((each for each in named if each.world is World.CLUSTER), Owner(World.CLUSTER, account))


def on_hand(keys: Iterable[StreamKey]) -> set[Owner]:
    """Return whose logs are on hand, as far as they say whose they are."""
    found: set[Owner] = set()
    for key in keys:
        if key.source == "aws.cloudtrail" and key.account:
            found.add(Owner(World.AWS, key.account))
        elif key.source in DIRECTORY:
            found |= set(_tenant(key.tenant or ""))
        elif key.source == "github.audit" and key.account:
            found.add(Owner(World.GITHUB, key.account.lower()))
        elif key.source == "gcp.audit" and key.tenant:
            found.add(Owner(World.ORGANISATION, key.tenant))
        if key.source in (*SUBSCRIPTION, "k8s.audit", "gcp.audit") and key.account:
            azure = _UUID.fullmatch(key.account.lower()) is not None
            found.add(Owner(World.AZURE, key.account.lower()) if azure else Owner(World.PROJECT, key.account))
    return found


def worlds_on_hand(keys: Iterable[StreamKey]) -> set[World]:
    """Return of which worlds there is a log at all, whosever it is."""
    sources = {key.source for key in keys}
    return {world for world, logs in _LOGS.items() if not sources.isdisjoint(logs)}


_LOGS = {
    World.ENTRA: DIRECTORY,
    World.AZURE: SUBSCRIPTION,
    World.PROJECT: ("gcp.audit",),
    World.GITHUB: ("github.audit",),
    World.CLUSTER: ("k8s.audit",),
}


def is_providers_own(owner: Owner) -> bool:
    """Whether it belongs to the provider itself: nobody keeps its log for its customers."""
    return owner.name in _OWN.get(owner.world, ())


_OWN: dict[World, frozenset[str]] = {
    World.AWS: AWS_SERVICES,
    World.ENTRA: MICROSOFTS_OWN,
    World.PROJECT: GOOGLES_OWN,
    World.GITHUB: GITHUBS_OWN,
}


def _of_aws(kind: str, name: str, account: str | None) -> tuple[Owner, ...]:
    if kind == "aws:account":
        account = name
    elif account is None:
        found = _ARN_ACCOUNT.match(name)
        account = found[1] if found else None
    if account is None or _AWS_ACCOUNT.fullmatch(account) is None:
        return ()
    owner = Owner(World.AWS, account)
    if kind != "eks:cluster":
        return (owner,)
    cluster = _EKS.fullmatch(name)
    return (owner, Owner(World.CLUSTER, f"{cluster[2]} (EKS, account {account})")) if cluster else (owner,)


def _of_azure(name: str) -> tuple[Owner, ...]:
    found = _ARM.match(name)
    if found is None:
        return ()
    owner = Owner(World.AZURE, found[1])
    return (owner, Owner(World.CLUSTER, found[0])) if found[2] else (owner,)


def _of_google(name: str) -> tuple[Owner, ...]:
    found = _IN_PROJECT.match(name)
    if found is None:
        within = _IN_ORGANISATION.match(name)
        return (Owner(World.ORGANISATION, within[1]),) if within else ()
    owner = Owner(World.PROJECT, found[1])
    if not found[3]:
        return (owner,)
    return (owner, Owner(World.CLUSTER, f"projects/{found[1]}/locations/{found[2]}/clusters/{found[3]}"))


def _of_service_account(name: str) -> Iterator[Owner]:
    found = _SERVICE_ACCOUNT.fullmatch(name)
    if found is not None and _AGENT.fullmatch(found[1]) is None and not found[2].startswith("gcp-sa-"):
        yield Owner(World.PROJECT, found[2])


def _tenant(text: str) -> Iterator[Owner]:
    if _UUID.fullmatch(text.lower()):
        yield Owner(World.ENTRA, text.lower())
