"""How people get from Okta into the AWS console, as both logs show it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from shapes import ids
from shapes.aws import Aws, temporary
from shapes.cloudtrail import Caller, Role, RoleSession, credentials, resource
from shapes.okta import Person, log_event
from shapes.telling import Key, Told, event

from tallowmere.cast import ACCOUNT, AWS_APP, COMPANY

_SIGN_IN = "AWS Signin, aws-internal/3 aws-sdk-java/1.12.782 Linux/5.10.236 OpenJDK_64-Bit_Server_VM/25.442"
_QUALIFIER = ids.letters("tallowmere/saml", 27, "ABCDEFGHIJKLMNOPqrstuvwxyz012345") + "="


def sign_on(
    aws: Aws,
    label: str,
    person: Person,
    session: Key,
    at: dt.datetime,
    role: Role,
    *,
    wait: int,
    address: str,
    agent: str,
    device: str | None = "",
    says: str = "A person at the console, through Okta.",
) -> tuple[Caller, Key, Told, Told, Told]:
    """Tell how somebody opens AWS from Okta's dashboard: sign-on, SAML, console sign-in.

    Args:
        aws: The accounts.
        label: What identifiers are derived from.
        person: Who.
        session: Their session at Okta.
        at: When Okta signs them on.
        role: The role that they get.
        wait: Seconds until AWS sees the assertion.
        address: Where from.
        agent: With which browser.
        device: The hash of the device's cookie, see :func:`shapes.okta.log_event`.
        says: What the console session is.

    Returns:
        The console session as a caller and its anchor; the events of sign-on, SAML and console sign-in.
    """
    signed_on = aws.story.tell(
        log_event(
            f"{label}/sso",
            at,
            person,
            "user.authentication.sso",
            targets=(
                AWS_APP,
                {
                    "id": ids.letters(f"{label}/app-user", 20, "abcdefghijklmnop0123456789"),
                    "type": "AppUser",
                    "alternateId": person.name,
                    "displayName": person.name,
                },
            ),
            session=session,
            address=address,
            agent=agent,
            device=device,
            tries=True,
        )
    )
    then = (at + dt.timedelta(seconds=wait)).replace(microsecond=0)
    provider = f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"
    assertion = f"id{ids.number(f'{label}/assertion', 10**18)}"
    key = aws.key(f"{label}/saml", ACCOUNT)
    user = Caller(
        {
            "type": "SAMLUser",
            "principalId": f"{_QUALIFIER}:{person.name}",
            "userName": person.name,
            "identityProvider": _QUALIFIER,
        },
        ACCOUNT,
        "AWS Internal",
        _SIGN_IN,
        over_network=False,
    )
    saml = aws.call(
        f"{label}/saml",
        then,
        user,
        "sts:AssumeRoleWithSAML",
        {
            "sAMLAssertionID": assertion,
            "roleSessionName": person.name,
            "sourceIdentity": person.name,
            "durationSeconds": 3600,
            "roleArn": role.arn,
            "principalArn": provider,
        },
        {
            "subjectType": "unspecified",
            "issuer": "http://www.okta.com/exk1tallowmere",
            "credentials": credentials(key, f"tallowmere/{label}", then, company=COMPANY),
            "nameQualifier": _QUALIFIER,
            "assumedRoleUser": {
                "assumedRoleId": f"{role.unique_id}:{person.name}",
                "arn": role.session_arn(person.name),
            },
            "subject": person.name,
            "audience": "https://signin.aws.amazon.com/saml",
            "sourceIdentity": person.name,
        },
        resources=[
            resource("AWS::IAM::Role", role.arn, ACCOUNT),
            resource("AWS::IAM::SAMLProvider", provider, ACCOUNT),
        ],
        issues=(temporary(key),),
        uses=(("saml assertion", assertion),),
    )
    session_name = person.name
    caller = RoleSession(
        role, session_name, key, then, address, agent, extra={"sourceIdentity": session_name}, console=True
    ).caller()
    without_key = {name: value for name, value in caller.identity.items() if name != "accessKeyId"}
    login = aws.call(
        f"{label}/console",
        then,
        replace(caller, identity=without_key),
        "signin:ConsoleLogin",
        None,
        {"ConsoleLogin": "Success"},
        read_only=False,
        event_type="AwsConsoleSignIn",
        extra={"MobileVersion": "No", "MFAUsed": "No", "SamlProviderArn": provider},
        kind_is="human",
    )
    anchor = aws.console(then, login, caller.identity["arn"], says)
    aws.story.link(
        event(signed_on),
        event(saml),
        "caused",
        "inferred",
        "OKT-3",
        "Same user name and a few seconds; Okta's log does not hold the assertion's id.",
    )
    aws.story.link(
        event(saml),
        event(login),
        "caused",
        "inferred",
        "AWS-3",
        "Same role session and second; neither record names the other.",
    )
    return caller, anchor, signed_on, saml, login
