"""IAM-style policies in a normal form, so that two of them are compared by what they allow and not by how they are written.

Rules (AWS IAM User Guide, "IAM JSON policy elements reference"): an element may be one text or a list of them; names of actions
and of condition keys do not depend on case; ``"Principal": "*"`` is ``{"AWS": "*"}``; an account number is the ARN of its root;
``Sid`` and ``Id`` decide nothing. The version stays part of the form where it decides: policy variables (``${…}``) are
variables only in version 2012-10-17.

A statement is broken into *grants*: one principal, one action, one resource, under the same conditions. Together they say
what the statement says, since its lists are alternatives. Lists under ``Not…`` are no alternatives and stay whole.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote

from workbench.changes.values import text_of, value_of

MOST_GRANTS = 4_000
"""Grants of one policy; a statement that would pass it stays whole. A policy of AWS holds at most 10,240 characters."""

VARIABLES_SINCE = "2012-10-17"

_ROOT = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):root\Z", re.ASCII)
_ACCOUNT_IN_ARN = re.compile(r"arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):", re.ASCII)
_ACCOUNT = re.compile(r"\d{12}\Z", re.ASCII)

Condition = tuple[str, str, tuple[str, ...]]
"""Operator, key in lower case, values in order."""


class Grant(NamedTuple):
    """The smallest part of a policy: who may or may not do what on what, when.

    Attributes:
        effect: ``allow`` or ``deny``.
        principals: ``kind:value``; empty where the policy names none, because it hangs on a principal.
        not_principals: Whether it is about all others.
        actions: In lower case.
        not_actions: Whether it is about all others.
        resources: As written; empty where the policy names none, because it hangs on a resource.
        not_resources: Whether it is about all others.
        conditions: All must hold.
        literal: Whether ``${…}`` stands for itself, because the policy has an old version.
    """

    effect: str
    principals: tuple[str, ...]
    not_principals: bool
    actions: tuple[str, ...]
    not_actions: bool
    resources: tuple[str, ...]
    not_resources: bool
    conditions: tuple[Condition, ...]
    literal: bool


Policy = frozenset[Grant]


def read_policy(text: str | None) -> Policy | None:
    """Read a policy document from JSON text: an object, its text, or its text as in a URL.

    Returns:
        Its grants; ``None`` if it is no policy that can be read.
    """
    if text is None:
        return frozenset()
    document = document_of(value_of(text))
    if document is None:
        return None
    statements = _listed(_member(document, "Statement"))
    if not all(isinstance(each, dict) for each in statements):
        return None
    version = _member(document, "Version")
    literal_version = version != VARIABLES_SINCE
    grants: set[Grant] = set()
    for each in statements:
        found = _statement(each, literal_version)
        if found is None:
            return None
        grants.update(found if len(grants) + _count(found) <= MOST_GRANTS else [_whole(found)])
    return frozenset(grants)


def document_of(value: object) -> dict[str, Any] | None:
    """Return the policy document that a value is or holds as text (also as IAM answers with it, URL-encoded)."""
    for _ in range(3):
        if isinstance(value, dict):
            return value if _member(value, "Statement") is not None else None
        if not isinstance(value, str):
            return None
        text = value.strip()
        if text.startswith(("%7B", "%7b")):
            text = unquote(text)
        if not text.startswith(("{", '"')):
            return None
        decoded = value_of(text)
        if decoded == value:
            return None
        value = decoded
    return None


def _member(document: dict[str, Any], name: str) -> Any:
    if name in document:
        return document[name]
    lowered = name.lower()
    return next((value for key, value in document.items() if key.lower() == lowered), None)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_text(each) for each in _listed(value)))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return text_of(value)


def _statement(statement: dict[str, Any], literal_version: bool) -> list[Grant] | None:
    effect = _member(statement, "Effect")
    if not isinstance(effect, str) or effect.lower() not in ("allow", "deny"):
        return None
    principals, not_principals = _principals(statement)
    actions, not_actions = _either(statement, "Action")
    resources, not_resources = _either(statement, "Resource")
    conditions = _conditions(_member(statement, "Condition"))
    if actions is None or conditions is None or principals is None:
        return None
    literal = literal_version and "${" in text_of(statement)
    whole = Grant(
        effect.lower(),
        tuple(sorted(principals)),
        not_principals,
        tuple(sorted({each.lower() for each in actions})),
        not_actions,
        tuple(sorted(set(resources or ()))),
        not_resources,
        conditions,
        literal,
    )
    if _count([whole]) > MOST_GRANTS:
        return [whole]
    return [
        whole._replace(principals=who, actions=what, resources=where)
        for who, what, where in itertools.product(
            _ways(whole.principals, not_principals, _has(statement, "Principal")),
            _ways(whole.actions, not_actions, True),
            _ways(whole.resources, not_resources, _has(statement, "Resource")),
        )
    ]


def _has(statement: dict[str, Any], name: str) -> bool:
    return _member(statement, name) is not None


def _ways(values: tuple[str, ...], negated: bool, named: bool) -> list[tuple[str, ...]]:
    """Return the alternatives of a list: each value alone, a negated list as a whole, nothing where nothing is named."""
    if negated:
        return [values]
    return [(each,) for each in values] if named else [()]


def _count(grants: Iterable[Grant]) -> int:
    return sum(
        max(1, len(each.principals)) * max(1, len(each.actions)) * max(1, len(each.resources))
        for each in grants
    )


def _whole(grants: list[Grant]) -> Grant:
    """Return the grants of one statement as one."""
    first = grants[0]
    return first._replace(
        principals=tuple(sorted({one for each in grants for one in each.principals})),
        actions=tuple(sorted({one for each in grants for one in each.actions})),
        resources=tuple(sorted({one for each in grants for one in each.resources})),
    )


def _either(statement: dict[str, Any], name: str) -> tuple[tuple[str, ...] | None, bool]:
    """Return the values of an element or of its negation, and whether it is the negation."""
    negated = _member(statement, f"Not{name}")
    if negated is not None:
        return _texts(negated), True
    value = _member(statement, name)
    return (None if value is None else _texts(value)), False


def _principals(statement: dict[str, Any]) -> tuple[tuple[str, ...] | None, bool]:
    negated = _member(statement, "NotPrincipal")
    value = negated if negated is not None else _member(statement, "Principal")
    if value is None:
        return (), False
    if isinstance(value, str):
        value = {"AWS": value}
    if not isinstance(value, dict):
        return None, False
    found = [
        f"{kind.lower()}:{_principal(kind, each)}"
        for kind, listed in value.items()
        for each in _texts(listed)
    ]
    return tuple(found), negated is not None


def _principal(kind: str, value: str) -> str:
    if kind.lower() == "aws":
        root = _ROOT.match(value)
        return root[1] if root else value
    return value


def _conditions(value: Any) -> tuple[Condition, ...] | None:
    if value is None:
        return ()
    if not isinstance(value, dict):
        return None
    found: set[Condition] = set()
    for operator, keys in value.items():
        if not isinstance(keys, dict):
            return None
        for key, listed in keys.items():
            found.add((operator, key.lower(), tuple(sorted(set(_texts(listed))))))
    return tuple(sorted(found))


def document_from(policy: Policy) -> dict[str, Any]:
    """Return a policy document that says what a set of grants says, its statements joined where that changes nothing."""
    statements = []
    for each in joined(policy):
        statement: dict[str, Any] = {"Effect": each.effect.capitalize()}
        if each.principals or each.not_principals:
            kinds: dict[str, list[str]] = {}
            for one in each.principals:
                kind, _, value = one.partition(":")
                kinds.setdefault(_KINDS.get(kind, kind), []).append(value)
            statement["NotPrincipal" if each.not_principals else "Principal"] = kinds
        statement["NotAction" if each.not_actions else "Action"] = list(each.actions)
        if each.resources or each.not_resources:
            statement["NotResource" if each.not_resources else "Resource"] = list(each.resources)
        if each.conditions:
            operators: dict[str, dict[str, list[str]]] = {}
            for operator, key, values in each.conditions:
                operators.setdefault(operator, {})[key] = list(values)
            statement["Condition"] = operators
        statements.append((each.literal, statement))
    # Literal statements need an old version and the others may need the new one: no single document holds both kinds,
    # but a policy never has both, because it has one version.
    version = "2008-10-17" if any(literal for literal, _ in statements) else VARIABLES_SINCE
    return {"Version": version, "Statement": [statement for _, statement in statements]}


_KINDS = {
    "aws": "AWS",
    "service": "Service",
    "federated": "Federated",
    "canonicaluser": "CanonicalUser",
}


def joined(policy: Iterable[Grant]) -> list[Grant]:
    """Join grants that differ in one list only into statements, for people to read. Nothing that is allowed changes."""
    grants = _joined_by(list(policy), lambda each: each.not_actions, lambda each: each.actions, _with_actions)
    grants = _joined_by(grants, lambda each: each.not_resources, lambda each: each.resources, _with_resources)
    return sorted(
        _joined_by(grants, lambda each: each.not_principals, lambda each: each.principals, _with_principals)
    )


def _with_actions(grant: Grant, values: tuple[str, ...]) -> Grant:
    return grant._replace(actions=values)


def _with_resources(grant: Grant, values: tuple[str, ...]) -> Grant:
    return grant._replace(resources=values)


def _with_principals(grant: Grant, values: tuple[str, ...]) -> Grant:
    return grant._replace(principals=values)


def _joined_by(
    grants: Iterable[Grant],
    negated: Callable[[Grant], bool],
    listed: Callable[[Grant], tuple[str, ...]],
    replaced: Callable[[Grant, tuple[str, ...]], Grant],
) -> list[Grant]:
    """Join grants that agree in all but one list. A negated list, or none, is no alternative and stays as it is."""
    alone = [each for each in grants if negated(each) or not listed(each)]
    groups: dict[Grant, set[str]] = {}
    for each in grants:
        if not negated(each) and listed(each):
            groups.setdefault(replaced(each, ()), set()).update(listed(each))
    return alone + [replaced(each, tuple(sorted(values))) for each, values in groups.items()]


def account_of(principal: str) -> str | None:
    """Return the AWS account that a principal belongs to (``aws:111122223333``), ``None`` if it names none."""
    kind, _, value = principal.partition(":")
    if kind != "aws":
        return None
    if _ACCOUNT.match(value):
        return value
    found = _ACCOUNT_IN_ARN.match(value)
    return found[1] if found else None


def in_words(grant: Grant) -> str:
    """Return a grant as one line: ``allow s3:* on * to account 999988887777 if …``."""
    parts = [grant.effect]
    actions = ", ".join(grant.actions) or "nothing"
    parts.append(f"everything but {actions}" if grant.not_actions else actions)
    if grant.resources:
        where = ", ".join(grant.resources)
        parts.append(f"on all but {where}" if grant.not_resources else f"on {where}")
    if grant.principals:
        who = ", ".join(map(_who, grant.principals))
        parts.append(f"to all but {who}" if grant.not_principals else f"to {who}")
    parts += [
        f"{'if' if not index else 'and'} {key} {operator} {', '.join(values)}"
        for index, (operator, key, values) in enumerate(grant.conditions)
    ]
    if grant.literal:
        parts.append("(an old version: ${…} stands for itself)")
    return " ".join(parts)


def _who(principal: str) -> str:
    kind, _, value = principal.partition(":")
    if value == "*":
        return "anyone" if kind == "aws" else f"any {kind}"
    if kind == "aws":
        return f"account {value}" if _ACCOUNT.match(value) else value
    return f"{kind} {value}"
