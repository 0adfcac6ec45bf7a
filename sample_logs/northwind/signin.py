"""Sign-ins: through SAML, with a second factor, and in vain."""

from __future__ import annotations

from dataclasses import replace

from shapes.cloudtrail import (
    Caller,
    RoleSession,
    console_session,
    credentials,
    iam_user,
    record,
    resource,
)

from northwind import world
from northwind.cast import OPERATIONS
from northwind.story import Story
from northwind.world import EAST, MAIN


def saml_sign_in(story: Story, label: str, clock: str, address: str, agent: str) -> tuple[Caller, list[str]]:
    """Add the federation of jdoe through SAML and the console sign-in that follows in the same second.

    Returns:
        The console session, and the names of both events, ``<label>-saml`` and ``<label>-console``.
    """
    provider = f"arn:aws:iam::{MAIN}:saml-provider/harbour-idp"
    key = world.access_key("ASIA", MAIN, f"{label}/saml")
    person = Caller(
        {
            "type": "SAMLUser",
            "principalId": f"{world.letters('saml/qualifier', 27, 'ABCDEFGHIJKLMNOPqrstuvwxyz012345')}=:jdoe",
            "userName": "jdoe",
            "identityProvider": f"{world.letters('saml/qualifier', 27, 'ABCDEFGHIJKLMNOPqrstuvwxyz012345')}=",
        },
        MAIN,
        "AWS Internal",
        "AWS Signin, aws-internal/3 aws-sdk-java/1.12.780 Linux/5.10.230 OpenJDK_64-Bit_Server_VM/25.432",
        over_network=False,
    )
    saml = record(
        f"{label}/saml",
        clock,
        person,
        "sts:AssumeRoleWithSAML",
        {
            "sAMLAssertionID": f"_{world.uuid(f'{label}/assertion')}",
            "roleSessionName": "jdoe",
            "sourceIdentity": "jdoe",
            "durationSeconds": 3600,
            "roleArn": OPERATIONS.arn,
            "principalArn": provider,
        },
        {
            "subjectType": "persistent",
            "issuer": "https://idp.northwind-harbour.example/saml",
            "credentials": credentials(key, f"{label}/saml", clock),
            "nameQualifier": person.identity["identityProvider"],
            "assumedRoleUser": {
                "assumedRoleId": f"{OPERATIONS.unique_id}:jdoe",
                "arn": OPERATIONS.session_arn("jdoe"),
            },
            "subject": "jdoe",
            "audience": "https://signin.aws.amazon.com/saml",
            "sourceIdentity": "jdoe",
        },
        resources=[
            resource("AWS::IAM::Role", OPERATIONS.arn, MAIN),
            resource("AWS::IAM::SAMLProvider", provider, MAIN),
        ],
    )
    session = RoleSession(
        OPERATIONS, "jdoe", key, clock, address, agent, extra={"sourceIdentity": "jdoe"}, console=True
    ).caller()
    without_key = {name: value for name, value in session.identity.items() if name != "accessKeyId"}
    login = record(
        f"{label}/console",
        clock,
        replace(session, identity=without_key),
        "signin:ConsoleLogin",
        None,
        {"ConsoleLogin": "Success"},
        read_only=False,
        event_type="AwsConsoleSignIn",
        extra={"MobileVersion": "No", "MFAUsed": "No", "SamlProviderArn": provider},
    )
    names = [f"{label}-saml", f"{label}-console"]
    story.key_event(names[0], saml, verb="issue_credential", kind="human")
    story.key_event(names[1], login, verb="authenticate", kind="human")
    return session, names


def failed_sign_ins(story: Story) -> None:
    """Add two wrong passwords for the emergency user, from the address that comes back later."""
    user = iam_user(MAIN, "break-glass", "", world.INTRUDER_BROWSER, world.REQUESTS)
    for number, clock in enumerate(("11:08:12", "11:08:40")):
        made = record(
            f"failed-login/{number}",
            clock,
            user,
            "signin:ConsoleLogin",
            None,
            {"ConsoleLogin": "Failure"},
            read_only=False,
            event_type="AwsConsoleSignIn",
            error=(None, "Failed authentication"),
            extra={
                "LoginTo": "https://console.aws.amazon.com/console/home",
                "MobileVersion": "No",
                "MFAUsed": "No",
            },
        )
        sentence = (
            "Somebody at 203.0.113.77 tries a password for break-glass and fails." if number == 0 else None
        )
        story.key_event(
            f"failed-login-{number + 1}", made, sentence, verb="authenticate", outcome="denied", kind=None
        )


def mfa_sign_in(story: Story, name: str, clock: str, agent: str) -> Caller:
    """Add an IAM user's console sign-in with a second factor, at the office. Returns the console session."""
    user = iam_user(MAIN, name, None, world.OFFICE, agent)
    check = record(
        f"{name}/mfa",
        world.later(clock, -11),
        iam_user(MAIN, name, "", world.OFFICE, agent),
        "signin:CheckMfa",
        None,
        {"CheckMfa": "Success"},
        read_only=False,
        event_type="AwsConsoleSignIn",
        extra={"MfaType": "Virtual MFA"},
    )
    login = record(
        f"{name}/login",
        clock,
        user,
        "signin:ConsoleLogin",
        None,
        {"ConsoleLogin": "Success"},
        read_only=False,
        event_type="AwsConsoleSignIn",
        extra={
            "LoginTo": f"https://{EAST}.console.aws.amazon.com/console/home?region={EAST}",
            "MobileVersion": "No",
            "MFAIdentifier": f"arn:aws:iam::{MAIN}:mfa/{name}",
            "MFAUsed": "Yes",
        },
    )
    story.add(check)
    story.key_event(f"login-{name}", login, verb="authenticate", kind="human")
    return console_session(user, clock, f"{name}/console", mfa=True)
