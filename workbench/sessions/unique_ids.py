"""Whom a name stands for: by the id that its system gives out once, where records hold it.

A user that was deleted and made anew has the same ARN and another unique id (AWS IAM user guide, "Unique identifiers"); a
service account has the same name in every cluster and a uid of its own in each (Kubernetes, "Object Names and IDs"). A login of
GitHub is free again once its account was renamed or deleted (GitHub docs, "Changing your GitHub username"), and so is a user
principal name; ``actor_id`` and the object id stay. Records of Okta and of Entra are known by such an id in the first place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from workbench.model.event import Identity
from workbench.sessions.keys import names_nothing
from workbench.sessions.trails import Trail

_FAMILIES = {
    "entra": "microsoft",
    "m365": "microsoft",
    "azure": "microsoft",
    "msgraph": "microsoft",
    "graph": "microsoft",
    "gcp": "google",
    "google": "google",
    "workspace": "google",
}

_AWS = re.compile(r"(?:AIDA|AROA)[A-Z0-9]{16,124}\Z")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_SERVICE_ACCOUNT = "system:serviceaccount:"
_NUMBER = re.compile(r"[1-9][0-9]{0,18}\Z")
_BESIDE_NAMES = {"github": _NUMBER, "microsoft": _UUID}
"""Families whose records may name an account by what it is called and hold its id beside that."""


def family_of(source: str) -> str:
    """Return the family of logs in which an identifier means one thing: those of one provider."""
    first = source.partition(".")[0]
    return _FAMILIES.get(first, first)


def unique_id(family: str, identity: Identity) -> str | None:
    """Return the id that was given to nobody else of this name; ``None`` if the record holds none.

    What logs write in place of an id (a mask, an example of the documentation) is none.

    Args:
        family: The family of the logs that name the identity.
        identity: The identity.
    """
    beside = _BESIDE_NAMES.get(family)
    if beside is not None:
        # An id that stands alone parts already; and each GitHub server counts by itself: a bare number is nobody's name.
        value = None if identity.native_id == identity.canonical else identity.native_id
        return None if value is None or not beside.match(value) or names_nothing(value) else value
    # A record that names nobody gives the id in place of the name.
    value = identity.canonical if _AWS.match(identity.canonical) else identity.native_id
    if value is None:
        return None
    known = _UUID if identity.canonical.startswith(_SERVICE_ACCOUNT) else _AWS
    return (
        value if known.match(value) and not names_nothing(value) and not value.endswith("EXAMPLE") else None
    )


def differ(family: str, one: Identity, other: Identity) -> bool:
    """Tell whether two identities cannot be one, whatever their names: both records hold a unique id, each another."""
    first, second = unique_id(family, one), unique_id(family, other)
    return first is not None and second is not None and first != second


class Bearer(NamedTuple):
    """Whom records mean.

    Attributes:
        family: The family of their logs.
        canonical: The name by which the identity is shown.
        unique: The unique id of its records; ``None`` if none of them holds one, or they do not tell which.
        contested: Whether others bear this name, too.
    """

    family: str
    canonical: str
    unique: str | None
    contested: bool


class _Group(NamedTuple):
    family: str
    unique: str
    account: str | None
    plain: str


_Key = tuple[str, str, str | None]
"""Source, name and native id."""


class Bearers:
    """Tells whom the records of a case mean by a name."""

    def __init__(self, trails: Iterable[Trail]) -> None:
        self._names: dict[_Group, Counter[str]] = {}
        self._holders: dict[tuple[str, str], set[_Group]] = {}
        self._of_id: dict[tuple[str, str], set[_Group]] = {}
        self._known: dict[_Key, Bearer] = {}
        # Many sessions of one role differ in name alone: each id is looked at once.
        events: Counter[_Key] = Counter()
        identities: dict[_Key, Identity] = {}
        for trail in trails:
            identity = trail.identity
            if identity is not None and identity.native_id is not None:
                key: _Key = (trail.source, identity.canonical, identity.native_id)
                events[key] += trail.events
                identities[key] = identity
        for key, identity in identities.items():
            group = _group(family_of(key[0]), identity)
            if group is not None and identity.canonical != group.unique:
                self._names.setdefault(group, Counter())[identity.canonical] += events[key]
                self._holders.setdefault((group.family, identity.canonical), set()).add(group)
                self._of_id.setdefault((group.family, group.unique), set()).add(group)

    def contested(self, family: str, canonical: str) -> bool:
        """Whether records of differing unique ids bear a name."""
        return len(self._holders.get((family, canonical), ())) > 1

    def bearer(self, source: str, identity: Identity) -> Bearer:
        """Return whom a record means."""
        key = (source, identity.canonical, identity.native_id)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._bearer(family_of(source), identity)
        return known

    def _bearer(self, family: str, identity: Identity) -> Bearer:
        group = _group(family, identity)
        if group is not None and group.unique == identity.canonical:
            # The record gives the id alone (a call that another account recorded): its name stands in other records.
            named = self._of_id.get((family, group.unique), set())
            group = next(iter(named)) if len(named) == 1 else None
        elif group is None:
            named = self._holders.get((family, identity.canonical), set())
            group = next(iter(named)) if len(named) == 1 else None
        if group is None or group not in self._names:
            return Bearer(family, identity.canonical, None, self.contested(family, identity.canonical))
        shown = self._shown(group)
        return Bearer(family, shown, group.unique, self.contested(family, shown))

    def _shown(self, group: _Group) -> str:
        """Return the name of an identity: that of IAM itself before that of a session, then the most frequent."""
        names = self._names[group]
        return min(names, key=lambda name: (":assumed-role/" in name, -names[name], name))


def _group(family: str, identity: Identity) -> _Group | None:
    """Return the id with the place and plain name it is held under.

    One id under two names says nothing of either: a log that was cleaned may hold one id everywhere. A role is one under
    its own ARN and under that of its sessions, which leaves its path out.
    """
    unique = unique_id(family, identity)
    if unique is None:
        return None
    name = identity.canonical
    if not name.startswith("arn:"):
        return _Group(family, unique, None, name)
    account = name.split(":", 5)[4] if name.count(":") > 4 else None
    return _Group(family, unique, account, name.rpartition("/")[2])
