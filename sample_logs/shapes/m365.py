"""Requests to Microsoft Graph and rows of the Microsoft 365 unified audit log.

Fields follow the vendor's pages "Access Microsoft Graph activity logs" and "Office 365 Management Activity API schema".
"""

from __future__ import annotations

import datetime as dt

from shapes import ids
from shapes.entra import CLIENT, Application, Tenant, User, ticks, token_keys
from shapes.telling import Key, Record, Told

GRAPH, MAIL = "graph.activity", "m365.ual"


def graph(
    tenant: Tenant,
    label: str,
    at: dt.datetime,
    who: User | Application,
    signed_in: Told | str,
    method: str,
    path: str,
    *,
    client: str = "",
    session: Key | None = None,
    roles: str = "",
    status: int = 200,
    address: str | None = None,
) -> Told:
    """Return a request to Microsoft Graph.

    Args:
        tenant: The directory.
        label: What its id is derived from.
        at: When.
        who: Whose token it is.
        signed_in: The sign-in that issued the token, or the id of that request.
        method: HTTP method.
        path: Path and query, from the version on.
        client: Application id of the client that acts for a person.
        session: The person's sign-in session.
        roles: Permissions of the application.
        status: HTTP status of the answer.
        address: Where from, if not from the usual place.
    """
    request = ids.uuid(f"graph/{label}")
    token = token_keys(signed_in if isinstance(signed_in, str) else signed_in.id)
    person = isinstance(who, User)
    application = client if isinstance(who, User) else who.client
    address = who.address if address is None else address
    properties = {
        "timeGenerated": ticks(at),
        "requestId": request,
        "operationId": request,
        "clientRequestId": request,
        "apiVersion": "v1.0",
        "requestMethod": method,
        "requestUri": f"https://graph.microsoft.com/v1.0{path}",
        "responseStatusCode": status,
        "tenantId": tenant.id,
        "durationMs": 1000 + ids.number(f"graph/{label}", 90_000),
        "signInActivityId": token[0][1],
        "appId": application,
        "userId": who.id if person else None,
        "servicePrincipalId": None if person else who.id,
        "scopes": "Mail.Read User.Read" if person else None,
        "roles": roles or None,
        "c_Sid": session[1] if session else None,
        "identityProvider": f"https://sts.windows.net/{tenant.id}/",
        "clientAuthMethod": "0" if person else "1",
        "ipAddress": address,
        "userAgent": who.agent,
        "location": "West Europe",
    }
    record = tenant.around(
        at,
        "MicrosoftGraphActivityLogs",
        "Microsoft Graph Activity",
        {name: value for name, value in properties.items() if value is not None},
        callerIpAddress=address,
        correlationId=request,
    )
    uses = (*token, *((session,) if session else ()), (CLIENT, application))
    kind = "undecided" if person else "nonhuman"
    return Told(GRAPH, request, at, [record], who.id, kind, (address, who.agent), uses, place="graph")


def mail(
    tenant: Tenant,
    label: str,
    at: dt.datetime,
    who: User | Application,
    operation: str,
    owner: User,
    *,
    signed_in: Told | str | None = None,
    client: str = "",
    session: Key | None = None,
    address: str | None = None,
    throttled: bool = False,
    count: int = 1,
    user_type: int = 0,
) -> Told:
    """Return a row of Exchange in the unified audit log.

    Args:
        tenant: The directory.
        label: What its id is derived from.
        at: When, to the second.
        who: Who, a person or an application.
        operation: ``MailItemsAccessed``, ``Send`` …
        owner: Whose mailbox.
        signed_in: The sign-in that issued the token, where the row names the token.
        client: Application id of a person's client.
        session: A person's sign-in session.
        address: Where from, if not from the usual place.
        throttled: Whether the log of this mailbox is throttled from here on.
        count: How many items the row stands for.
        user_type: ``UserType``: 0 a user, 5 an application, 6 a service principal.
    """
    native = ids.uuid(f"ual/{label}")
    address = who.address if address is None else address
    application = client if isinstance(who, User) else who.client
    context: Record = {"ClientAppId": application, "IssuedAtTime": at.strftime("%Y-%m-%dT%H:00:00")}
    uses: tuple[Key, ...] = ()
    if signed_in is not None:
        keys = token_keys(signed_in if isinstance(signed_in, str) else signed_in.id)
        context["UniqueTokenId"] = keys[0][1]
        uses += keys
    if session is not None:
        context["AADSessionId"] = session[1]
        uses += (session,)
    uses += ((CLIENT, application),)
    person = isinstance(who, User)
    record: Record = {
        "AppAccessContext": context,
        "CreationTime": at.strftime("%Y-%m-%dT%H:%M:%S"),
        "Id": native,
        "Operation": operation,
        "OrganizationId": tenant.id,
        "RecordType": 50 if operation == "MailItemsAccessed" else 2,
        "ResultStatus": "Succeeded",
        "UserKey": who.id,
        "UserType": user_type,
        "Version": 1,
        "Workload": "Exchange",
        "UserId": who.name if person else f"ServicePrincipal_{who.id}",
        "ClientIPAddress": address,
        "ClientInfoString": "Client=REST;Client=RESTSystem;;",
        "ExternalAccess": False,
        "LogonType": 0 if person else 1,
        "MailboxGuid": ids.uuid(f"mailbox/{owner.name}"),
        "MailboxOwnerUPN": owner.name,
        "OrganizationName": "quillbank.example",
    }
    if operation == "MailItemsAccessed":
        record["OperationProperties"] = [
            {"Name": "MailAccessType", "Value": "Bind"},
            {"Name": "IsThrottled", "Value": str(throttled)},
        ]
        record["OperationCount"] = count
    return Told(
        MAIL,
        native,
        at,
        [record],
        who.name if person else who.id,
        "undecided" if user_type == 0 else "nonhuman",
        (address, record["ClientInfoString"]),
        uses,
        place="exchange",
    )
