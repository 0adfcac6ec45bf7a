"""What an event claims, and whether its record says so: the oracle of "a reader never invents a value"."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from workbench.evidence.decode import UndecodableError, loads
from workbench.model.event import Event
from workbench.sources.aws_cloudtrail.access_keys import account_of_key

_PART = re.compile(r"([^\s/:|@#,;()\[\]{}<>=?&'\"\\]+)(=?)")
"""A part of a joined name; what stands before an equals sign may be the reader's own label (``pid=77``)."""

_LABEL = re.compile(r"[a-z]+", re.ASCII)


def claims(event: Event) -> Iterator[tuple[str, str]]:
    """Return every text of an event that stands for something in the record, with the field it is in.

    Service, action and the types of things are the reader's words where the log has none of its own.
    """
    for identity, field in (
        (event.identity, "identity"),
        (event.particulars.on_behalf_of if event.particulars else None, "on behalf of"),
    ):
        if identity is not None:
            yield f"{field}.canonical", identity.canonical
            yield f"{field}.name", identity.name
            yield f"{field}.native_id", identity.native_id or ""
            yield f"{field}.account", identity.account or ""
    if event.credential is not None:
        yield "credential", event.credential.native_id
    if event.address is not None:
        yield "address", event.address.raw
    if event.user_agent is not None:
        yield "user_agent", event.user_agent.raw
    yield "time", event.time.raw or ""
    yield "place.account", event.place.account or ""
    yield "place.region", event.place.region or ""
    yield "place.tenant", event.place.tenant or ""
    for resource in event.resources:
        yield "resource", resource.name
        yield "resource.account", resource.account or ""
    yield "native_id", event.native_id or ""
    yield "request_id", event.request_id or ""
    yield "shared_id", event.shared_id or ""
    if event.particulars is not None:
        more = event.particulars
        for used in more.used:
            yield "used", used.native_id
        for issued in more.issued:
            yield "issued", issued.credential.native_id
            yield "issued.to", issued.to or ""
        yield "device", more.device or ""
        yield "correlation_id", more.correlation_id or ""
        for change in more.changes:
            yield "change.field", change.field
            yield "change.resource", change.resource or ""
            for name, value in (("before", change.before), ("after", change.after)):
                for leaf in _leaves_of_json(value):
                    yield f"change.{name}", leaf


def _leaves_of_json(text: str | None) -> Iterator[str]:
    if text is not None:
        # A value that a reader writes down as JSON text is a value of the record, or its parts are.
        yield from _leaves(loads(text.encode("utf-8", "surrogatepass"))[0])


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, str):
        yield value
        if value[:1] in ("{", "[") and value[-1:] in ("}", "]"):
            try:
                yield from _leaves(loads(value.encode("utf-8", "surrogatepass"))[0])
            except UndecodableError:
                return
    elif isinstance(value, bool):
        yield str(value).lower()
    elif value is not None:
        yield repr(value)
        if isinstance(value, float) and value.is_integer():
            yield str(int(value))


class Said:
    """What a record says, to look values up in."""

    def __init__(self, record: dict[str, object] | str) -> None:
        texts = [record] if isinstance(record, str) else list(_leaves(record))
        # In URLs and in hexadecimal (auditd) a value stands encoded.
        decoded = [unquote(text) for text in texts if "%" in text] + [_unhexed(text) for text in texts]
        self.exact = "\0".join((*texts, *decoded))
        self.text = self.exact.casefold()

    def says(self, value: str) -> bool:
        """Whether the record holds a value as it stands, without regard to case."""
        return value.casefold() in self.text


def invented(event: Event, record: dict[str, object] | str, source: str) -> list[tuple[str, str]]:
    """Return what an event claims that neither its record nor a named rule explains, with the fields it is in."""
    said = Said(record)
    return [
        (field, value) for field, value in claims(event) if not _explained(field, value, said, event, source)
    ]


def _explained(field: str, value: str, said: Said, event: Event, source: str) -> bool:
    if not value or said.says(value) or any(rule(value, said, event, source) for rule in RULES.values()):
        return True
    # Readers join parts of a record to one name (role/session, bucket/key, address:port): each part must be there.
    parts = [part for part, equals in _PART.findall(value) if not (equals and _LABEL.fullmatch(part))]
    if field == "change.field":
        parts = [step for part in parts for step in part.split(".")]
    return all(
        not part or said.says(part) or any(rule(part, said, event, source) for rule in RULES.values())
        for part in parts
    )


def account_in_key(value: str, said: Said, event: Event, source: str) -> bool:
    """An account that an access key id encodes."""
    return any(account_of_key(key.upper()) == value for key in re.findall(r"a[ks]ia[a-z0-9]{16}", said.text))


def guid_of_token_id(value: str, said: Said, event: Event, source: str) -> bool:
    """A token id of Entra (22 characters of base64) written as a GUID, as request ids are: the same 16 bytes."""
    for text in re.findall(r"(?<![\w+/-])[\w+/-]{22}(?![\w+/-])", said.exact):
        try:
            raw = base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_") + "==")
        except (binascii.Error, ValueError):
            continue
        if str(uuid.UUID(bytes_le=raw)) == value:
            return True
    return False


def own_time(value: str, said: Said, event: Event, source: str) -> bool:
    """The event's time in microseconds, where an id counts only together with it."""
    return event.time.micros is not None and value == str(event.time.micros)


def word_of_a_path(value: str, said: Said, event: Event, source: str) -> bool:
    """A fixed word of the source's own way of naming things by path."""
    return value in PATH_WORDS.get(source, ())


def digest_of_the_part(value: str, said: Said, event: Event, source: str) -> bool:
    """A digest that tells apart the events which share one id."""
    return source in DIGESTS and re.fullmatch(r"[0-9a-f]{16}", value) is not None


def cut_short(value: str, said: Said, event: Event, source: str) -> bool:
    """A long text cut off, and marked as cut."""
    return value.endswith("…") and said.says(value[:-1])


RULES: dict[str, Callable[[str, Said, Event, str], bool]] = {
    "the account that an access key id encodes": account_in_key,
    "an Entra token id as the GUID of its request": guid_of_token_id,
    "the event's time in an id that needs it": own_time,
    "a word of the source's paths": word_of_a_path,
    "a digest that tells events of one id apart": digest_of_the_part,
    "a long text, cut": cut_short,
}
"""Derivations by which a value may stand in an event and not in its record, beside joining parts of it."""

PATH_WORDS = {
    # Plural names of the API, where the record holds only the kind (ClusterRole) or nothing (a bound subject).
    "k8s.audit": frozenset(
        (
            "projects",
            "locations",
            "clusters",
            "namespaces",
            "roles",
            "clusterroles",
            "serviceaccounts",
            "users",
            "groups",
            "pods",
            "nodes",
            "system",
            "serviceaccount",
        )
    ),
    # The user name of a Kubernetes service account, of which the record holds namespace and name.
    "vault.audit": frozenset({"system", "serviceaccount"}),
    # The policy around a change.
    "gcp.audit": frozenset(("bindingDeltas", "bindings", "auditConfigs", "members", "logType", "metadata")),
}
DIGESTS = frozenset({"workspace.activity"})


def _unhexed(text: str) -> str:
    found = re.findall(r"=((?:[0-9A-Fa-f]{2}){2,})(?=\s|\Z)", text)
    return " ".join(bytes.fromhex(each).decode("utf-8", "replace").replace("\0", " ") for each in found)
