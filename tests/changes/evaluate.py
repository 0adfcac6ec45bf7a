"""A small evaluator of IAM-style policies, written from AWS's documentation alone and sharing nothing with the workbench.

A request is a principal, an action, a resource and values of condition keys. Deny wins; what nothing allows is not allowed.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple


class Request(NamedTuple):
    principal: tuple[str, str] | None
    action: str
    resource: str | None
    context: dict[str, str]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def matches(pattern: str, text: str) -> bool:
    return (
        re.fullmatch("".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern), text)
        is not None
    )


def principal_matches(spec: Any, principal: tuple[str, str] | None) -> bool:
    if principal is None:
        return False
    if spec == "*":
        spec = {"AWS": "*"}
    kind, value = principal
    for each, values in spec.items():
        for one in listed(values):
            root = re.fullmatch(r"arn:aws:iam::(\d{12}):root", one)
            one = root[1] if root else one
            if each == kind and one in ("*", value):
                return True
    return False


def conditions_hold(conditions: dict[str, dict[str, Any]], context: dict[str, str]) -> bool:
    for operator, keys in conditions.items():
        for key, values in keys.items():
            have = next((value for name, value in context.items() if name.lower() == key.lower()), None)
            wanted = [str(one).lower() if isinstance(one, bool) else str(one) for one in listed(values)]
            if operator == "StringEquals" and have not in wanted:
                return False
            if operator == "StringLike" and not (
                have is not None and any(matches(one, have) for one in wanted)
            ):
                return False
            if operator == "StringNotEquals" and have in wanted:
                return False
            if operator == "Bool" and have not in wanted:
                return False
    return True


def applies(statement: dict[str, Any], request: Request, literal: bool) -> bool:
    if "Principal" in statement and not principal_matches(statement["Principal"], request.principal):
        return False
    if "NotPrincipal" in statement and principal_matches(statement["NotPrincipal"], request.principal):
        return False
    actions = [one.lower() for one in listed(statement.get("Action", statement.get("NotAction")))]
    hit = any(matches(one, request.action.lower()) for one in actions)
    if hit == ("NotAction" in statement):
        return False
    if "Resource" in statement or "NotResource" in statement:
        patterns = listed(statement.get("Resource", statement.get("NotResource")))
        if not literal:
            patterns = [
                one.replace("${aws:username}", request.context.get("aws:username", "")) for one in patterns
            ]
        hit = any(matches(one, request.resource or "") for one in patterns)
        if hit == ("NotResource" in statement):
            return False
    return conditions_hold(statement.get("Condition", {}), request.context)


def decision(document: dict[str, Any], request: Request) -> str:
    literal = document.get("Version") != "2012-10-17"
    hit = [one["Effect"] for one in listed(document["Statement"]) if applies(one, request, literal)]
    return "deny" if "Deny" in hit else "allow" if "Allow" in hit else "none"
