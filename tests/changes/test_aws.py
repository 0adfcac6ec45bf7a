"""What requests of AWS state about changes: nothing more than they say, about the resource that they are about."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workbench.changes.aws import MOST, looked_into, stated_by, statements_of
from workbench.changes.keys import aws_key, resource_key
from workbench.model.change import Operation, Shape, Statement
from workbench.model.event import Act, Place, Resource, ResourceRole, Verb

PLACE = Place("111122223333", "eu-west-1")


def stated(
    service: str,
    action: str,
    verb: Verb,
    request: Any,
    response: Any = None,
    *resources: Resource,
) -> list[Statement]:
    act = Act(service, action, verb, "test")
    document = {"requestParameters": request, "responseElements": response}
    return statements_of(document, act, resources, PLACE)


def essence(found: list[Statement]) -> list[tuple[str, str, str, Any]]:
    return [
        (
            each.resource.name,
            each.field,
            each.operation.value,
            None if each.after is None else json.loads(each.after),
        )
        for each in found
    ]


def test_the_arn_and_the_bare_name_are_one_role() -> None:
    one = aws_key("iam:role", "arn:aws:iam::111122223333:role/service/deploy", None, "us-east-1")
    assert one == aws_key("iam:role", "deploy", "111122223333", None)
    assert one != aws_key("iam:role", "deploy", "444455556666", None)
    secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db/main-AbC123"
    assert aws_key("secretsmanager:secret", secret, None, None) == aws_key(
        "secretsmanager:secret", "db/main", "111122223333", "eu-west-1"
    )
    function = "arn:aws:lambda:eu-west-1:111122223333:function:f:3"
    assert aws_key("lambda:function", function, None, None).name == "f"
    assert aws_key("s3:bucket", "arn:aws:s3:::b", "1", "x") == aws_key("s3:bucket", "b", None, None)
    role = Resource("iam:role", "arn:aws:iam::111122223333:role/service/deploy")
    assert resource_key("k8s.audit", role, Place(tenant="cluster")) == one
    other = Resource("kubernetes:roles", "arn:aws:iam::111122223333:role/deploy")
    assert resource_key("k8s.audit", other, Place(tenant="cluster")).family == "k8s.audit"


def test_a_name_of_google_cloud_is_of_what_it_names_and_not_of_what_is_monitored() -> None:
    account = "projects/p/serviceAccounts/ci@p.iam.gserviceaccount.com"
    for name, monitored, kind in (
        (f"{account}/keys/1", "iam:project", "iam:service_account_key"),
        (f"{account}/keys/1", "iam:service_account", "iam:service_account_key"),
        (account, "iam:service_account", "iam:service_account"),
        ("projects/p", "cloudresourcemanager:project", "cloudresourcemanager:project"),
        ("projects/_/buckets/b/objects/o", "storage:gcs_bucket", "storage:gcs_bucket"),
    ):
        assert resource_key("gcp.audit", Resource(monitored, name), Place("p")).kind == kind


@pytest.mark.parametrize(
    ("service", "action", "kind", "name"),
    [
        ("ec2", "DeleteTags", "ec2:instance", "i-0123456789abcdef0"),
        ("s3", "DeleteBucketCors", "s3:bucket", "b"),
        ("ec2", "DeleteNetworkAclEntry", "ec2:network-acl", "acl-0123456789abcdef0"),
        ("lambda", "DeleteFunctionUrlConfig", "lambda:function", "f"),
        ("elasticloadbalancing", "DeregisterTargets", "elasticloadbalancing:targetgroup", "t"),
        (
            "elasticloadbalancing",
            "DeregisterInstancesFromLoadBalancer",
            "elasticloadbalancing:loadbalancer",
            "l",
        ),
        ("ssm", "DeregisterTargetFromMaintenanceWindow", "ssm:maintenancewindow", "mw-1"),
    ],
)
def test_taking_a_part_away_does_not_delete_the_whole(
    service: str, action: str, kind: str, name: str
) -> None:
    found = stated(service, action, Verb.DELETE, {"name": name, "x": "y"}, None, Resource(kind, name))
    assert found
    assert {each.operation for each in found} <= {Operation.REMOVE, Operation.CLEAR}
    assert all(each.field for each in found)


@pytest.mark.parametrize(
    ("service", "action", "kind", "name"),
    [
        ("ec2", "TerminateInstances", "ec2:instance", "i-0123456789abcdef0"),
        ("ec2", "DeleteFlowLogs", "ec2:vpc-flow-log", "fl-0123456789abcdef0"),
        ("cloudtrail", "DeleteTrail", "cloudtrail:trail", "t"),
        ("rds", "DeleteDBInstance", "rds:db", "d"),
        ("ec2", "ReleaseAddress", "ec2:elastic-ip", "eipalloc-0123456789abcdef0"),
        ("s3", "DeleteBucket", "s3:bucket", "b"),
    ],
)
def test_deletions_of_whole_resources(service: str, action: str, kind: str, name: str) -> None:
    found = stated(service, action, Verb.DELETE, {"name": name}, None, Resource(kind, name))
    assert [(each.operation, each.field) for each in found] == [(Operation.DELETE, "")]


def test_several_instances_end_at_once() -> None:
    names = ["i-0123456789abcdef0", "i-0123456789abcdef1"]
    found = stated(
        "ec2",
        "TerminateInstances",
        Verb.DELETE,
        {"instancesSet": {"items": [{"instanceId": name} for name in names]}},
        {
            "instancesSet": {
                "items": [
                    {
                        "instanceId": name,
                        "currentState": {"name": "shutting-down"},
                        "previousState": {"name": "running"},
                    }
                    for name in names
                ]
            }
        },
        *(Resource("ec2:instance", name) for name in names),
    )
    assert sorted(essence(found)) == [
        (name, field, word, value)
        for name in names
        for field, word, value in (("", "delete", None), ("state", "set", "shutting-down"))
    ]
    assert {each.before for each in found if each.field} == {'"running"'}


def test_a_part_that_is_made_does_not_make_the_whole() -> None:
    key = Resource("kms:key", "arn:aws:kms:eu-west-1:111122223333:key/k")
    request = {
        "keyId": key.name,
        "granteePrincipal": "arn:aws:iam::999988887777:root",
        "operations": ["Decrypt"],
    }
    (grant,) = stated("kms", "CreateGrant", Verb.DELEGATE, request, {"grantId": "g1"}, key)
    assert (grant.field, grant.operation) == ("grant g1", Operation.SET)
    entry = stated(
        "ec2", "CreateNetworkAclEntry", Verb.CREATE, {"networkAclId": "acl-0123456789abcdef0", "ruleNumber": 1}, None,
        Resource("ec2:network-acl", "acl-0123456789abcdef0"),
    )  # fmt: skip
    assert [each.operation for each in entry] == [Operation.SET]


def test_what_a_failed_request_without_parameters_was_about_is_not_guessed() -> None:
    assert stated("iam", "AttachRolePolicy", Verb.DELEGATE, None) == []
    assert stated("ssm", "PutParameter", Verb.UPDATE, None) == []
    source = Resource("ec2:snapshot", "snap-0123456789abcdef0", ResourceRole.SOURCE)
    assert Operation.CREATE not in {
        each.operation for each in stated("ec2", "CreateVolume", Verb.CREATE, {"x": 1}, None, source)
    }


def test_policies_in_requests_are_policies() -> None:
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    bucket = Resource("s3:bucket", "b")
    (policy,) = stated(
        "s3", "PutBucketPolicy", Verb.DELEGATE, {"bucketName": "b", "bucketPolicy": document}, None, bucket
    )
    assert (policy.field, policy.shape) == ("bucket policy", Shape.POLICY)
    queue = Resource("sqs:queue", "q")
    (policy,) = stated(
        "sqs",
        "SetQueueAttributes",
        Verb.UPDATE,
        {"queueUrl": "q", "policy": json.dumps(document)},
        None,
        queue,
    )
    assert policy.shape is Shape.POLICY


def test_withheld_values_are_not_stated() -> None:
    request = {"name": "/p", "value": "HIDDEN_DUE_TO_SECURITY_REASONS"}
    (value,) = stated("ssm", "PutParameter", Verb.UPDATE, request, None, Resource("ssm:parameter", "/p"))
    assert (value.field, value.after) == ("value", None)
    assert value.remark


def test_rules_of_security_groups_in_both_forms() -> None:
    group = Resource("ec2:security-group", "sg-0123456789abcdef0")
    new = {
        "groupId": group.name,
        "ipPermissions": {
            "items": [
                {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "groups": {},
                 "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0", "description": "x"}]}},
                {"ipProtocol": "-1", "fromPort": 0, "toPort": 0, "ipv6Ranges": {"items": [{"cidrIpv6": "::/0"}]}},
                {"ipProtocol": "udp", "fromPort": 1, "toPort": 9, "groups": {"items": [{"groupId": "sg-1"}]}},
            ]
        },
    }  # fmt: skip
    old = {
        "groupId": group.name,
        "ipProtocol": "tcp",
        "fromPort": 22,
        "toPort": 22,
        "cidrIp": "0.0.0.0/0",
        "ipPermissions": {},
    }
    added = stated("ec2", "AuthorizeSecurityGroupIngress", Verb.UPDATE, new, None, group)
    removed = stated("ec2", "RevokeSecurityGroupIngress", Verb.DELETE, old, None, group)
    assert [json.loads(each.after or "") for each in added] == [
        "tcp/22 0.0.0.0/0",
        "all ::/0",
        "udp/1-9 sg-1",
    ]
    assert removed[0].after == added[0].after
    assert (removed[0].operation, removed[0].field) == (Operation.REMOVE, "inbound rules")


def test_a_record_with_very_many_statements_says_what_is_left_out() -> None:
    request = {f"p{number}": number for number in range(MOST + 5)}
    found = stated("ecs", "UpdateService", Verb.UPDATE, request, None, Resource("ecs:service", "s"))
    assert len(found) == MOST
    assert "6 " not in (found[0].remark or "")
    assert "further statements" in (found[-1].remark or "")


def test_records_that_cannot_say_what_changed_are_not_read_again() -> None:
    assert not looked_into(Act("s3", "PutObject", Verb.CREATE, "t", category="Data"))
    assert looked_into(Act("s3", "PutObjectAcl", Verb.DELEGATE, "t", category="Data"))
    assert not looked_into(Act("sts", "AssumeRole", Verb.ISSUE_CREDENTIAL, "t"))
    assert not looked_into(Act("iam", "GetRole", Verb.READ, "t"))
    assert looked_into(Act("sts", "GetFederationToken", Verb.ISSUE_CREDENTIAL, "t"))
    assert looked_into(Act("iam", "DeactivateMFADevice", Verb.UNCLASSIFIED, "t"))
    assert not looked_into(Act("iam", "SomethingNew", Verb.UNCLASSIFIED, "t"))
    assert looked_into(Act("cloudtrail", "StopLogging", Verb.OTHER, "t", tampers_logging=True))


def test_the_code_of_a_function_is_known_by_the_hash_that_the_answer_gives() -> None:
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:f"
    function = Resource("lambda:function", arn, ResourceRole.TARGET)
    bucket = Resource("s3:bucket", "b", ResourceRole.SOURCE)
    made = stated(
        "lambda", "CreateFunction", Verb.CREATE,
        {"functionName": "f", "runtime": "python3.12", "code": {"s3Bucket": "b"}}, {"codeSha256": "one="}, function, bucket,
    )  # fmt: skip
    assert essence(made)[0] == ("f", "", "create", None)
    assert ("f", "code SHA-256", "set", "one=") in essence(made)
    assert ("f", "code location", "set", {"s3Bucket": "b"}) in essence(made)
    request = {"functionName": arn, "publish": True, "dryRun": False}
    answer = {"codeSha256": "two=", "version": "2"}
    changed = stated("lambda", "UpdateFunctionCode", Verb.UPDATE, request, answer, function)
    uploaded = ("f", "code location", "set", "sent with the request (ZipFile)")
    assert essence(changed) == [
        uploaded, ("f", "code SHA-256", "set", "two="), ("f", "published version", "set", "2")
    ]  # fmt: skip
    place, *unstated = stated("lambda", "UpdateFunctionCode", Verb.UPDATE, request, None, function)
    assert essence([place]) == [uploaded]
    assert [(each.field, each.after, each.remark) for each in unstated] == [
        ("code SHA-256", None, "the record holds no value"),
        ("published version", None, "the record holds no value"),
    ]
    from_bucket = {"functionName": arn, "s3Bucket": "b", "s3Key": "k", "publish": False}
    moved = stated("lambda", "UpdateFunctionCode", Verb.UPDATE, from_bucket, answer, function)
    assert essence(moved)[0] == ("f", "code location", "set", {"s3Bucket": "b", "s3Key": "k"})
    assert not [each for each in moved if each.field in ("s3key", "published version")]
    tried = {**request, "dryRun": True, "s3Key": "k"}
    assert stated("lambda", "UpdateFunctionCode", Verb.UPDATE, tried, {"codeSha256": "two="}, function) == []


def test_values_that_are_in_the_request_under_another_name() -> None:
    bucket = Resource("s3:bucket", "b", ResourceRole.TARGET)
    for request, value in (
        ({"x-amz-acl": "public-read"}, "public-read"),
        ({"AccessControlPolicy": {"Owner": {"ID": "1"}}, "acl": ""}, {"Owner": {"ID": "1"}}),
        ({"x-amz-grant-read": "id=1"}, {"x-amz-grant-read": "id=1"}),
    ):
        found = stated("s3", "PutBucketAcl", Verb.DELEGATE, {"bucketName": "b", **request}, None, bucket)
        assert essence(found) == [("b", "acl", "set", value)]
    trail = Resource("cloudtrail:trail", "t", ResourceRole.TARGET)
    selectors = [{"fieldSelectors": [{"field": "eventCategory", "equals": ["Data"]}]}]
    request = {"trailName": "t", "advancedEventSelectors": selectors}
    found = stated("cloudtrail", "PutEventSelectors", Verb.UPDATE, request, None, trail)
    assert essence(found) == [("t", "event selectors", "set", selectors)]


def test_attributes_of_instances_are_the_same_wrapped_and_bare() -> None:
    instance = Resource("ec2:instance", "i-0dbc91f429e48eeed", ResourceRole.TARGET)
    bare = {"disableApiTermination": False, "imageId": "ami"}
    made = stated("ec2", "RunInstances", Verb.CREATE, bare, None, instance)
    wrapped = {"instanceId": instance.name, "disableApiTermination": {"value": False}}
    changed = stated("ec2", "ModifyInstanceAttribute", Verb.UPDATE, wrapped, None, instance)
    assert essence(changed) == [(instance.name, "disableapitermination", "set", False)]
    assert essence(changed)[0] in essence(made)


def test_an_answer_is_asked_for_only_where_it_decides() -> None:
    def refuse() -> object:
        raise AssertionError("asked")

    role = Resource("iam:role", "deploy", ResourceRole.TARGET)
    act = Act("iam", "PutRolePolicy", Verb.DELEGATE, "test")
    request = {"roleName": "deploy", "policyName": "p", "policyDocument": "{}"}
    assert len(stated_by(request, refuse, act, (role,), PLACE)) == 1
    with pytest.raises(AssertionError, match="asked"):
        stated_by({"userName": "u"}, refuse, Act("iam", "CreateAccessKey", Verb.CREATE, "test"), (), PLACE)
