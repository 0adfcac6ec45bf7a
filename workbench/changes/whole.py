"""Whether an act makes, ends or brings back the very object that its record names.

To take a part off an object (a member, role, credential, owner, consent, factor, assignment, label) changes the object and
leaves the rest of it in force; so does putting one on. What kind of act an action is (a verb) does not tell the two apart: its
name has to name the kind of the object itself. Where that is not sure, nothing was made and nothing ended.

Sources: Microsoft Entra audit log activities; Okta event types; Azure resource provider operations; Google Cloud audit logs
(``methodName``, ``resourceName``); Kubernetes API verbs; GitLab audit event types; Vault API (KV version 2, "Delete latest
version of secret": the versions before it stay).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

from workbench.model.change import Operation
from workbench.model.event import Act, Resource, ResourceRole, Verb

RESTORED = "it was restored, with what it had when it was deleted"

PASSING = frozenset({"leases", "events", "tokenreviews", "subjectaccessreviews", "selfsubjectaccessreviews"})
"""Kinds of Kubernetes objects that are no state: heartbeats, notices, questions."""


class Whole(NamedTuple):
    """What an act does to a whole object.

    Attributes:
        resource: The object.
        operation: ``create`` or ``delete``; ``set`` where it brings back what was deleted.
    """

    resource: Resource
    operation: Operation


def whole(source: str, act: Act, resources: Sequence[Resource]) -> Whole | None:
    """Return the object that an act makes, ends or brings back as a whole; ``None`` if it does not, or that is not sure.

    Args:
        source: Name of the source.
        act: What was done.
        resources: What was acted upon.
    """
    if source == "k8s.audit":
        return _kubernetes(act, resources)
    if act.verb in (Verb.CREATE, Verb.DELETE) or restores(source, act):
        rule = _RULES.get(source)
        return rule(act, resources) if rule is not None else None
    return None


def makes_or_ends(source: str, act: Act) -> bool:
    """Whether an act is of a kind that makes or ends objects, or parts of them, so that its row says what is known."""
    if source == "k8s.audit":
        done, _, what = act.action.partition(" ")
        plain = what not in PASSING and "/" not in what
        return done in ("create", "delete") and plain and act.verb is not Verb.OTHER
    return source in _RULES and (act.verb in (Verb.CREATE, Verb.DELETE) or restores(source, act))


def restores(source: str, act: Act) -> bool:
    """Whether an act brings back what was deleted."""
    if source == "entra.audit":
        return activity(act.action).startswith("restore ")
    return source == "gcp.audit" and _method(act.action)[0] == "undelete"


def part_of(source: str, act: Act) -> str | None:
    """Return what an act that makes or ends no whole object puts on or takes off, in the words of its name."""
    if source == "entra.audit":
        found = _ENTRA.match(activity(act.action))
        return None if found is None else _RELATION.split(f" {found[2]} ")[0].strip() or None
    if source == "okta.system":
        names = [each for each in act.action.lower().split(".")[1:] if each not in _OKTA_ACTS]
        return " ".join(names).replace("_", " ") or None
    if source == "gcp.audit":
        return _method(act.action)[1] or None
    if source == "gitlab.audit":
        return " ".join(each for each in _words(act.action) if each not in _GITLAB_ACTS) or None
    return None


@functools.lru_cache(maxsize=4_096)
def activity(action: str) -> str:
    """Return an activity of Entra or of the unified log in one spelling."""
    return " ".join(action.replace("\u2013", "-").replace("\u2014", "-").split()).rstrip(". ").casefold()


def main_of(resources: Sequence[Resource]) -> Resource | None:
    """Return what an act is mainly about: what it acted upon, else a secret, else who was given something."""
    for role in (ResourceRole.TARGET, ResourceRole.SECRET, ResourceRole.GRANTEE):
        for each in resources:
            if each.role is role:
                return each
    return None


def _kubernetes(act: Act, resources: Sequence[Resource]) -> Whole | None:
    main = main_of(resources)
    if main is None or not makes_or_ends("k8s.audit", act):
        return None
    return Whole(main, Operation.CREATE if act.action.startswith("create ") else Operation.DELETE)


_ENTRA = re.compile(
    r"(added|add|created|create|registered|register|hard delete|deleted|delete|removed|remove|restore) (.+)"
)
_RELATION = re.compile(r" (?:from|to|for|of|in|on|with|by|as) | - |\(")
"""What stands between a part and what it is put on or taken off."""


def _entra(act: Act, resources: Sequence[Resource]) -> Whole | None:
    found = _ENTRA.match(activity(act.action))
    if found is None or _RELATION.search(f" {found[2]} "):
        return None
    noun = _plain(found[2])
    for each in resources:
        kind = _plain((each.type or "").partition(":")[2])
        if kind and (noun == kind or (kind == "policy" and noun.endswith(kind))):
            if found[1] == "restore":
                return Whole(each, Operation.SET)
            made = found[1].startswith(("add", "creat", "regist"))
            return Whole(each, Operation.CREATE if made else Operation.DELETE)
    return None


_OKTA_WHOLE = {
    **{f"{kind}.lifecycle.{word}": kind for kind in ("user", "group", "application", "policy", "device")
       for word in ("create", "delete", "delete.completed")},
    **{f"{name}.{word}": name for name in ("policy.rule", "zone") for word in ("create", "delete")},
    "system.api_token.revoke": "token",
}  # fmt: skip
"""Event types that make or end the whole object; to activate, suspend or deactivate it does neither."""

_OKTA_KINDS = {
    "user": "user",
    "group": "usergroup",
    "application": "appinstance",
    "policy": "policyentity",
    "device": "device",
    "policy.rule": "policyrule",
    "zone": "networkzone",
    "token": "token",
}
_OKTA_ACTS = frozenset(
    {"add", "remove", "removed", "create", "created", "delete", "deleted", "activate", "activated", "deactivate"}
    | {"deactivated", "reactivate", "revoke", "revoked", "enable", "disable", "disabled", "generate", "restore"}
    | {"account", "lifecycle", "initiated", "completed", "enroll", "register", "assign", "unassign", "clear", "purge"}
)  # fmt: skip


def _okta(act: Act, resources: Sequence[Resource]) -> Whole | None:
    name = act.action.lower()
    kind = _OKTA_KINDS.get(_OKTA_WHOLE.get(name, ""))
    for each in resources:
        if kind is not None and each.type == f"okta:{kind}":
            made = name.endswith(".create")
            return Whole(each, Operation.CREATE if made else Operation.DELETE)
    return None


def _azure(act: Act, resources: Sequence[Resource]) -> Whole | None:
    # The operation of a deletion holds the kind of what is deleted; a purge and the like name what they empty.
    named, _, done = act.action.casefold().rpartition("/providers/")[2].rpartition("/")
    operations = {"delete": Operation.DELETE, "write": Operation.CREATE}
    operation = operations.get(done)
    if operation is None or (operation is Operation.CREATE) != (act.verb is Verb.CREATE):
        return None
    provider, _, types = named.partition("/")
    kind = f"{provider}:{types.removeprefix('subscriptions/') or types}"
    main = next((each for each in resources if (each.type or "").casefold() == kind), None)
    return None if main is None else Whole(main, operation)


_GOOGLE_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", re.ASCII)
_GOOGLE_ACTS = frozenset(
    {"create", "insert", "add", "delete", "remove", "destroy", "purge", "undelete", "import", "upload"}
)


@functools.lru_cache(maxsize=4_096)
def _method(action: str) -> tuple[str, str]:
    """Return the word of a method that says what was done, and what to, in words (``service account key``)."""
    before, _, last = action.replace("/", ".").rpartition(".")
    words = [each.lower() for each in _GOOGLE_WORD.findall(last)]
    if not words or words[0] not in _GOOGLE_ACTS:
        return "", " ".join(words)
    if len(words) == 1:
        words += [each.lower() for each in _GOOGLE_WORD.findall(before.rpartition(".")[2])]
    return words[0], " ".join(words[1:])


def _google(act: Act, resources: Sequence[Resource]) -> Whole | None:
    done, what = _method(act.action)
    noun = _plain(what)
    main = main_of(resources)
    if main is None or not noun or done not in ("create", "insert", "delete", "undelete"):
        return None
    # The name says by its last collection what it is: ``projects/p/serviceAccounts/a`` a service account and no key of it.
    parts = main.name.strip("/").split("/")
    collection = _plain(parts[-2]) if len(parts) > 1 else ""
    if noun == "object" and "objects" in parts[:-1]:
        collection = noun
    if not collection or not (noun == collection or noun.endswith(collection)):
        return None
    if done == "undelete":
        return Whole(main, Operation.SET)
    return Whole(main, Operation.DELETE if done == "delete" else Operation.CREATE)


_GITLAB_ACTS = frozenset(
    {
        "create",
        "created",
        "creates",
        "add",
        "added",
        "issued",
        "registered",
        "delete",
        "deleted",
        "deletes",
        "destroy",
    }
    | {"destroyed", "remove", "removed", "removes", "revoke", "revoked", "unregistered", "uploaded", "forked"}
)
_GITLAB_MAKES = frozenset({"create", "created", "creates"})


def _words(action: str) -> list[str]:
    return re.split(r"[_\s]+", action.lower())


def _gitlab(act: Act, resources: Sequence[Resource]) -> Whole | None:
    words = _words(act.action)
    done = [each for each in words if each in _GITLAB_ACTS]
    noun = _plain("".join(each for each in words if each not in _GITLAB_ACTS))
    for each in resources:
        kind = _plain((each.type or "").partition(":")[2].rpartition(":")[2])
        if len(done) == 1 and noun and noun == kind and each.role is not ResourceRole.SOURCE:
            return Whole(each, Operation.CREATE if done[0] in _GITLAB_MAKES else Operation.DELETE)
    return None


_VERSIONS = re.compile(r"[^/]+/(?:.+/)?data/")


def _vault(act: Act, resources: Sequence[Resource]) -> Whole | None:
    done = act.action.partition(" ")[0]
    main = next((each for each in resources if each.type != "vault:field"), None)
    if main is None or done not in ("create", "delete"):
        return None
    stored = main.type in ("vault:kv", "vault:path") and not main.name.startswith(
        ("sys/", "auth/", "identity/")
    )
    if done == "delete" and stored and _VERSIONS.match(main.name):
        return None  # takes the latest version away; those before it can still be read
    if "revoke" in act.action:
        return None
    return Whole(main, Operation.CREATE if done == "create" else Operation.DELETE)


def _plain(name: str) -> str:
    """Return the name of a kind without spaces, marks and its plural."""
    plain = re.sub(r"[^a-z0-9]", "", name.casefold())
    return f"{plain[:-3]}y" if plain.endswith("ies") else plain.removesuffix("s")


_RULES = {
    "entra.audit": _entra,
    "okta.system": _okta,
    "azure.activity": _azure,
    "gcp.audit": _google,
    "gitlab.audit": _gitlab,
    "vault.audit": _vault,
}
