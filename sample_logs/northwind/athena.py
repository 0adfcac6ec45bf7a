"""Rows as Athena returns them for the table that the vendor's guide defines over CloudTrail files.

Structures come out as text, ``{type=IAMUser, principalid=…, sessioncontext=null}``, in the order of the
table's definition; request and response are JSON text; what the table has no column for is lost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

COLUMNS = (
    "eventversion",
    "useridentity",
    "eventtime",
    "eventsource",
    "eventname",
    "awsregion",
    "sourceipaddress",
    "useragent",
    "errorcode",
    "errormessage",
    "requestparameters",
    "responseelements",
    "additionaleventdata",
    "requestid",
    "eventid",
    "readonly",
    "resources",
    "eventtype",
    "apiversion",
    "recipientaccountid",
    "serviceeventdetails",
    "sharedeventid",
    "vpcendpointid",
    "tlsdetails",
)

_NATIVE = {
    "eventid": "eventID",
    "requestid": "requestID",
    "sharedeventid": "sharedEventID",
    "sourceipaddress": "sourceIPAddress",
    "awsregion": "awsRegion",
    "readonly": "readOnly",
    "apiversion": "apiVersion",
}
_JSON_TEXT = {"requestparameters", "responseelements", "additionaleventdata", "serviceeventdetails"}


def athena_row(record: Mapping[str, Any]) -> list[str]:
    """Return the cells of one record; Athena leaves the cell of a null empty."""
    folded = {name.lower(): value for name, value in record.items()}
    return [_cell(column, folded.get(column)) for column in COLUMNS]


def _cell(column: str, value: Any) -> str:
    if value is None:
        return ""
    if column == "useridentity":
        return _identity(value)
    if column == "resources":
        texts = [
            _struct(item, ("arn", "accountid", "type"), {"arn": "ARN", "accountid": "accountId"})
            for item in value
        ]
        return f"[{', '.join(texts)}]"
    if column == "tlsdetails":
        return _struct(
            value,
            ("tlsversion", "ciphersuite", "clientprovidedhostheader"),
            {
                "tlsversion": "tlsVersion",
                "ciphersuite": "cipherSuite",
                "clientprovidedhostheader": "clientProvidedHostHeader",
            },
        )
    if column in _JSON_TEXT:
        return json.dumps(value, separators=(",", ":"))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _struct(value: Mapping[str, Any], names: tuple[str, ...], native: Mapping[str, str]) -> str:
    parts = (f"{name}={_plain(value.get(native.get(name, name)))}" for name in names)
    return f"{{{', '.join(parts)}}}"


def _plain(value: Any) -> str:
    return "null" if value is None else str(value)


def _identity(value: Mapping[str, Any]) -> str:
    context = value.get("sessionContext")
    names = ("type", "principalid", "arn", "accountid", "invokedby", "accesskeyid", "username")
    native = {
        "principalid": "principalId",
        "accountid": "accountId",
        "invokedby": "invokedBy",
        "accesskeyid": "accessKeyId",
        "username": "userName",
    }
    head = _struct(value, names, native)[1:-1]
    return f"{{{head}, sessioncontext={_context(context)}}}"


def _context(value: Mapping[str, Any] | None) -> str:
    if value is None:
        return "null"
    attributes = _struct(
        value.get("attributes", {}),
        ("mfaauthenticated", "creationdate"),
        {"mfaauthenticated": "mfaAuthenticated", "creationdate": "creationDate"},
    )
    issuer = _struct(
        value.get("sessionIssuer", {}),
        ("type", "principalid", "arn", "accountid", "username"),
        {"principalid": "principalId", "accountid": "accountId", "username": "userName"},
    )
    delivery = _plain(value.get("ec2RoleDelivery"))
    inner = f"attributes={attributes}, sessionissuer={issuer}, ec2roledelivery={delivery}"
    return f"{{{inner}, webidfederationdata=null}}"
