"""Whether the records that present one credential name one principal: what is issued to one and named with two is no proof.

Only unique ids are compared, and only where both records hold one: an account that is renamed keeps its id, and many names of
one principal (a role session, an alias, a user that a host maps to) are no two principals. What is done in somebody's name is
not compared either: who impersonates a service account presents a key of his own, and the key's name tells whose it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from workbench.model.event import Credential, Identity
from workbench.sessions.holders import Holder, contradiction, presented_by
from workbench.sessions.keys import KEY_ACCOUNT, SIGN_IN, names_nothing
from workbench.sessions.trails import Trail
from workbench.sessions.unique_ids import family_of

_TO_ONE = frozenset(
    {
        "okta session", "okta api token", "okta oauth token", "entra session", "entra token", "kubernetes credential",
        "github token", "github token id", "vault accessor", "gcp service account key",
    }
)  # fmt: skip
"""Credentials that are issued to one principal, beside those of AWS. A workflow run is none: whoever runs it again acts in it."""

_OKTA_USER = re.compile(r"00u[0-9A-Za-z]+\Z")
_NUMBER = re.compile(r"[1-9][0-9]{0,18}\Z")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_SERVICE_ACCOUNT = re.compile(r"[^@/]+@[^@/]+\.gserviceaccount\.com\Z")


class _Principal(NamedTuple):
    """Who presents a credential, by the id that its system gives once.

    Attributes:
        place: Where the id holds, if it does not hold everywhere: an account has another object id in every tenant.
        unique: The id.
        words: What people call it, with the id.
    """

    place: str | None
    unique: str
    words: str


def two_principals(
    key: Credential, presented: Iterable[tuple[Trail, int]], names: Mapping[str, Iterable[str]]
) -> str | None:
    """Return whom the records that present a credential name, if they cannot be one; ``None`` if they can.

    Args:
        key: The credential.
        presented: The trails that present it, each with how many events.
        names: Under which names records know a unique id of AWS, folded.
    """
    if key.type == SIGN_IN:
        return None
    if key.type.startswith("aws "):
        return _of_aws(presented, names)
    return _of_ids(key, presented) if key.type in _TO_ONE else None


def _of_aws(presented: Iterable[tuple[Trail, int]], names: Mapping[str, Iterable[str]]) -> str | None:
    counts: dict[tuple[Identity | None, Holder], int] = {}
    for trail, events in presented:
        holder = presented_by(trail)
        if holder is not None:
            place = (trail.identity, holder)
            counts[place] = counts.get(place, 0) + events
    if len(counts) < 2:
        return None
    holders = [each[1] for each in sorted(counts, key=lambda each: (-counts[each], str(each)))]
    found = (contradiction(one, other, names) for n, one in enumerate(holders) for other in holders[n + 1 :])
    return next((words for words in found if words), None)


def _of_ids(key: Credential, presented: Iterable[tuple[Trail, int]]) -> str | None:
    counts: dict[_Principal, int] = {}
    for trail, events in presented:
        principal = _principal(key, trail)
        if principal is not None:
            counts[principal] = counts.get(principal, 0) + events
    if len(counts) < 2:
        return None
    ordered = sorted(counts, key=lambda each: (-counts[each], each.unique, each.words, each.place or ""))
    for number, one in enumerate(ordered):
        for other in ordered[number + 1 :]:
            if one.unique != other.unique and (None in (one.place, other.place) or one.place == other.place):
                more = len({each.unique for each in ordered}) - 2
                return f"{one.words} and {other.words}" + (f" and {more:,} more" if more else "")
    return None


def _principal(key: Credential, trail: Trail) -> _Principal | None:
    identity = trail.identity
    if identity is None:
        return None
    place = None
    match family_of(trail.source):
        case "okta":
            unique = _fitting(_OKTA_USER, identity.native_id)
        case "microsoft":
            # RFC 9562, section 4: UUIDs are written in small letters and read in any.
            unique, place = _fitting(_UUID, identity.native_id), identity.account
            unique = None if unique is None else unique.lower()
        case "github":
            # What an app does for whoever set it to work bears its own name.
            unique = None if identity.name.endswith("[bot]") else _fitting(_NUMBER, identity.native_id)
        case "vault":
            unique = identity.canonical if identity.canonical != identity.name else None
        case "google":
            unique = _fitting(_SERVICE_ACCOUNT, _of_key(trail) or identity.canonical)
        case "k8s":
            unique = identity.native_id
        case _:
            unique = None
    if unique is None or names_nothing(unique):
        return None
    # Of Google the id is the name.
    name = unique if "@" in unique else identity.name
    return _Principal(place, unique, name if name == unique else f"{name} ({unique})")


def _of_key(trail: Trail) -> str | None:
    """Return the service account that a key belongs to, where its own name says another than who acts by it."""
    return next((each.native_id for each in trail.keys if each.type == KEY_ACCOUNT), None)


def _fitting(form: re.Pattern[str], value: str | None) -> str | None:
    return value if value is not None and form.match(value) else None
