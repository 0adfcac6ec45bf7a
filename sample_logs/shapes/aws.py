"""Tells CloudTrail records: who the trail says called, under which keys, and what was handed out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from shapes import ids
from shapes.cloudtrail import (
    EAST,
    Caller,
    Record,
    Role,
    RoleSession,
    assume_role,
    credentials,
    on_behalf,
    record,
    resource,
)
from shapes.telling import Key, Story, Told, credential, event

SOURCE = "aws.cloudtrail"


def temporary(key: str) -> Key:
    """Return a temporary key as a credential."""
    return "aws temporary key", key


def long_term(key: str) -> Key:
    """Return a long-term key as a credential."""
    return "aws access key", key


def sign_in(arn: str, at: dt.datetime) -> Key:
    """Return a console session: all its keys share the ARN and the second in which it began."""
    return "aws sign-in session", f"{arn} {ids.stamp(at)}"


def canonical(identity: Record) -> str | None:
    """Return the most stable name in a ``userIdentity``: of a role session the role's ARN."""
    issuer = identity.get("sessionContext", {}).get("sessionIssuer", {})
    principal: str = identity.get("principalId", "")
    bare = principal.partition(":")[0] if principal.startswith("AROA") else principal
    return issuer.get("arn") or identity.get("arn") or bare or identity.get("invokedBy")


def kind(caller: Caller) -> str:
    """Return what stands behind a caller, as far as its record alone shows."""
    identity = caller.identity
    context = identity.get("sessionContext", {})
    if identity["type"] == "AWSService" or "invokedBy" in identity:
        return "service"
    if caller.console or identity["type"] == "SAMLUser":
        return "human"
    if context.get("attributes", {}).get("mfaAuthenticated") == "true":
        return "human"
    of_instance = identity.get("arn", "").rpartition("/")[2].startswith("i-")
    federated = context.get("webIdFederationData") or identity["type"] == "WebIdentityUser"
    return "nonhuman" if of_instance or federated or "inScopeOf" in identity else "undecided"


def told(
    made: Record,
    caller: Caller,
    *,
    issues: tuple[Key, ...] = (),
    uses: tuple[Key, ...] = (),
    caused_by: tuple[Told, ...] = (),
    kind_is: str = "",
) -> Told:
    """Return a record as an event of the story.

    Args:
        made: The record.
        caller: Its caller.
        issues: Credentials that it hands out; nothing if the call failed.
        uses: What it presents beside the caller's key.
        caused_by: The calls that may have caused it, if a service made it for a caller.
        kind_is: What the record shows beyond its caller: a sign-in is a person's.
    """
    identity = made["userIdentity"]
    presented: tuple[Key, ...] = ()
    key = identity.get("accessKeyId")
    if key:
        presented += (temporary(key) if key.startswith("ASIA") else long_term(key),)
    context = identity.get("sessionContext", {})
    created = context.get("attributes", {}).get("creationDate")
    of_role = identity.get("type") == "AssumedRole"
    at_console = made.get("sessionCredentialFromConsole") == "true" or made["eventName"] == "ConsoleLogin"
    if created and (not of_role or at_console):
        presented += (("aws sign-in session", f"{identity['arn']} {created}"),)
    if "sourceIdentity" in context:
        presented += (("aws source identity", context["sourceIdentity"]),)
    agent = made["userAgent"].strip("[]") if made["userAgent"] else None
    return Told(
        SOURCE,
        made["eventID"],
        dt.datetime.fromisoformat(made["eventTime"]),
        [made],
        canonical(identity),
        kind_is or kind(replace(caller, identity=identity)),
        (made["sourceIPAddress"], agent),
        (*presented, *uses),
        issues if "errorMessage" not in made else (),
        made.get("sharedEventID"),
        tuple(each.id for each in caused_by),
        place=f"{made['recipientAccountId']} {made['awsRegion']}",
    )


@dataclass
class Aws:
    """A company's accounts as a story uses them.

    Attributes:
        story: Where events go.
        company: Its name: the fictitious session tokens say it.
        label: What the identifiers of its events begin with.
    """

    story: Story
    company: str
    label: str

    def call(
        self,
        label: str,
        at: dt.datetime,
        caller: Caller,
        name: str,
        params: Record | None = None,
        response: Record | None = None,
        *,
        issues: tuple[Key, ...] = (),
        caused_by: tuple[Told, ...] = (),
        uses: tuple[Key, ...] = (),
        kind_is: str = "",
        **more: Any,
    ) -> Told:
        """Tell one call; see :func:`shapes.cloudtrail.record` and :func:`told`."""
        made = record(f"{self.label}/{label}", at, caller, name, params, response, **more)
        return self.story.tell(
            told(made, caller, issues=issues, caused_by=caused_by, uses=uses, kind_is=kind_is)
        )

    def reads(
        self, label: str, at: dt.datetime, caller: Caller, calls: str, *, step: int = 3, region: str = EAST
    ) -> list[Told]:
        """Tell plain reading calls, ``service:Operation`` separated by spaces, at most ``step`` seconds apart."""
        found = []
        for number, name in enumerate(calls.split()):
            found.append(self.call(f"{label}/{number}", at, caller, name, _parameters(name), region=region))
            at += dt.timedelta(seconds=ids.number(f"{self.label}/{label}/{number}/step", step + 1))
        return found

    def key(self, label: str, account: str) -> str:
        """Return a fresh temporary key of an account."""
        return ids.access_key("ASIA", account, f"{self.label}/{label}")

    def assume(self, label: str, at: dt.datetime, caller: Caller, session: RoleSession) -> list[Told]:
        """Tell AssumeRole: of a call across accounts both copies."""
        made = assume_role(f"{self.label}/{label}", at, caller, session, company=self.company)
        found = [told(each, caller, issues=(temporary(str(session.key)),)) for each in made]
        self.story.tell(*found)
        return found

    def chained(
        self,
        label: str,
        at: dt.datetime,
        caller: Caller,
        role: Role,
        name: str,
        *,
        address: str = "",
        agent: str = "",
    ) -> tuple[Caller, list[Told]]:
        """Tell how a caller takes on a role; returns the role's session and the copies of the call."""
        session = RoleSession(
            role, name, self.key(label, role.account), at, address or caller.address, agent or caller.agent
        )
        return session.caller(), self.assume(label, at, caller, session)

    def web_identity(
        self,
        label: str,
        at: dt.datetime,
        role: Role,
        session: str,
        subject: str,
        provider: str,
        address: str,
        agent: str,
    ) -> tuple[Caller, Told]:
        """Tell how a workload takes on a role with the token of its platform; returns its session and the call.

        Args:
            label: What identifiers are derived from.
            at: When.
            role: The role.
            session: The session's name.
            subject: The subject of the token.
            provider: The issuer, without ``https://``.
            address: Where from.
            agent: With which client.
        """
        issuer = f"arn:aws:iam::{role.account}:oidc-provider/{provider}"
        principal = f"{issuer}:sts.amazonaws.com:{subject}"
        workload = Caller(
            {
                "type": "WebIdentityUser",
                "principalId": principal,
                "userName": subject,
                "identityProvider": issuer,
            },
            role.account,
            address,
            agent,
        )
        key = self.key(label, role.account)
        call = self.call(
            label,
            at,
            workload,
            "sts:AssumeRoleWithWebIdentity",
            {"durationSeconds": 3600, "roleArn": role.arn, "roleSessionName": session},
            {
                "credentials": credentials(key, f"{self.label}/{label}", at, company=self.company),
                "subjectFromWebIdentityToken": subject,
                "assumedRoleUser": {
                    "assumedRoleId": f"{role.unique_id}:{session}",
                    "arn": role.session_arn(session),
                },
                "provider": issuer,
                "audience": "sts.amazonaws.com",
            },
            resources=[resource("AWS::IAM::Role", role.arn, role.account)],
            issues=(temporary(key),),
            uses=(("jwt subject", subject),),
        )
        web = {"federatedProvider": issuer, "attributes": {}}
        return RoleSession(role, session, key, at, address, agent, web=web).caller(), call

    def secret(
        self, label: str, at: dt.datetime, caller: Caller, secret: str, kms: str, *, late: int = 0
    ) -> tuple[Told, Told]:
        """Tell how a secret is read: the call, and the decryption that Secrets Manager asks for in its name.

        Args:
            label: What identifiers are derived from.
            at: When.
            caller: Who reads.
            secret: ARN of the secret.
            kms: ARN of the key that it is encrypted with.
            late: Seconds until the decryption.
        """
        asked = self.call(label, at, caller, "secretsmanager:GetSecretValue", {"secretId": secret})
        return asked, self.decrypt(
            f"{label}/kms", at + dt.timedelta(seconds=late), caller, secret, kms, asked
        )

    def decrypt(
        self, label: str, at: dt.datetime, caller: Caller, secret: str, kms: str, *causes: Told
    ) -> Told:
        """Tell a decryption that Secrets Manager asks for; ``causes`` are all the calls that may stand behind it."""
        forwarded = on_behalf(caller, "secretsmanager", at, f"{self.label}/{label}")
        return self.call(
            label,
            at,
            forwarded,
            "kms:Decrypt",
            {
                "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
                "encryptionContext": {"SecretARN": secret, "SecretVersionId": ids.uuid(f"version/{secret}")},
            },
            resources=[resource("AWS::KMS::Key", kms, caller.account)],
            caused_by=causes,
        )

    def console(self, at: dt.datetime, login: Told, arn: str, says: str) -> Key:
        """Say that a console session began with a sign-in. Returns its anchor."""
        anchor = sign_in(arn, at)
        self.story.session(anchor, "human", event(login), "inferred", says)
        self.story.link(
            event(login),
            credential(anchor),
            "signed_in",
            "inferred",
            "AWS-3",
            "The session began in the second of the sign-in and has the same ARN; seconds are not unique.",
        )
        return anchor

    def pages(
        self, label: str, at: dt.datetime, session: Caller, anchor: Key, calls: str, *, region: str = EAST
    ) -> list[Told]:
        """Tell what one page of the console reads: under a temporary key of its own."""
        page = session.with_key(f"{self.label}/{label}")
        self.story.named_otherwise.add(temporary(str(page.key)))
        return self.reads(label, at, page, calls, region=region)


_NAMED = {
    "DescribeCluster": {"name": "pay-production"},
    "GetTrailStatus": {"name": "all-regions"},
    "DescribeLogStreams": {"logGroupName": "/app/checkout"},
    "GetLogEvents": {"logGroupName": "/app/checkout", "logStreamName": "main"},
    "DescribeStacks": {"stackName": "checkout"},
    "DescribeServices": {"cluster": "checkout", "services": ["web"]},
    "GetFunction20150331v2": {"functionName": "invoice-mailer"},
    "ListAttachedUserPolicies": {"userName": "svc-metrics"},
    "ListAccessKeys": {"userName": "svc-metrics"},
}


def _parameters(call: str) -> Record | None:
    """Return request parameters such as the call would have, few of them and always the same."""
    host, operation = call.split(":")
    if operation in _NAMED:
        return dict(_NAMED[operation])
    if host == "ec2":
        return {"filterSet": {}}
    return {"maxResults": 50} if operation.startswith("List") else None
