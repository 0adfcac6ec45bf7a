from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.sources.aws_cloudtrail import warnings
from workbench.sources.aws_cloudtrail.arns import kebab, read_arn, type_of_cloudformation
from workbench.sources.aws_cloudtrail.resources import read_details

ACCOUNT = "111122223333"
SECRET = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:db-AbCdEf"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci/Deploy"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"


def found(
    service: str, action: str, request: Any = None, response: Any = None, listed: Any = None
) -> list[Any]:
    details = read_details(service, action, request, response, listed)
    return [(item.type, item.name, item.role.value) for item in details.resources]


CASES: list[tuple[str, str, Any, Any, list[tuple[str | None, str, str]]]] = [
    (
        "secretsmanager",
        "GetSecretValue",
        {"secretId": "db"},
        None,
        [("secretsmanager:secret", "db", "secret")],
    ),
    (
        "secretsmanager",
        "CreateSecret",
        {"name": "db", "clientRequestToken": "x"},
        {"arn": SECRET},
        [("secretsmanager:secret", SECRET, "secret")],
    ),
    (
        "secretsmanager",
        "BatchGetSecretValue",
        {"filters": [{"key": "name", "values": ["db"]}], "secretIdList": ["a", "b"]},
        None,
        [("secretsmanager:secret", "a", "secret"), ("secretsmanager:secret", "b", "secret")],
    ),
    ("ssm", "GetParameter", {"name": "/a"}, None, [("ssm:parameter", "/a", "target")]),
    (
        "ssm",
        "GetParameter",
        {"name": "/a", "withDecryption": True},
        None,
        [("ssm:parameter", "/a", "secret")],
    ),
    (
        "ssm",
        "GetParameters",
        {"names": ["/a", "/b"], "withDecryption": True},
        None,
        [("ssm:parameter", "/a", "secret"), ("ssm:parameter", "/b", "secret")],
    ),
    (
        "ssm",
        "SendCommand",
        {"instanceIds": ["i-1"], "documentName": "AWS-RunShellScript"},
        {"command": {"commandId": "c-1", "instanceIds": ["i-1"]}},
        [
            ("ec2:instance", "i-1", "target"),
            ("ssm:document", "AWS-RunShellScript", "source"),
            ("ssm:command", "c-1", "target"),
        ],
    ),
    (
        "ssm",
        "SendCommand",
        {"targets": [{"key": "InstanceIds", "values": ["i-1"]}, {"key": "tag:Name", "values": ["web"]}]},
        None,
        [("ec2:instance", "i-1", "target")],
    ),
    (
        "ssm",
        "StartSession",
        {"target": "i-1"},
        {"sessionId": "s-1"},
        [("ec2:instance", "i-1", "target"), ("ssm:session", "s-1", "target")],
    ),
    (
        "iam",
        "AttachUserPolicy",
        {"userName": "bob", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        None,
        [
            ("iam:user", "bob", "target"),
            ("iam:policy", "arn:aws:iam::aws:policy/AdministratorAccess", "source"),
        ],
    ),
    (
        "iam",
        "DeletePolicy",
        {"policyArn": f"arn:aws:iam::{ACCOUNT}:policy/p"},
        None,
        [("iam:policy", f"arn:aws:iam::{ACCOUNT}:policy/p", "target")],
    ),
    (
        "iam",
        "AddUserToGroup",
        {"userName": "bob", "groupName": "admins"},
        None,
        [("iam:user", "bob", "grantee"), ("iam:group", "admins", "target")],
    ),
    (
        "iam",
        "CreateAccessKey",
        {"userName": "bob"},
        {"accessKey": {"accessKeyId": "AKIAX", "userName": "bob", "status": "Active"}},
        [("iam:user", "bob", "grantee"), ("iam:access-key", "AKIAX", "target")],
    ),
    (
        # A role and a profile of one name are two things.
        "iam",
        "AddRoleToInstanceProfile",
        {"instanceProfileName": "web", "roleName": "web"},
        None,
        [("iam:instance-profile", "web", "target"), ("iam:role", "web", "source")],
    ),
    (
        "sts",
        "AssumeRole",
        {"roleArn": ROLE, "roleSessionName": "x"},
        {
            "credentials": {"accessKeyId": "ASIAX", "sessionToken": "t"},
            "assumedRoleUser": {"arn": "arn:aws:sts::1:assumed-role/a/x"},
        },
        [("iam:role", ROLE, "target"), ("sts:temporary-key", "ASIAX", "target")],
    ),
    (
        "ec2",
        "ModifySnapshotAttribute",
        {
            "snapshotId": "snap-1",
            "createVolumePermission": {"add": {"items": [{"userId": "999988887777"}, {"group": "all"}]}},
        },
        None,
        [
            ("ec2:snapshot", "snap-1", "target"),
            ("aws:account", "999988887777", "grantee"),
            ("aws:group", "all", "grantee"),
        ],
    ),
    (
        "rds",
        "ModifyDBSnapshotAttribute",
        {"dBSnapshotIdentifier": "s", "attributeName": "restore", "valuesToAdd": ["999988887777"]},
        None,
        [("rds:snapshot", "s", "target"), ("aws:account", "999988887777", "grantee")],
    ),
    (
        "ec2",
        "DescribeInstances",
        {
            "instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]},
            "filterSet": {"items": [{"name": "vpc-id", "valueSet": {"items": [{"value": "vpc-1"}]}}]},
        },
        None,
        [("ec2:instance", "i-1", "target"), ("ec2:instance", "i-2", "target")],
    ),
    (
        "ec2",
        "DeleteFlowLogs",
        {"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": "fl-1"}}},
        None,
        [("ec2:vpc-flow-log", "fl-1", "target")],
    ),
    (
        "ec2",
        "RunInstances",
        {
            "instancesSet": {"items": [{"imageId": "ami-1", "minCount": 1}]},
            "subnetId": "subnet-1",
            "iamInstanceProfile": {"name": "web"},
            "clientToken": "x",
        },
        {"instancesSet": {"items": [{"instanceId": "i-1", "imageId": "ami-1", "vpcId": "vpc-1"}]}},
        [
            ("ec2:image", "ami-1", "source"),
            ("ec2:subnet", "subnet-1", "source"),
            ("iam:instance-profile", "web", "source"),
            ("ec2:instance", "i-1", "target"),
        ],
    ),
    (
        "ec2",
        "CreateRoute",
        {"routeTableId": "rtb-1", "gatewayId": "igw-1"},
        None,
        [("ec2:route-table", "rtb-1", "target"), ("ec2:gateway", "igw-1", "source")],
    ),
    (
        "kms",
        "Decrypt",
        {"encryptionContext": {"SecretARN": SECRET, "SecretVersionId": "v"}},
        None,
        [("secretsmanager:secret", SECRET, "secret")],
    ),
    (
        "kms",
        "CreateGrant",
        {"keyId": KEY, "granteePrincipal": ROLE},
        None,
        [("kms:key", KEY, "target"), ("iam:role", ROLE, "grantee")],
    ),
    (
        "lambda",
        "AddPermission",
        {"functionName": "f", "principal": "*"},
        None,
        [("lambda:function", "f", "target"), ("aws:principal", "*", "grantee")],
    ),
    (
        "lambda",
        "CreateFunction",
        {"functionName": "f", "role": ROLE, "code": {"s3Bucket": "b"}},
        {"functionName": "f", "functionArn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f", "role": ROLE},
        [
            ("iam:role", ROLE, "source"),
            ("s3:bucket", "b", "source"),
            ("lambda:function", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f", "target"),
        ],
    ),
    ("cloudtrail", "StopLogging", {"name": "main"}, None, [("cloudtrail:trail", "main", "target")]),
    (
        "cloudtrail",
        "PutEventSelectors",
        {"trailName": "main", "eventSelectors": [{"readWriteType": "ReadOnly"}]},
        None,
        [("cloudtrail:trail", "main", "target")],
    ),
    (
        "s3",
        "GetObject",
        {"bucketName": "b", "key": "a/c.txt", "Host": "h"},
        None,
        [("s3:bucket", "b", "target"), ("s3:object", "b/a/c.txt", "target")],
    ),
    (
        "s3",
        "PutBucketAcl",
        {
            "bucketName": "b",
            "AccessControlPolicy": {
                "AccessControlList": {
                    "Grant": [{"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}}]
                }
            },
        },
        None,
        [
            ("s3:bucket", "b", "target"),
            ("aws:principal", "http://acs.amazonaws.com/groups/global/AllUsers", "grantee"),
        ],
    ),
    (
        "newservice",
        "UpdateWidget",
        {"widgetId": "w-1", "clientToken": "x", "roleArn": ROLE},
        None,
        [("newservice:widget", "w-1", "target"), ("iam:role", ROLE, "source")],
    ),
    (
        "newservice",
        "UpdateThing",
        {"name": "n", "nested": {"deeper": {"thingId": "t"}}},
        None,
        [(None, "n", "target")],
    ),
]


@pytest.mark.parametrize(("service", "action", "request_", "response", "expected"), CASES)
def test_resources_and_roles(
    service: str, action: str, request_: Any, response: Any, expected: list[Any]
) -> None:
    assert sorted(found(service, action, request_, response), key=str) == sorted(expected, key=str)


def test_the_list_gives_full_names_and_the_request_the_roles() -> None:
    listed = [
        {"ARN": f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/app/db", "accountId": ACCOUNT},
        {"ARN": KEY, "accountId": ACCOUNT, "type": "AWS::KMS::Key"},
    ]
    details = read_details("ssm", "GetParameter", {"name": "/app/db", "withDecryption": True}, None, listed)
    assert [(item.type, item.name, item.role, item.account) for item in details.resources] == [
        ("ssm:parameter", f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/app/db", "secret", ACCOUNT),
        ("kms:key", KEY, "target", ACCOUNT),
    ]


def test_a_prefix_is_listed_as_one() -> None:
    listed = [{"type": "AWS::S3::Object", "ARNPrefix": "arn:aws:s3:::b/"}]
    assert found("s3", "ListObjects", None, None, listed)[0][0] in ("s3:object-prefix", "s3:object")


def test_more_than_the_cap_is_said() -> None:
    details = read_details(
        "ec2", "TerminateInstances", {"instanceIds": [f"i-{n}" for n in range(5_000)]}, None, None
    )
    assert len(details.resources) == 500
    assert details.warnings == (warnings.TOO_MANY_RESOURCES,)


def test_oddities_are_said() -> None:
    def odd(request: Any, response: Any = None, listed: Any = None) -> tuple[str, ...]:
        return read_details("ssm", "PutParameter", request, response, listed).warnings

    assert odd({"name": "/a", "value": "HIDDEN_DUE_TO_SECURITY_REASONS"}) == (warnings.REDACTED,)
    assert odd({"tags": [{"key": "HIDDEN_DUE_TO_SECURITY_REASONS"}]}) == (warnings.REDACTED,)
    assert odd({"omitted": True, "originalSize": 200_000}) == (warnings.OMITTED,)
    assert odd([1, 2]) == (warnings.unreadable("requestParameters"),)
    assert odd(None, 7) == (warnings.unreadable("responseElements"),)
    assert odd(None, None, ["x"]) == (warnings.unreadable("resources"),)
    assert odd({"name": "x" * 3_000}) == (warnings.LONG_RESOURCE_NAME,)
    assert odd({"name": "/a"}) == ()


def test_a_sign_in_answers_in_the_response() -> None:
    assert read_details("signin", "ConsoleLogin", None, {"ConsoleLogin": "Failure"}, None).answer == "Failure"
    assert read_details("signin", "CheckMfa", None, {"CheckMfa": "Success"}, None).answer == "Success"
    assert read_details("iam", "CreateUser", None, {"status": "Success"}, None).answer is None


@pytest.mark.parametrize(
    ("text", "kind", "account"),
    [
        ("arn:aws:iam::111122223333:role/a/b", "iam:role", "111122223333"),
        ("arn:aws:s3:::bucket", "s3:bucket", None),
        ("arn:aws:s3:::bucket/key", "s3:object", None),
        ("arn:aws:s3:eu-west-1:111122223333:accesspoint/x", "s3:accesspoint", "111122223333"),
        ("arn:aws:sns:eu-west-1:111122223333:topic", "sns:topic", "111122223333"),
        ("arn:aws:logs:eu-west-1:111122223333:log-group:/a", "logs:log-group", "111122223333"),
        ("arn:aws:iam::aws:policy/X", "iam:policy", None),
    ],
)
def test_arns(text: str, kind: str, account: str | None) -> None:
    arn = read_arn(text)
    assert arn is not None
    assert (arn.type, arn.account) == (kind, account)


def test_small_helpers() -> None:
    assert kebab("TrustAnchor") == "trust-anchor"
    assert kebab("dBInstance") == "d-binstance"
    assert type_of_cloudformation("AWS::S3::Object") == "s3:object"
    assert type_of_cloudformation("S3 object") is None


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just("arn:aws:iam::1:role/x")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(
                st.text(),
                st.sampled_from(["instanceId", "items", "name", "ARN", "accountId", "type", "key", "bucketName",
                                 "encryptionContext", "Grantee", "createVolumePermission", "userId", "targets"]),
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=16,
)  # fmt: skip


@given(
    st.sampled_from(["s3", "ec2", "iam", "sts", "ssm", "kms", "signin", "other", ""]),
    st.one_of(
        st.text(), st.sampled_from(["RunInstances", "AttachRolePolicy", "CreateSecret", "PutParameter"])
    ),
    JSON,
    JSON,
    JSON,
)
def test_nothing_raises_and_nothing_is_invented(
    service: str, action: str, request: Any, response: Any, listed: Any
) -> None:
    details = read_details(service, action, request, response, listed)
    written = repr((request, response, listed))
    for resource in details.resources:
        parts = resource.name.split("/", 1) if resource.type == "s3:object" else [resource.name]
        assert all(
            repr(part)[1:-1] in written or part in str((request, response, listed)) for part in parts if part
        )
