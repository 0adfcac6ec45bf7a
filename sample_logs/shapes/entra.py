"""Sign-ins and audit events of Microsoft Entra ID, as diagnostic settings write them.

Fields follow the vendor's pages "Azure Active Directory sign-in activity reports" and "directoryAudit resource type".
A sign-in is a request, and the token that it issues bears that request's id: the 22 characters are base64url of the
sixteen bytes of the GUID, in the order in which Windows keeps them.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import uuid
from dataclasses import dataclass
from typing import Any

from shapes import ids
from shapes.telling import Key, Record, Told

SIGN_IN, AUDIT = "entra.signin", "entra.audit"
TOKEN, SESSION, APPLICATION_KEY = "entra token", "entra session", "entra application key"
CLIENT = "oauth client"
GRAPH_API = "00000003-0000-0000-c000-000000000000"
_NAMES = {GRAPH_API: "Microsoft Graph", "797f4846-ba00-4fd7-ba43-dac1f8f63013": "Azure Resource Manager"}
ARM = "797f4846-ba00-4fd7-ba43-dac1f8f63013"


def token_id(request: str) -> str:
    """Return the id of the token that a sign-in request issued."""
    return base64.urlsafe_b64encode(uuid.UUID(request).bytes_le).rstrip(b"=").decode()


def token_keys(request: str) -> tuple[Key, Key]:
    """Return a token under both its names: its own id and the id of the request that issued it."""
    return (TOKEN, token_id(request)), (TOKEN, request)


def ticks(when: dt.datetime) -> str:
    """Return a moment with seven digits of a second, as these logs write it."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


@dataclass(frozen=True)
class User:
    """A person's account."""

    name: str
    address: str = ""
    agent: str = ""

    @property
    def id(self) -> str:
        """Object id."""
        return ids.uuid(f"entra/user/{self.name}")


@dataclass(frozen=True)
class Application:
    """An application and its service principal.

    Attributes:
        name: Display name.
        address: Where it signs in from; empty for a managed identity, of which none is logged.
        agent: Its client.
        managed: Whether it is a managed identity.
    """

    name: str
    address: str = ""
    agent: str = ""
    managed: bool = False

    @property
    def id(self) -> str:
        """Object id of the service principal."""
        return ids.uuid(f"entra/principal/{self.name}")

    @property
    def client(self) -> str:
        """Application id."""
        return ids.uuid(f"entra/application/{self.name}")

    def key(self, label: str) -> Key:
        """Return one of its secrets, by key id."""
        return APPLICATION_KEY, ids.uuid(f"entra/key/{self.name}/{label}")


@dataclass(frozen=True)
class Tenant:
    """A directory."""

    id: str

    def around(
        self, at: dt.datetime, category: str, operation: str, properties: Record, **more: Any
    ) -> Record:
        """Return the envelope that a diagnostic setting writes around ``properties``."""
        return {
            "time": ticks(at + dt.timedelta(seconds=71)),
            "resourceId": f"/tenants/{self.id}/providers/Microsoft.aadiam",
            "operationName": operation,
            "operationVersion": "1.0",
            "category": category,
            "tenantId": self.id,
            "resultSignature": "None",
            "durationMs": 0,
            **more,
            "properties": properties,
        }

    def sign_in(
        self,
        label: str,
        at: dt.datetime,
        who: User | Application,
        *,
        target: str = GRAPH_API,
        client: str = "",
        session: Key | None = None,
        interactive: bool = True,
        key: Key | None = None,
        address: str | None = None,
        error: int = 0,
    ) -> Told:
        """Return a sign-in: interactive or not, of an application, or of a managed identity.

        Args:
            label: What its id is derived from; so is the token that it issues.
            at: When.
            who: Who signs in.
            target: Application id of what is signed in to.
            client: Application id of the client a person uses.
            session: A person's sign-in session.
            interactive: Whether the person was asked anything.
            key: The secret that an application presents.
            address: Where from, if not from the usual place.
            error: Error code.
        """
        request = ids.uuid(f"entra/sign-in/{label}")
        address = who.address if address is None else address
        correlation = ids.uuid(f"entra/correlation/{label}")
        properties: Record = {
            "id": request,
            "createdDateTime": ticks(at),
            "correlationId": correlation,
            "ipAddress": address,
            "resourceDisplayName": _NAMES.get(target, "Azure Key Vault"),
            "resourceId": target,
            "status": {"errorCode": error, "additionalDetails": None},
            "uniqueTokenIdentifier": token_id(request),
            "conditionalAccessStatus": "notApplied",
            "tokenIssuerType": "AzureAD",
            "flaggedForReview": False,
        }
        uses: tuple[Key, ...] = ()
        kind = "nonhuman"
        agent = None
        if isinstance(who, User):
            category = "SignInLogs" if interactive else "NonInteractiveUserSignInLogs"
            kind = "human" if interactive and not error else "undecided"
            agent = who.agent
            properties.update(
                userId=who.id,
                userPrincipalName=who.name,
                userDisplayName=who.name.partition("@")[0],
                userType="Member",
                appId=client,
                isInteractive=interactive,
                authenticationProtocol="none",
                clientAppUsed="Browser",
                userAgent=agent,
            )
            if session is not None:
                properties["sessionId"] = session[1]
                uses += (session,)
            uses += ((CLIENT, client),)
        else:
            category = "ManagedIdentitySignInLogs" if who.managed else "ServicePrincipalSignInLogs"
            properties.update(
                appId=who.client,
                servicePrincipalId=who.id,
                servicePrincipalName=who.name,
                isInteractive=False,
                clientCredentialType="none" if who.managed else "clientSecret",
                incomingTokenType="none",
            )
            if key is not None:
                properties["servicePrincipalCredentialKeyId"] = key[1]
                uses += (key,)
            uses += ((CLIENT, who.client),)
        record = self.around(
            at,
            category,
            "Sign-in activity",
            properties,
            resultType=str(error),
            callerIpAddress=address or None,
            correlationId=correlation,
        )
        return Told(
            SIGN_IN,
            request,
            at,
            [record],
            who.id,
            kind,
            (address or None, agent),
            uses,
            () if error else token_keys(request),
            place=category,
        )

    def change(
        self,
        label: str,
        at: dt.datetime,
        user: User,
        activity: str,
        targets: list[Record],
        *,
        group: str = "",
        category: str = "ApplicationManagement",
        operation: str = "Update",
        address: str | None = None,
        issues: tuple[Key, ...] = (),
    ) -> Told:
        """Return one row of a change to the directory.

        Args:
            label: What its id is derived from.
            at: When.
            user: Who.
            activity: What, by its display name.
            targets: What was changed, see :func:`changed`.
            group: What the correlation id is derived from that several rows of a change share.
            category: Kind of change.
            operation: ``operationType``.
            address: Where from, if not from the usual place.
            issues: Credentials that were added.
        """
        correlation = ids.uuid(f"entra/change/{group or label}")
        address = user.address if address is None else address
        native = f"Directory_{correlation}_{ids.letters(label, 5, 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789')}_{ids.number(label, 10**8)}"
        properties = {
            "id": native,
            "category": category,
            "correlationId": correlation,
            "result": "success",
            "resultReason": "",
            "activityDisplayName": activity,
            "activityDateTime": ticks(at).replace("Z", "+00:00"),
            "loggedByService": "Core Directory",
            "operationType": operation,
            "initiatedBy": {
                "user": {
                    "id": user.id,
                    "displayName": None,
                    "userPrincipalName": user.name,
                    "ipAddress": address,
                    "roles": [],
                }
            },
            "targetResources": targets,
            "additionalDetails": [{"key": "User-Agent", "value": user.agent}],
        }
        record = self.around(
            at, "AuditLogs", activity, properties, callerIpAddress=address, correlationId=correlation
        )
        return Told(
            AUDIT,
            native,
            at,
            [record],
            user.id,
            "undecided",
            (address, user.agent),
            (),
            issues,
            place="AuditLogs",
        )


def changed(kind: str, object_id: str, name: str, *properties: tuple[str, object, object]) -> Record:
    """Return a target of a change.

    Args:
        kind: What it is.
        object_id: Its id.
        name: Its name.
        properties: Name, old and new value of what changed; values are JSON in a text, absent ones null.
    """
    return {
        "id": object_id,
        "displayName": name,
        "type": kind,
        "modifiedProperties": [
            {
                "displayName": each,
                "oldValue": None if old is None else json.dumps(old),
                "newValue": None if new is None else json.dumps(new),
            }
            for each, old, new in properties
        ],
        "administrativeUnits": [],
    }


def described(*keys: Key) -> list[str]:
    """Return secrets as ``KeyDescription`` lists them."""
    return [f"[KeyIdentifier={key},KeyType=Password,KeyUsage=Verify,DisplayName=secret]" for _, key in keys]


_TABLES = {
    "SignInLogs": "SigninLogs",
    "NonInteractiveUserSignInLogs": "AADNonInteractiveUserSignInLogs",
    "ServicePrincipalSignInLogs": "AADServicePrincipalSignInLogs",
    "ManagedIdentitySignInLogs": "AADManagedIdentitySignInLogs",
}


def table_row(record: Record) -> Record:
    """Return a record as a row of Log Analytics: one level, names in Pascal case, objects as JSON texts."""
    category = record["category"]
    row: Record = {
        "TenantId": ids.uuid("workspace"),
        "TimeGenerated": record["properties"].get("timeGenerated") or record["time"],
        "OperationName": record["operationName"],
        "Category": record["properties"].get("category", category),
        "AADTenantId": record["tenantId"],
        "Type": _TABLES.get(category, category),
        "ResourceId": record["resourceId"],
    }
    if "resultType" in record:
        row["ResultType"] = record["resultType"]
    for name, value in record["properties"].items():
        if name in ("tenantId", "category"):
            continue
        column = {
            "resourceId": "ResourceIdentity",
            "ipAddress": "IPAddress",
            "operationType": "AADOperationType",
        }.get(name, name[:1].upper() + name[1:])
        row[column] = json.dumps(value) if isinstance(value, dict | list) else value
    return row
