"""What acts in AWS leave behind: each kind is found, said in words, and recognised as undone by what undoes it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workbench.changes.aws import statements_of
from workbench.changes.aws_openings import PUSHED_FOR, wide
from workbench.changes.chain import chained
from workbench.changes.exposure import exposures
from workbench.clock import SECOND
from workbench.model.change import Change, Exposure, Placed
from workbench.model.event import Act, OutcomeStatus, Place, Resource, Verb

ACCOUNT, OUTSIDE = "111122223333", "444455556666"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/abc"
MFA = {"userName": "u", "serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/u"}
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/pp"
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ONE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}

Step = tuple[str, str, Any, Any, tuple[Resource, ...]]


def step(service: str, action: str, request: Any, response: Any = None, *resources: tuple[str, str]) -> Step:
    return service, action, request, response, tuple(Resource(kind, name) for kind, name in resources)


def changed(*steps: Step, verb: Verb = Verb.UPDATE) -> list[Change]:
    placed = []
    for event, (service, action, request, response, resources) in enumerate(steps, 1):
        document = {"requestParameters": request, "responseElements": response}
        act = Act(service, action, verb, "t")
        for position, each in enumerate(statements_of(document, act, resources, Place(ACCOUNT, "eu-west-1"))):
            placed.append(
                Placed(event, position, event * 10 * SECOND, False, OutcomeStatus.SUCCESS, f"m{event}", each)
            )
    return chained(placed)


def left(*steps: Step, verb: Verb = Verb.UPDATE, buckets: frozenset[str] = frozenset()) -> list[Exposure]:
    changes = changed(*steps, verb=verb)
    return exposures(changes, accounts=frozenset({ACCOUNT}), tampering=frozenset(), log_buckets=buckets)


def block(on: bool) -> dict[str, Any]:
    return {
        "bucketName": "b",
        "PublicAccessBlockConfiguration": {"BlockPublicAcls": on, "BlockPublicPolicy": True},
    }


def ingress(cidr: str) -> dict[str, str]:
    return {"groupId": "sg-3", "ipProtocol": "tcp", "cidrIp": cidr}


def trust(document: str) -> dict[str, str]:
    return {"roleName": "r", "policyDocument": document}


def lifecycle(days: int | None) -> dict[str, Any]:
    rule = {"ID": "x", "Status": "Enabled"} | ({} if days is None else {"Expiration": {"Days": days}})
    return {"bucketName": "b", "LifecycleConfiguration": {"Rule": rule}}


def rules(cidr: str) -> dict[str, Any]:
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv4": cidr}
    inner = {"SecurityGroupRuleId": "sgr-1", "SecurityGroupRule": rule}
    return {"ModifySecurityGroupRulesRequest": {"GroupId": "sg-3", "SecurityGroupRule": inner}}


URL = {"functionName": "f", "authType": "NONE"}
FUNCTION = ("lambda:function", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f")
INSTANCE = ("ec2:instance", "i-0123456789abcdef0")
GROUP = ("ec2:security-group", "sg-3")

UNDONE = [
    (
        step("iam", "CreatePolicyVersion", {"policyArn": POLICY, "policyDocument": json.dumps(ALL), "setAsDefault": True},
             {"policyVersion": {"versionId": "v2"}}, ("iam:policy", POLICY)),
        step("iam", "CreatePolicyVersion", {"policyArn": POLICY, "policyDocument": json.dumps(ONE), "setAsDefault": True},
             {"policyVersion": {"versionId": "v3"}}, ("iam:policy", POLICY)),
        "grant", "allow * on *",
    ),
    (
        step("iam", "DeleteRolePermissionsBoundary", {"roleName": "r"}, None, ("iam:role", "r")),
        step("iam", "PutRolePermissionsBoundary", {"roleName": "r", "permissionsBoundary": POLICY}, None, ("iam:role", "r")),
        "grant", "boundary was taken away",
    ),
    (
        step("lambda", "CreateFunctionUrlConfig", URL, {"functionUrl": "https://x/"}, FUNCTION),
        step("lambda", "DeleteFunctionUrlConfig", {"functionName": "f"}, None, FUNCTION),
        "shared", "https://x/",
    ),
    (
        step("s3", "DeleteBucketPublicAccessBlock", {"bucketName": "b"}, None, ("s3:bucket", "b")),
        step("s3", "PutBucketPublicAccessBlock", block(True), None, ("s3:bucket", "b")),
        "shared", "no longer blocked",
    ),
    (
        step("s3", "PutBucketPublicAccessBlock", block(False), None, ("s3:bucket", "b")),
        step("s3", "PutBucketPublicAccessBlock", block(True), None, ("s3:bucket", "b")),
        "shared", "BlockPublicAcls is off",
    ),
    (
        step("kms", "CreateGrant", {"keyId": KEY, "granteePrincipal": f"arn:aws:iam::{OUTSIDE}:root", "operations": ["Decrypt"]},
             {"grantId": "g1"}, ("kms:key", KEY)),
        step("kms", "RevokeGrant", {"keyId": KEY, "grantId": "g1"}, None, ("kms:key", KEY)),
        "shared", "Decrypt",
    ),
    (
        step("ec2", "ModifySecurityGroupRules", rules("0.0.0.0/0"), None, GROUP),
        step("ec2", "ModifySecurityGroupRules", rules("10.0.0.0/8"), None, GROUP),
        "network", "tcp/22 0.0.0.0/0",
    ),
    (
        step("ec2", "AuthorizeSecurityGroupIngress", ingress("128.0.0.0/1"), None, GROUP),
        step("ec2", "RevokeSecurityGroupIngress", ingress("128.0.0.0/1"), None, GROUP),
        "network", "half of all addresses",
    ),
    (
        step("iam", "DeactivateMFADevice", MFA, None, ("iam:user", "u")),
        step("iam", "EnableMFADevice", MFA, None, ("iam:user", "u")),
        "credential", "no longer takes the MFA device",
    ),
    (
        step("ec2", "EnableSerialConsoleAccess", {}, None),
        step("ec2", "DisableSerialConsoleAccess", {}, None),
        "network", "serial consoles",
    ),
    (
        step("lambda", "UpdateFunctionConfiguration", {"functionName": "f", "layers": ["l:1"]}, None, FUNCTION),
        step("lambda", "UpdateFunctionConfiguration", {"functionName": "f", "layers": ["l:2"]}, None, FUNCTION),
        "persistence", "layer l:1",
    ),
    (
        step("iam", "UpdateAssumeRolePolicy", trust("HIDDEN_DUE_TO_SECURITY_REASONS"), None, ("iam:role", "r")),
        step("iam", "UpdateAssumeRolePolicy", trust(json.dumps(ONE)), None, ("iam:role", "r")),
        "trust", "cannot be judged",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("opens", "closes", "kind", "words"), UNDONE, ids=lambda one: str(one)[:60])
def test_what_is_opened_is_listed_until_it_is_closed(
    opens: Step, closes: Step, kind: str, words: str
) -> None:
    (open_,) = left(opens)
    assert (open_.kind, open_.undone_by) == (kind, None)
    assert words in open_.what
    first, *_ = left(opens, closes)
    assert (first.what, first.undone_by) == (open_.what, 2)
    # Doing the same again closes nothing.
    assert left(opens, opens)[0].undone_by is None


def test_an_identity_provider_of_either_kind_is_a_new_resource() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/evil.example"
    made = step(
        "iam",
        "CreateOpenIDConnectProvider",
        {"url": "https://evil.example"},
        None,
        ("iam:oidc-provider", arn),
    )
    gone = step(
        "iam",
        "DeleteOpenIDConnectProvider",
        {"openIDConnectProviderArn": arn},
        None,
        ("iam:oidc-provider", arn),
    )
    assert [each.what for each in left(made)] == ["a new identity provider whose tokens are trusted"]
    assert [each.undone_by for each in left(made, gone, verb=Verb.DELETE)] == [2]


def test_code_and_user_data_are_undone_only_by_what_was_there_before() -> None:
    def code(value: str) -> Step:
        request = {"functionName": "f", "publish": False}
        return step("lambda", "UpdateFunctionCode", request, {"codeSha256": value}, FUNCTION)

    assert [each.undone_by for each in left(code("a"), code("b"), code("a"))] == [None, 3, None]
    data = step(
        "ec2", "ModifyInstanceAttribute", {"instanceId": INSTANCE[1], "userData": "x"}, None, INSTANCE
    )
    (found,) = left(data)
    assert (found.kind, found.undone_by) == ("persistence", None)
    made = step("ec2", "RunInstances", {"userData": "x"}, None, INSTANCE)
    assert left(made) == []


def test_a_version_of_which_the_case_does_not_know_what_it_allows_undoes_nothing_for_certain() -> None:
    opens = UNDONE[0][0]
    other = step(
        "iam",
        "SetDefaultPolicyVersion",
        {"policyArn": POLICY, "versionId": "v1"},
        None,
        ("iam:policy", POLICY),
    )
    first, second = left(opens, other)
    assert (first.undone_by, first.untold) == (None, True)
    assert "cannot be judged" in second.what


def test_a_grant_to_an_own_account_and_an_own_network_are_no_exposures() -> None:
    own = {"keyId": KEY, "granteePrincipal": f"arn:aws:iam::{ACCOUNT}:role/x", "operations": ["Decrypt"]}
    assert left(step("kms", "CreateGrant", own, {"grantId": "g"}, ("kms:key", KEY))) == []
    assert [wide(each) for each in ("10.0.0.0/8", "fc00::/7", "203.0.113.0/24", "sg-1", "::1")] == [None] * 5
    assert all(wide(each) for each in ("0.0.0.0/0", "::/0", "1.2.3.4/0", "0.0.0.0/1", "2000::/3"))


def test_every_pushed_key_is_listed_with_its_instance_and_ends_by_itself() -> None:
    def push(action: str, request: dict[str, str]) -> Step:
        request = {"instanceId": INSTANCE[1], "sSHPublicKey": "ssh-ed25519 AAAA x"} | request
        return step("ec2-instance-connect", action, request, {"success": True}, INSTANCE)

    ssh, serial = (
        push("SendSSHPublicKey", {"instanceOSUser": "ec2-user"}),
        push("SendSerialConsoleSSHPublicKey", {}),
    )
    found = left(ssh, ssh, serial, verb=Verb.ISSUE_CREDENTIAL)
    assert [each.kind for each in found] == ["credential"] * 3
    assert ["user ec2-user of instance i-0123456789abcdef0" in each.what for each in found] == [
        True,
        True,
        False,
    ]
    assert "serial console of instance" in found[2].what
    assert {each.undone_how for each in found} == {"expired 60 s later"}
    assert [(each.undone_at or 0) - (each.time or 0) for each in found] == [PUSHED_FOR] * 3
    # What was pushed before says nothing of what is there when the next one comes.
    changes = changed(ssh, ssh, verb=Verb.ISSUE_CREDENTIAL)
    assert {each.before_basis for each in changes} == {"unknown"}


def test_a_federation_token_is_a_credential() -> None:
    made = {"credentials": {"accessKeyId": "ASIAIOSFODNN7EXAMF01", "expiration": "Jan 6, 2026, 10:20:00 PM"}}
    (found,) = left(step("sts", "GetFederationToken", {"name": "fed"}, made), verb=Verb.ISSUE_CREDENTIAL)
    assert found.kind == "credential"
    assert "ASIAIOSFODNN7EXAMF01 of federated user fed" in found.what
    assert "Jan 6, 2026" in found.what


def test_records_that_expire_are_told_of_the_bucket_of_a_trail() -> None:
    short = step("s3", "PutBucketLifecycle", lifecycle(1), None, ("s3:bucket", "b"))
    ended = step("s3", "PutBucketLifecycle", lifecycle(None), None, ("s3:bucket", "b"))
    (found,) = left(short, ended, buckets=frozenset({"b"}))
    assert (found.kind, found.undone_by) == ("logging", 2)
    assert "expire 1 day" in found.what
    assert left(short, buckets=frozenset({"c"})) == []
