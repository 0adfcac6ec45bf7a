"""A call of the Kubernetes API as both kinds of record tell it, so that the same act reads the same."""

from __future__ import annotations

from urllib.parse import parse_qsl

import msgspec

from workbench.model.event import Verb
from workbench.sources.document import Document, decoded, member
from workbench.sources.k8s_audit import verbs

SERVICE = "kubernetes"


class Call(msgspec.Struct):
    """What was asked of the API server.

    Attributes:
        verb: The request's verb, lower case; empty if the record holds none.
        group: API group of the resource, empty for the core group, ``None`` if the record does not say.
        resource: Plural name of the resource (``pods``); empty for a path that is no resource.
        subresource: The part of it that was addressed (``exec``); empty if none.
        namespace: Its namespace; empty if it has none.
        name: Its name; empty for a collection, or where only the body names it.
        path: Path of the URL without its query; empty if the record does not hold it.
        query: Query of the URL, as it stands.
        request: What was sent: an object, or the operations of a JSON patch.
        response: What was returned.
        dry_run: Whether the server was asked to check the call without carrying it out.
        cluster: Native name of the cluster, where the record holds it.
    """

    verb: str = ""
    group: str | None = None
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""
    query: str = ""
    request: object = None
    response: object = None
    dry_run: bool = False
    cluster: str | None = None

    def decide(self) -> tuple[str, Verb, str, bool]:
        """Return the action's name, its verb with the rule, and whether it weakens the recording of what happens."""
        special = ""
        if (
            self.verb == "create"
            and self.resource == "secrets"
            and member(self.request, "type") == _TOKEN_SECRET
        ):
            special = "token secret"
        elif self.resource == "configmaps" and self.name == "aws-auth" and self.namespace == "kube-system":
            special = "aws-auth"
        group = self.group if self.group is None or len(self.group) < _LONGEST else None
        if len(self.resource) + len(self.subresource) + len(self.verb) > _LONGEST:
            return "(long name)", Verb.UNCLASSIFIED, "the name of the action is too long", False
        if not self.resource:
            return verbs.decide_path(self.verb, bool(self.path))
        return verbs.decide(self.verb, group, self.resource, self.subresource, special, self.dry_run)


def nested(fields: Document, name: str) -> dict[str, object]:
    """Return an object of a record, put together again if an export made a column of each member (``objectRef.name``).

    Args:
        fields: The record.
        name: The object's name.
    """
    found = fields.object_at(name)
    if found or not any("." in key for key in fields.data):
        return found
    return below(fields.data, name)


def below(columns: dict[str, object], name: str) -> dict[str, object]:
    """Return the columns that are members of an object, by the rest of their names; arrays written as text are decoded."""
    start = f"{name.lower()}."
    return {
        key[len(start) :]: decoded(value) for key, value in columns.items() if key.lower().startswith(start)
    }


def is_dry_run(verb: str, query: str, request: object) -> bool:
    """Tell whether a call asks to be checked and not carried out: ``dryRun=All``, for a deletion also in its body.

    Args:
        verb: The request's verb.
        query: Query of the URL.
        request: The object sent.
    """
    if verb in _READING:
        return False
    if member(request, "kind") == "DeleteOptions" and member(request, "dryRun"):
        return True
    if not query:
        return False
    try:
        return ("dryRun", "All") in parse_qsl(query, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        return False


_READING = frozenset({"get", "list", "watch"})
_MOST_PARAMETERS = 1_000
_TOKEN_SECRET = "kubernetes.io/service-account-token"
_LONGEST = 512
