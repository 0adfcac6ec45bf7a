"""CloudTrail records: the shapes of ``userIdentity``, of a record, and of the calls that issue credentials.

Field names, their order and which of them are null follow records of real trails; see the vendor's
"CloudTrail record contents" and "CloudTrail userIdentity element" pages. All values are invented.
"""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

from shapes import ids
from shapes.ids import When

Record = dict[str, Any]

EAST = "us-east-1"
"""The region of a call unless it is said otherwise."""

_VERSIONS = {"sts": "1.08", "signin": "1.08", "kms": "1.08", "ssm": "1.08"}


@dataclass(frozen=True)
class Caller:
    """Who calls, from where, with what.

    Attributes:
        identity: The ``userIdentity`` element.
        account: Account that records the call unless it is said otherwise.
        address: The ``sourceIPAddress`` field.
        agent: The ``userAgent`` field.
        console: Whether records carry ``sessionCredentialFromConsole``.
        over_network: Whether there was a TLS connection to describe: not for calls made by a service.
    """

    identity: Record
    account: str
    address: str
    agent: str
    console: bool = False
    over_network: bool = True

    @property
    def key(self) -> str | None:
        """The access key id presented."""
        found = self.identity.get("accessKeyId")
        return found if isinstance(found, str) else None

    def with_key(self, label: str) -> Caller:
        """Return the same session under another temporary key, as consoles and forwarded calls do."""
        fresh = ids.access_key("ASIA", self.account, label)
        return replace(self, identity={**self.identity, "accessKeyId": fresh})


@dataclass(frozen=True)
class Role:
    """A role that can be assumed."""

    account: str
    name: str
    path: str = "/"

    @property
    def arn(self) -> str:
        """The role's ARN."""
        return f"arn:aws:iam::{self.account}:role{self.path}{self.name}"

    @property
    def unique_id(self) -> str:
        """The identifier that survives renaming."""
        return ids.principal("AROA", self.account, f"role/{self.name}")

    def session_arn(self, session: str) -> str:
        """Return the ARN of one session of the role."""
        return f"arn:aws:sts::{self.account}:assumed-role/{self.name}/{session}"


def service(host: str, account: str) -> Caller:
    """Return an AWS service that acts by itself."""
    identity = {"type": "AWSService", "invokedBy": f"{host}.amazonaws.com"}
    return Caller(identity, account, f"{host}.amazonaws.com", f"{host}.amazonaws.com", over_network=False)


def iam_user(account: str, name: str, key: str | None, address: str, agent: str) -> Caller:
    """Return an IAM user who presents a long-term key, or none (console sign-in)."""
    identity: Record = {
        "type": "IAMUser",
        "principalId": ids.principal("AIDA", account, f"user/{name}"),
        "arn": f"arn:aws:iam::{account}:user/{name}",
        "accountId": account,
    }
    if key is not None:
        identity["accessKeyId"] = key
    identity["userName"] = name
    return Caller(identity, account, address, agent)


def console_session(user: Caller, created: When, label: str, *, mfa: bool) -> Caller:
    """Return a user's console session: a temporary key, the sign-in's second as creation date."""
    attributes = {"creationDate": ids.stamp(ids.moment(created)), "mfaAuthenticated": str(mfa).lower()}
    context = {"sessionIssuer": {}, "webIdFederationData": {}, "attributes": attributes}
    identity = {
        "type": "IAMUser",
        "principalId": user.identity["principalId"],
        "arn": user.identity["arn"],
        "accountId": user.account,
        "accessKeyId": ids.access_key("ASIA", user.account, label),
        "userName": user.identity["userName"],
        "sessionContext": context,
    }
    return replace(user, identity=identity, console=True)


@dataclass(frozen=True)
class RoleSession:
    """What makes one session of a role: used to build its caller.

    Attributes:
        role: The role.
        name: The session name; the caller of AssumeRole chooses it.
        key: The access key id that was issued, ``None`` for a service-linked role.
        created: Clock time at which the session was made.
        address: Where its calls come from.
        agent: With which client.
        extra: Further members of ``sessionContext`` (``sourceIdentity``, ``ec2RoleDelivery``).
        web: The ``webIdFederationData`` element.
        beside: Further members of ``userIdentity`` (``inScopeOf``, ``invokedBy``).
        console: Whether this is a console session.
    """

    role: Role
    name: str
    key: str | None
    created: When
    address: str
    agent: str
    extra: Record = field(default_factory=dict)
    web: Record = field(default_factory=dict)
    beside: Record = field(default_factory=dict)
    console: bool = False

    def caller(self) -> Caller:
        """Return the session as a caller."""
        role = self.role
        context: Record = {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role.unique_id,
                "arn": role.arn,
                "accountId": role.account,
                "userName": role.name,
            },
            "webIdFederationData": self.web,
            "attributes": {
                "creationDate": ids.stamp(ids.moment(self.created)),
                "mfaAuthenticated": "false",
            },
            **self.extra,
        }
        identity: Record = {
            "type": "AssumedRole",
            "principalId": f"{role.unique_id}:{self.name}",
            "arn": role.session_arn(self.name),
            "accountId": role.account,
        }
        if self.key is not None:
            identity["accessKeyId"] = self.key
        identity.update(sessionContext=context, **self.beside)
        by_service = "invokedBy" in self.beside
        return Caller(identity, role.account, self.address, self.agent, self.console, not by_service)


def on_behalf(caller: Caller, host: str, clock: When, label: str) -> Caller:
    """Return a forward access session: a service calls another one for the caller, under a key used once."""
    session = caller.with_key(label)
    context = session.identity.get("sessionContext")
    if context is None:
        attributes = {"creationDate": ids.stamp(ids.moment(clock)), "mfaAuthenticated": "false"}
        context = {"sessionIssuer": {}, "webIdFederationData": {}, "attributes": attributes}
    name = f"{host}.amazonaws.com"
    identity = {**session.identity, "sessionContext": context, "invokedBy": name}
    return Caller(identity, caller.account, name, name, over_network=False)


def record(
    label: str,
    clock: When,
    caller: Caller,
    call: str,
    params: Record | None = None,
    response: Record | None = None,
    *,
    region: str = EAST,
    read_only: bool = True,
    error: tuple[str | None, str] | None = None,
    resources: list[Record] | None = None,
    category: str = "Management",
    event_type: str = "AwsApiCall",
    extra: Record | None = None,
    recorded_in: str | None = None,
    request_id: str | None = None,
    tail: Record | None = None,
) -> Record:
    """Return one record, its members in the order in which trails write them.

    Args:
        label: What the identifiers are derived from; each event needs its own.
        clock: Time of the event, ``HH:MM:SS`` UTC.
        caller: Who called.
        call: ``service:Operation``; the service without ``.amazonaws.com``.
        params: The ``requestParameters`` element.
        response: The ``responseElements`` element.
        region: The ``awsRegion`` field.
        read_only: The ``readOnly`` field.
        error: Error code (none on the sign-in page) and message.
        resources: The ``resources`` element, see `resource`.
        category: The ``eventCategory`` field.
        event_type: The ``eventType`` field.
        extra: The ``additionalEventData`` element.
        recorded_in: The recording account, if it is not the caller's.
        request_id: The request id, if it is not of the usual form. Only API calls have one.
        tail: Members between ``recipientAccountId`` and ``eventCategory`` (``sharedEventID`` …).
    """
    host, operation = call.split(":")
    made: Record = {
        "eventVersion": _VERSIONS.get(host, "1.11"),
        "userIdentity": caller.identity,
        "eventTime": ids.stamp(ids.moment(clock)),
        "eventSource": f"{host}.amazonaws.com",
        "eventName": operation,
        "awsRegion": region,
        "sourceIPAddress": caller.address,
        "userAgent": caller.agent,
    }
    if error is not None:
        code, message = error
        if code is not None:
            made["errorCode"] = code
        made["errorMessage"] = message
    made["requestParameters"] = params
    made["responseElements"] = response
    if extra is not None:
        made["additionalEventData"] = extra
    if event_type == "AwsApiCall":
        made["requestID"] = request_id or ids.uuid(f"request/{label}")
    made["eventID"] = ids.uuid(f"event/{label}")
    made["readOnly"] = read_only
    if resources is not None:
        made["resources"] = resources
    made["eventType"] = event_type
    made["managementEvent"] = category == "Management"
    made["recipientAccountId"] = recorded_in or caller.account
    made.update(tail or {})
    made["eventCategory"] = category
    if caller.over_network:
        modern = host not in {"iam", "ssm"}
        made["tlsDetails"] = {
            "tlsVersion": "TLSv1.3" if modern else "TLSv1.2",
            "cipherSuite": "TLS_AES_128_GCM_SHA256" if modern else "ECDHE-RSA-AES128-GCM-SHA256",
            "clientProvidedHostHeader": _host_header(host, region),
        }
    if caller.console and host != "signin":
        made["sessionCredentialFromConsole"] = "true"
    return made


def _host_header(host: str, region: str) -> str:
    if host == "signin":
        return f"{region}.signin.aws.amazon.com"
    if host == "iam":
        return "iam.amazonaws.com"
    return f"{host}.{region}.amazonaws.com"


def resource(kind: str, arn: str, account: str) -> Record:
    """Return one member of the ``resources`` element."""
    return {"accountId": account, "type": kind, "ARN": arn}


def s3_object(
    label: str,
    clock: When,
    caller: Caller,
    operation: str,
    bucket: str,
    key: str,
    *,
    region: str = EAST,
    error: tuple[str, str] | None = None,
    owner: str | None = None,
    size: int = 0,
) -> Record:
    """Return an S3 object call, a data event: bracketed agent, short request id, transfer sizes."""
    host = f"{bucket}.s3.{region}.amazonaws.com"
    params: Record = {"bucketName": bucket, "Host": host}
    holder = owner or caller.account
    resources = [resource("AWS::S3::Bucket", f"arn:aws:s3:::{bucket}", holder)]
    if operation == "ListObjects":
        params.update({"prefix": key, "list-type": "2", "delimiter": "/"})
    else:
        params["key"] = key
        resources.insert(0, {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/{key}"})
    writes = operation.startswith(("Put", "Delete"))
    agent = caller.agent if caller.agent.startswith("[") else f"[{caller.agent}]"
    transfer: Record = {
        "SignatureVersion": "SigV4",
        "CipherSuite": "TLS_AES_128_GCM_SHA256",
        "bytesTransferredIn": size if writes else 0,
        "AuthenticationMethod": "AuthHeader",
        "x-amz-id-2": base64.b64encode(ids.digest(f"x-amz-id-2/{label}")).decode(),
        "bytesTransferredOut": 243 if error else 0 if writes else size,
    }
    made = record(
        label,
        clock,
        replace(caller, agent=agent, over_network=False),
        f"s3:{operation}",
        params,
        None,
        region=region,
        read_only=not writes,
        error=error,
        resources=resources,
        category="Data",
        extra=transfer,
        recorded_in=holder,
        request_id=ids.letters(f"request/{label}", 16, "ABCDEFGHJKMNPQRSTVWXYZ0123456789"),
    )
    made["tlsDetails"] = {
        "tlsVersion": "TLSv1.3",
        "cipherSuite": "TLS_AES_128_GCM_SHA256",
        "clientProvidedHostHeader": host,
    }
    return made


def credentials(
    key: str, label: str, clock: When, seconds: int = 3600, *, company: str = "Northwind Harbour"
) -> Record:
    """Return what STS answers: the key id, the token in clear (as real trails hold it), the expiry.

    The token says of which company it pretends to be.
    """
    return {
        "accessKeyId": key,
        "sessionToken": ids.session_token(label, company),
        "expiration": ids.long_date(ids.moment(clock) + dt.timedelta(seconds=seconds)),
    }


def assume_role(
    label: str,
    clock: When,
    caller: Caller,
    session: RoleSession,
    *,
    region: str = EAST,
    unseen: str = "",
    company: str = "Northwind Harbour",
) -> list[Record]:
    """Return AssumeRole as recorded: one record, or two copies with one ``sharedEventID`` across accounts.

    The copy in the role's account names a caller of another account only by its unique id and account; the
    key stands in the copy of the caller's own account. A caller from the ``unseen`` account,
    whose logs nobody has, leaves only the former.
    """
    role, key = session.role, session.key
    if key is None:
        raise ValueError("an assumed role has a key")
    params: Record = {"roleArn": role.arn, "roleSessionName": session.name}
    if caller.over_network:
        params["durationSeconds"] = 3600
    response: Record = {
        "credentials": credentials(
            key, label, clock, 3600 if caller.over_network else 6 * 3600, company=company
        ),
        "assumedRoleUser": {
            "assumedRoleId": f"{role.unique_id}:{session.name}",
            "arn": role.session_arn(session.name),
        },
    }
    if not caller.over_network:
        # A service that takes up a role for a workload: real trails show no assumedRoleUser here.
        del response["assumedRoleUser"]
    crosses = caller.account != role.account
    # Calls by a service carry a shared id too, though the service's own copy is in no customer's trail.
    shared = {"sharedEventID": ids.uuid(f"shared/{label}")} if crosses or not caller.over_network else {}
    stranger = {
        "type": "AWSAccount",
        "principalId": caller.identity.get("principalId"),
        "accountId": caller.account,
    }
    copies = [(label, caller, caller.account)]
    if crosses:
        copies.append((f"{label}/copy", replace(caller, identity=stranger), role.account))
    return [
        record(
            name,
            clock,
            seen,
            "sts:AssumeRole",
            params,
            response,
            region=region,
            resources=[resource("AWS::IAM::Role", role.arn, role.account)],
            recorded_in=account,
            request_id=ids.uuid(f"request/{label}"),
            tail=shared,
        )
        for name, seen, account in copies
        if account != unseen
    ]
