"""Operations of Lambda: who may call a function, by which address, which code it runs; of the function or of one version of it.

A request names a function by its name, its ARN or a part of that, and a version or alias of it in the name or as ``qualifier``:
permissions and addresses of a version are its own, and its deletion leaves the function (Lambda API reference, AddPermission,
RemovePermission, CreateFunctionUrlConfig, DeleteFunction).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from workbench.changes.aws_event import VALUE_ABSENT, EventReader, Target, decoded
from workbench.changes.keys import aws_key
from workbench.changes.values import text_of
from workbench.model.change import Operation, Shape, Statement

CODE = "code SHA-256"
"""The field of a function that names its code."""

CODE_LOCATION = "code location"
"""The field of a function that says where its code was taken from."""

UPLOADED = "sent with the request (ZipFile)"


URL = "function URL"
"""The field of a function that says who may call it by an address of its own."""

PERMISSION = "permission "
"""How the field begins that holds one statement of the policy of a function."""

_NAMED = re.compile(
    r"(?:(?:arn:[^:]*:lambda:[^:]*:)?\d*:?function:)?(?P<name>[^:]+)(?::(?P<qualifier>[^:]+))?\Z"
)
"""Names of functions (Lambda API reference, AddPermission, FunctionName)."""

_LATEST = "$LATEST"
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?\Z|[a-z0-9-]+\.amazon\.com\Z")
_CONDITIONS = (
    ("sourcearn", "ArnLike", "AWS:SourceArn"),
    ("sourceaccount", "StringEquals", "AWS:SourceAccount"),
    ("principalorgid", "StringEquals", "aws:PrincipalOrgID"),
    ("functionurlauthtype", "StringEquals", "lambda:FunctionUrlAuthType"),
    ("eventsourcetoken", "StringEquals", "lambda:EventSourceToken"),
)
"""Parameters of AddPermission and the conditions that they become in the policy."""


def _function(event: EventReader) -> tuple[Target | None, str]:
    """Return the function that a request names, and in words which version or alias of it, empty for the function itself."""
    given = event.request.get("functionname")
    found = _NAMED.match(given) if isinstance(given, str) else None
    if found is None:
        return event.named("lambda:function", "functionname"), ""
    target = event.named("lambda:function", "functionname")
    if target is None or target.key.name != found["name"]:
        key = aws_key("lambda:function", found["name"], event.place.account, event.place.region)
        target = Target(key, found["name"])
    qualifier = event.request.get("qualifier") or found["qualifier"]
    named = isinstance(qualifier, str) and qualifier and qualifier != _LATEST
    return target, f" of {qualifier}" if named else ""


def _addpermission(event: EventReader) -> Iterator[Statement]:
    target, part = _function(event)
    if target is None:
        return
    statement = event.response.get("statement")
    if isinstance(statement, str):
        document: Any = {"Version": "2012-10-17", "Statement": [decoded(statement)]}
        yield event.value(target, f"{PERMISSION}{event.request.get('statementid')}{part}", document)
        return
    granted = _permission(event.request)
    field = f"{PERMISSION}{event.request.get('statementid')}{part}"
    if granted is None:
        told = {
            key: each for key, each in event.request.items() if key not in ("functionname", "statementid")
        }
        yield event.value(target, field, told)
    else:
        document = {"Version": "2012-10-17", "Statement": [granted]}
        yield event.state(target, field, Operation.SET, text_of(document), shape=Shape.POLICY)


def _permission(request: dict[str, Any]) -> dict[str, Any] | None:
    """Return the statement that a request puts into the policy of a function; ``None`` if it does not say who may do what."""
    principal, action = request.get("principal"), request.get("action")
    if not isinstance(principal, str) or not isinstance(action, str):
        return None
    whom: Any = {"Service": principal} if _SERVICE.match(principal) else {"AWS": principal}
    conditions: dict[str, dict[str, Any]] = {}
    for parameter, operator, key in _CONDITIONS:
        if request.get(parameter) not in (None, ""):
            conditions.setdefault(operator, {})[key] = request[parameter]
    statement = {"Effect": "Allow", "Principal": "*" if principal == "*" else whom, "Action": action}
    return {**statement, "Condition": conditions} if conditions else statement


def _removepermission(event: EventReader) -> Iterator[Statement]:
    target, part = _function(event)
    name = event.request.get("statementid")
    if target is not None and isinstance(name, str):
        yield event.state(target, f"{PERMISSION}{name}{part}", Operation.CLEAR)


def _deletefunction(event: EventReader) -> Iterator[Statement]:
    target, part = _function(event)
    if target is not None:
        yield (
            event.state(target, f"version{part}", Operation.CLEAR)
            if part
            else event.state(target, "", Operation.DELETE)
        )


def _functionurl(event: EventReader) -> Iterator[Statement]:
    target, part = _function(event)
    if target is not None:
        told = {
            key: value for key, value in event.request.items() if key not in ("functionname", "qualifier")
        }
        url = event.response.get("functionurl")
        yield event.value(target, f"{URL}{part}", {**told, "url": url} if isinstance(url, str) else told)


def _functionurl_gone(event: EventReader) -> Iterator[Statement]:
    target, part = _function(event)
    if target is not None:
        yield event.state(target, f"{URL}{part}", Operation.CLEAR)


def _updatefunctioncode(event: EventReader) -> Iterator[Statement]:
    if event.request.get("dryrun") in (True, "true"):
        return  # validates the request and leaves the code as it is (Lambda API reference, UpdateFunctionCode)
    target = event.main()
    yield from _without_code(event, target)
    yield _code_location(event, target, event.request)
    yield from list(_code(event, target)) or [event.state(target, CODE, Operation.SET, remark=VALUE_ABSENT)]
    yield from _published(event, target)


def _createfunction(event: EventReader) -> Iterator[Statement]:
    target = event.main()
    yield event.state(target, "", Operation.CREATE)
    yield from _without_code(event, target)
    code = event.request.get("code")
    if isinstance(code, dict):
        yield _code_location(event, target, {str(key).lower(): each for key, each in code.items()})
    yield from _code(event, target)
    yield from _published(event, target)


_CODE_PARTS = {
    "s3bucket": "s3Bucket",
    "s3key": "s3Key",
    "s3objectversion": "s3ObjectVersion",
    "imageuri": "imageUri",
}
"""What names where the code of a function was taken from (Lambda API reference, FunctionCode and UpdateFunctionCode)."""


def _without_code(event: EventReader, target: Target) -> Iterator[Statement]:
    for each in event.set_fields(target):
        if each.field not in _CODE_PARTS and each.field not in ("code", "zipfile"):
            yield each


def _code_location(event: EventReader, target: Target, named: dict[str, Any]) -> Statement:
    """Return where the code was taken from, as a whole: what replaces it leaves nothing of the former place.

    Code that is neither in a bucket nor an image was sent with the request, and the log leaves it out.
    """
    where = {word: named[key] for key, word in _CODE_PARTS.items() if named.get(key) not in (None, "")}
    return event.state(target, CODE_LOCATION, Operation.SET, text_of(where or UPLOADED))


def _code(event: EventReader, target: Target) -> Iterator[Statement]:
    """Yield which code a function has now: the request leaves the code itself out, the answer gives its hash."""
    code = event.response.get("codesha256")
    if isinstance(code, str):
        yield event.state(target, CODE, Operation.SET, text_of(code))


def _published(event: EventReader, target: Target) -> Iterator[Statement]:
    """Yield the version that a request makes of the code beside changing it; only the answer says its number."""
    if event.request.get("publish") in (True, "true"):
        yield event.value(target, "published version", event.response.get("version"))


LAMBDA: dict[tuple[str, str], Callable[[EventReader], Iterator[Statement]]] = {
    ("lambda", "addpermission"): _addpermission,
    ("lambda", "removepermission"): _removepermission,
    ("lambda", "createfunction"): _createfunction,
    ("lambda", "deletefunction"): _deletefunction,
    ("lambda", "updatefunctioncode"): _updatefunctioncode,
    ("lambda", "createfunctionurlconfig"): _functionurl,
    ("lambda", "updatefunctionurlconfig"): _functionurl,
    ("lambda", "deletefunctionurlconfig"): _functionurl_gone,
}
"""By service and operation, in lower case and without version suffix."""
