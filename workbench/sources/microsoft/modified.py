"""What a change of a directory object says: names and values, old against new, and the credentials it added.

Entra writes each old and new value as JSON in a text, which may again hold JSON in a text; the unified audit log
writes the same changes with other names, and some values as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from workbench.evidence.decode import UndecodableError, loads
from workbench.model.event import Credential, Issued, StatedChange
from workbench.sources import parts
from workbench.sources.document import fold, member
from workbench.sources.microsoft.tokens import APPLICATION_KEY, FEDERATED_SUBJECT

NO_OLD_KEYS = "KeyDescription without the old keys: which key is new is not known"
"""Warning of a change of keys that does not say which of them were there before."""

_LAYERS = 3
"""Texts inside texts that are taken apart; seen are two."""

_PLAIN = re.compile(r"null|true|false|-?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_KEY = re.compile(r"\s*\[?\s*KeyIdentifier=([0-9A-Fa-f-]{36})\s*,", re.ASCII)
"""The beginning of a key's description. What follows holds a display name, in which anybody can write anything."""

_ABOUT_THE_RECORD = ("includedupdatedproperties", "targetid.")
"""Names of properties that describe the record and the object, and are no change.

"Included Updated Properties" lists the names of what was updated. Where it alone names one, as in the row that accompanies a
change of keys, nothing is stated of it: to state a change without values would make unknown what the other row says. The act
counts as one that does not say what it changed, and is named beside what stood before it.
"""


class Modified(NamedTuple):
    """One changed property.

    Attributes:
        name: Its name as the record has it.
        old: The old value, taken out of its texts; ``None`` if the record does not state it.
        new: The new value, likewise.
    """

    name: str
    old: object
    new: object


def taken_out(value: object) -> object:
    """Return a value without the JSON texts it is wrapped in.

    Null (also as a text) comes back as ``None``. Entra writes null for the old value both of what
    was empty and of what it leaves out: in the row that accompanies a change of keys the old value is null though
    there were keys.
    """
    for layer in range(_LAYERS):
        if not isinstance(value, str):
            break
        text = value.strip()
        # Numbers and truth values are JSON only in the outermost text; inside it they were texts.
        if text[:1] not in ('"', "[", "{") and not (layer == 0 and _PLAIN.fullmatch(text)):
            break
        try:
            value = loads(text.encode("utf-8", "surrogatepass"))[0]
        except UndecodableError:
            break
    return value


def read_modified(properties: Iterable[Mapping[str, object]]) -> list[Modified]:
    """Read ``modifiedProperties`` in the spelling of Entra (``displayName``) or of the unified log (``Name``)."""
    found = []
    for each in properties:
        name = member(each, "displayName") or member(each, "Name")
        if not isinstance(name, str) or fold(name).startswith(_ABOUT_THE_RECORD):
            continue
        change = Modified(name, taken_out(member(each, "oldValue")), taken_out(member(each, "newValue")))
        if change.old is not None or change.new is not None:
            found.append(change)
    return found


def stated(changes: Iterable[Modified], resource: str | None = None) -> tuple[StatedChange, ...]:
    """Return changes as events hold them.

    Args:
        changes: What was read.
        resource: Name of the changed object, where the act has several.
    """
    return tuple(
        StatedChange(change.name, _text(change.old), _text(change.new), resource) for change in changes
    )


def _text(value: object) -> str | None:
    if value is None:
        return None
    # Nesting that the encoder refuses is kept as the text of itself.
    return parts.json_text(value) or parts.json_text(repr(value)[:1_000])


def added_credentials(
    changes: Iterable[Modified], to: str | None, *, adding: bool
) -> tuple[list[Issued], list[str]]:
    """Return the credentials that a change added, and what stands against telling.

    ``KeyDescription`` lists all keys before and after, in no order; the added ones are those that were not there
    before. ``FederatedIdentityCredentials`` does the same for subjects of foreign issuers.

    Args:
        changes: The changes of one object.
        to: The identity that can use the credentials: a service principal's object id.
        adding: Whether the act is known to add a key: then a single key is the new one, even where the old ones are
            not stated.
    """
    issued: list[Issued] = []
    doubts: list[str] = []
    for change in changes:
        name = fold(change.name)
        if name == "keydescription":
            keys, before = _keys(change.new), _keys(change.old)
            if change.old in (None, "") and keys and not (adding and len(keys) == 1):
                doubts.append(NO_OLD_KEYS)
                continue
            what = APPLICATION_KEY
        elif name == "federatedidentitycredentials" and change.old not in (None, ""):
            keys, before = _subjects(change.new), _subjects(change.old)
            what = FEDERATED_SUBJECT
        else:
            continue
        issued += [Issued(Credential(what, key), to) for key in keys if key not in before]
    return issued, doubts


def _keys(value: object) -> dict[str, None]:
    entries = value if isinstance(value, list) else [value]
    matches = (_KEY.match(entry) for entry in entries if isinstance(entry, str))
    return {match[1].lower(): None for match in matches if match}


def _subjects(value: object) -> dict[str, None]:
    entries = value if isinstance(value, list) else [value]
    subjects = (member(entry, "Subject") for entry in entries)
    return {subject: None for subject in subjects if isinstance(subject, str) and subject}


def named_values(pairs: Iterable[Mapping[str, object]]) -> dict[str, object]:
    """Fold a list of ``{Name, Value}`` or ``{key, value}`` into one object, by folded name; the first of a name stays.

    An object that is none of these is taken as the names and values themselves.
    """
    values: dict[str, object] = {}
    for pair in pairs:
        name = member(pair, "Name") or member(pair, "key")
        if isinstance(name, str):
            values.setdefault(fold(name), member(pair, "Value"))
        else:
            for key, value in pair.items():
                values.setdefault(fold(str(key)), value)
    return values


def text_of(values: Mapping[str, object], *folded: str) -> str | None:
    """Return the first of some named values that is a text and not empty."""
    for name in folded:
        value = values.get(name)
        if isinstance(value, str) and value:
            return value
    return None
