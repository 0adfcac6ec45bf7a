"""What snapshots say of resources, in the fields that changes are stated in, so that one can be held against the other.

A snapshot is dated by what it says itself (AWS Config); the others carry no time and are dated by when they are said to have
been acquired, or by their file, which every change that rests on them repeats.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from workbench.changes.aws_network import rules_of
from workbench.changes.keys import aws_key
from workbench.changes.policy import document_of
from workbench.changes.values import set_text, text_of, value_of
from workbench.clock import to_micros
from workbench.model.change import Operation, ResourceKey, Shape, Statement

DATED_BY_FILE = "the snapshot carries no time of its own: it is dated by its file"
DATED_AS_SAID = (
    "the snapshot carries no time of its own: it is dated by when it is said to have been acquired"
)

_BASES = {
    DATED_BY_FILE: " (dated by its file)",
    DATED_AS_SAID: " (dated by when it is said to have been acquired)",
}


class Dated(NamedTuple):
    """What dates a snapshot that does not say its time itself.

    Attributes:
        time: When it was taken as far as known, microseconds UTC.
        basis: What says so, as a remark.
    """

    time: int | None
    basis: str


def dated(acquired: str | None, modified: int | None) -> Dated:
    """Return what dates a snapshot: when a person says it was acquired, else the date of its file.

    Args:
        acquired: As the person wrote it; of use only with a time of day. UTC without a zone.
        modified: Date of the file, microseconds UTC.
    """
    if acquired is not None and len(acquired.strip()) > len("2026-03-01"):
        try:
            moment = dt.datetime.fromisoformat(acquired.strip())
        except ValueError:
            return Dated(modified, DATED_BY_FILE)
        return Dated(to_micros(moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)), DATED_AS_SAID)
    return Dated(modified, DATED_BY_FILE)


def date_basis(caveats: Iterable[str]) -> str:
    """Return in words, in brackets, what dates a snapshot if it does not say so itself, by the caveats of what it saw."""
    return next((_BASES[each] for each in caveats if each in _BASES), "")


GROUPS = "groups"
"""The field of a user that lists the groups that a snapshot saw it in."""

Seen = tuple[int | None, list[Statement]]
"""When a snapshot was taken, microseconds UTC, and what it saw."""

_KUBERNETES = {
    "ClusterRoleBinding": "clusterrolebindings.rbac.authorization.k8s.io",
    "RoleBinding": "rolebindings.rbac.authorization.k8s.io",
    "ClusterRole": "clusterroles.rbac.authorization.k8s.io",
    "Role": "roles.rbac.authorization.k8s.io",
    "ServiceAccount": "serviceaccounts",
    "Pod": "pods",
    "Deployment": "deployments.apps",
    "DaemonSet": "daemonsets.apps",
    "StatefulSet": "statefulsets.apps",
    "CronJob": "cronjobs.batch",
    "Job": "jobs.batch",
    "ConfigMap": "configmaps",
    "Namespace": "namespaces",
    "MutatingWebhookConfiguration": "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "ValidatingWebhookConfiguration": "validatingwebhookconfigurations.admissionregistration.k8s.io",
}
"""Kinds of objects and the names of their collections, as audit events call them."""

_CONFIG_KINDS = {
    "AWS::IAM::Role": "iam:role",
    "AWS::IAM::User": "iam:user",
    "AWS::IAM::Group": "iam:group",
    "AWS::IAM::Policy": "iam:policy",
    "AWS::EC2::SecurityGroup": "ec2:security-group",
    "AWS::S3::Bucket": "s3:bucket",
    "AWS::KMS::Key": "kms:key",
    "AWS::CloudTrail::Trail": "cloudtrail:trail",
    "AWS::Lambda::Function": "lambda:function",
}


def observed(document: Mapping[str, Any], otherwise: Dated) -> Iterator[Seen]:
    """Yield what a snapshot saw, grouped by the time at which it saw it.

    Args:
        document: The snapshot.
        otherwise: What dates it where it does not say its time itself.
    """
    items = document.get("configurationItems")
    if isinstance(items, list):
        for each in items:
            if isinstance(each, dict):
                yield from _config_item(each, otherwise)
    elif "configurationItemCaptureTime" in document:
        yield from _config_item(document, otherwise)
    else:
        found = [*_of_terraform(document), *_of_aws(document), *_of_kubernetes(document)]
        if found:
            yield otherwise.time, [_remarked(each, otherwise.basis) for each in found]


def _remarked(statement: Statement, remark: str) -> Statement:
    return Statement(
        statement.resource,
        statement.title,
        statement.field,
        statement.operation,
        statement.shape,
        statement.after,
        remark=remark,
    )


def _folded(value: object) -> dict[str, Any]:
    """Return an object with keys in lower case: Config writes ``roleName`` where the command line writes ``RoleName``."""
    return {str(key).lower(): each for key, each in value.items()} if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, Any]]:
    return [_folded(each) for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _saw(key: ResourceKey, title: str, field: str, value: Any, shape: Shape = Shape.JSON) -> Statement:
    policy = document_of(value) if isinstance(value, str | dict) else None
    if policy is not None:
        return Statement(key, title, field, Operation.OBSERVE, Shape.POLICY, text_of(policy))
    text = set_text([text_of(each) for each in value]) if shape is Shape.SET else text_of(value)
    return Statement(key, title, field, Operation.OBSERVE, shape, text)


# AWS


def _config_item(item: Mapping[str, Any], otherwise: Dated) -> Iterator[Seen]:
    fields = _folded(item)
    kind = _CONFIG_KINDS.get(str(fields.get("resourcetype")))
    time = _time(fields.get("configurationitemcapturetime"))
    configuration = fields.get("configuration")
    if isinstance(configuration, str):
        configuration = value_of(configuration)
    name = fields.get("arn") or fields.get("resourcename") or fields.get("resourceid")
    if kind == "ec2:security-group":
        name = fields.get("resourceid") or name
    if kind is None or not isinstance(name, str):
        return
    account, region = fields.get("awsaccountid"), fields.get("awsregion")
    key = aws_key(kind, name, _text(account), _text(region))
    found = list(_principal(kind, key, name, _folded(configuration)))
    if kind == "ec2:security-group":
        found += _rules(key, name, _folded(configuration))
    policy = _folded(fields.get("supplementaryconfiguration")).get("bucketpolicy")
    if isinstance(policy, str):
        policy = value_of(policy)
    text = _folded(policy).get("policytext")
    if kind == "s3:bucket" and text:
        found.append(_saw(key, name, "bucket policy", text))
    if found:
        if time is None:
            yield otherwise.time, [_remarked(each, otherwise.basis) for each in found]
        else:
            yield time, found


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _time(value: object) -> int | None:
    if isinstance(value, int | float):
        return int(value * 1_000_000)
    if not isinstance(value, str):
        return None
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    return to_micros(moment) if moment.tzinfo else None


def _of_aws(document: Mapping[str, Any]) -> Iterator[Statement]:
    fields = _folded(document)
    for part, kind in (
        ("roledetaillist", "iam:role"),
        ("userdetaillist", "iam:user"),
        ("groupdetaillist", "iam:group"),
    ):
        for each in _objects(fields.get(part)):
            yield from _named_principal(kind, each)
    for part, kind in (("role", "iam:role"), ("user", "iam:user"), ("group", "iam:group")):
        if isinstance(fields.get(part), dict):
            yield from _named_principal(kind, _folded(fields[part]))
    for each in _objects(fields.get("roles")):
        yield from _named_principal("iam:role", each)
    for each in _objects(fields.get("policies")):
        yield from _managed_policy(each)
    if isinstance(fields.get("policy"), dict):
        yield from _managed_policy(_folded(fields["policy"]))
    for each in _objects(fields.get("securitygroups")):
        name, account = each.get("groupid"), _text(each.get("ownerid"))
        if isinstance(name, str):
            # The answer does not say of which region; its ARN does, where the command line is new enough to print it.
            arn = _text(each.get("securitygrouparn"))
            yield from _rules(aws_key("ec2:security-group", arn or name, account, None), arn or name, each)
    yield from _inline_answer(fields)


def _named_principal(kind: str, fields: Mapping[str, Any]) -> Iterator[Statement]:
    name = fields.get("arn")
    if isinstance(name, str):
        yield from _principal(kind, aws_key(kind, name, None, None), name, fields)


def _principal(kind: str, key: ResourceKey, title: str, fields: Mapping[str, Any]) -> Iterator[Statement]:
    """Yield what is said of a role, user or group, in the words of Config or of the command line."""
    if fields.get("assumerolepolicydocument"):
        yield _saw(key, title, "trust policy", fields["assumerolepolicydocument"])
    for part in ("rolepolicylist", "userpolicylist", "grouppolicylist"):
        for each in _objects(fields.get(part)):
            if isinstance(each.get("policyname"), str):
                yield _saw(key, title, f"inline policy {each['policyname']}", each.get("policydocument"))
    attached = fields.get("attachedmanagedpolicies")
    if isinstance(attached, list):
        arns = [each["policyarn"] for each in _objects(attached) if isinstance(each.get("policyarn"), str)]
        yield _saw(key, title, "attached policies", arns, Shape.SET)
    listed = fields.get("grouplist")
    if kind == "iam:user" and isinstance(listed, list):
        yield _saw(key, title, GROUPS, [each for each in listed if isinstance(each, str)], Shape.SET)
    boundary = _folded(fields.get("permissionsboundary")).get("permissionsboundaryarn")
    if isinstance(boundary, str):
        yield _saw(key, title, "permissions boundary", boundary)
    if kind == "iam:role" and fields.get("maxsessionduration") is not None:
        yield _saw(key, title, "maxsessionduration", fields["maxsessionduration"])
    if kind == "iam:policy":
        yield from _managed_policy({"arn": title, **fields})


def _managed_policy(fields: Mapping[str, Any]) -> Iterator[Statement]:
    name = fields.get("arn")
    if not isinstance(name, str):
        return
    key = aws_key("iam:policy", name, None, None)
    versions = _objects(fields.get("policyversionlist"))
    for each in versions:
        if isinstance(each.get("versionid"), str) and each.get("document"):
            yield _saw(key, name, f"version {each['versionid']}", each["document"])
    if isinstance(fields.get("defaultversionid"), str):
        yield _saw(key, name, "default version", fields["defaultversionid"])


def _inline_answer(fields: Mapping[str, Any]) -> Iterator[Statement]:
    """Yield the answer of ``aws iam get-role-policy``: it names the role and not the account, so it joins no account's role."""
    for part, kind in (("rolename", "iam:role"), ("username", "iam:user"), ("groupname", "iam:group")):
        name = fields.get(part)
        if isinstance(name, str) and isinstance(fields.get("policyname"), str):
            key = aws_key(kind, name, None, None)
            yield _saw(key, name, f"inline policy {fields['policyname']}", fields.get("policydocument"))
    for each in _objects(fields.get("accesskeymetadata")):
        name, number = each.get("username"), each.get("accesskeyid")
        if isinstance(name, str) and isinstance(number, str) and each.get("status") is not None:
            yield _saw(
                aws_key("iam:user", name, None, None), name, f"access key {number} status", each["status"]
            )


def _rules(key: ResourceKey, title: str, fields: Mapping[str, Any]) -> list[Statement]:
    found = []
    for part, field in (("ippermissions", "inbound rules"), ("ippermissionsegress", "outbound rules")):
        if isinstance(fields.get(part), list):
            rules = sorted(rules_of({"ippermissions": fields[part]}))
            found.append(_saw(key, title, field, rules, Shape.SET))
    return found


# Terraform


def _of_terraform(document: Mapping[str, Any]) -> Iterator[Statement]:
    resources = document.get("resources")
    if "terraform_version" not in document or not isinstance(resources, list):
        return
    for each in resources:
        if not isinstance(each, dict) or each.get("mode") != "managed":
            continue
        for instance in each.get("instances") or []:
            attributes = instance.get("attributes") if isinstance(instance, dict) else None
            if isinstance(attributes, dict):
                yield from _terraform(str(each.get("type")), attributes)


def _terraform(kind: str, attributes: Mapping[str, Any]) -> Iterator[Statement]:
    arn = attributes.get("arn")
    name = arn if isinstance(arn, str) else None
    if kind == "aws_iam_role" and name is not None:
        key = aws_key("iam:role", name, None, None)
        if attributes.get("assume_role_policy"):
            yield _saw(key, name, "trust policy", attributes["assume_role_policy"])
        managed = attributes.get("managed_policy_arns")
        if isinstance(managed, list):
            yield _saw(key, name, "attached policies", managed, Shape.SET)
        for each in _objects(attributes.get("inline_policy")):
            if each.get("name") and each.get("policy"):
                yield _saw(key, name, f"inline policy {each['name']}", each["policy"])
        if attributes.get("max_session_duration") is not None:
            yield _saw(key, name, "maxsessionduration", attributes["max_session_duration"])
    elif kind == "aws_iam_policy" and name is not None and attributes.get("policy"):
        # The state holds the default version and not which one it is.
        yield _saw(aws_key("iam:policy", name, None, None), name, "policy", attributes["policy"])
    elif kind == "aws_security_group" and name is not None:
        key = aws_key("ec2:security-group", name, None, None)
        for part, field in (("ingress", "inbound rules"), ("egress", "outbound rules")):
            listed = attributes.get(part)
            if isinstance(listed, list):
                yield _saw(key, name, field, sorted(_terraform_rules(listed)), Shape.SET)
    elif (
        kind == "aws_s3_bucket_policy"
        and isinstance(attributes.get("bucket"), str)
        and attributes.get("policy")
    ):
        bucket = attributes["bucket"]
        yield _saw(aws_key("s3:bucket", bucket, None, None), bucket, "bucket policy", attributes["policy"])


def _terraform_rules(listed: list[Any]) -> Iterator[str]:
    for each in listed:
        if isinstance(each, dict):
            permission = {
                "ipProtocol": each.get("protocol"),
                "fromPort": each.get("from_port"),
                "toPort": each.get("to_port"),
                "ipRanges": [{"cidrIp": one} for one in each.get("cidr_blocks") or []],
                "ipv6Ranges": [{"cidrIpv6": one} for one in each.get("ipv6_cidr_blocks") or []],
                "groups": [{"groupId": one} for one in each.get("security_groups") or []],
                "prefixListIds": [{"prefixListId": one} for one in each.get("prefix_list_ids") or []],
            }
            yield from rules_of({"ippermissions": [permission]})


# Kubernetes


def _of_kubernetes(document: Mapping[str, Any]) -> Iterator[Statement]:
    kind, metadata = document.get("kind"), document.get("metadata")
    if kind == "List" and isinstance(document.get("items"), list):
        for each in document["items"]:
            if isinstance(each, dict):
                yield from _of_kubernetes(each)
        return
    collection = _KUBERNETES.get(str(kind))
    if collection is None or not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str):
        return
    resource = collection.partition(".")[0]
    namespace = metadata.get("namespace")
    name = f"{resource}/{metadata['name']}"
    if isinstance(namespace, str) and namespace:
        name = f"namespaces/{namespace}/{name}"
    key = ResourceKey("k8s.audit", f"kubernetes:{collection}", name)
    for field, value in document.items():
        if field in ("kind", "apiVersion", "status", "metadata", "data", "stringData"):
            continue
        if isinstance(value, dict):
            for inner, each in value.items():
                yield _saw(key, name, f"/{field}/{inner}", each)
        elif isinstance(value, list) and field in ("subjects", "rules", "secrets", "imagePullSecrets"):
            yield _saw(key, name, f"/{field}", value, Shape.SET)
        else:
            yield _saw(key, name, f"/{field}", value)
