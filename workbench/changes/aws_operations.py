"""Operations of AWS that are unlike others: what each states is taken from its request and answer by a function of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from workbench.changes.aws_event import VALUE_ABSENT, WITHHELD, EventReader, Target, decoded, items
from workbench.changes.aws_network import rules_of
from workbench.changes.aws_tables import FEDERATED, PUSHED_KEY
from workbench.changes.keys import aws_key
from workbench.changes.values import text_of
from workbench.model.change import Operation, Statement

CODE = "code SHA-256"
"""The field of a function that names its code."""

CODE_LOCATION = "code location"
"""The field of a function that says where its code was taken from."""

UPLOADED = "sent with the request (ZipFile)"


def _iam_createaccesskey(event: EventReader) -> Iterator[Statement]:
    made = event.response.get("accesskey")
    holder = made if isinstance(made, dict) else {}
    name = event.request.get("username") or holder.get("userName")
    key = holder.get("accessKeyId")
    if not isinstance(name, str):
        return
    target = Target(aws_key("iam:user", name, event.place.account, None), name)
    if isinstance(key, str):
        yield event.state(target, "access keys", Operation.ADD, text_of(key))
        if isinstance(holder.get("status"), str):
            yield event.state(target, f"access key {key} status", Operation.SET, text_of(holder["status"]))
    else:
        yield event.state(target, "access keys", Operation.SET, remark=VALUE_ABSENT)


def _iam_createloginprofile(event: EventReader) -> Iterator[Statement]:
    target = event.named("iam:user", "username")
    if target is None:
        return
    yield event.state(target, "console password", Operation.SET, remark=WITHHELD)


def _iam_createpolicyversion(event: EventReader) -> Iterator[Statement]:
    target = event.named("iam:policy", "policyarn")
    if target is None:
        return
    version = event.response.get("policyversion")
    name = version.get("versionId") if isinstance(version, dict) else None
    if isinstance(name, str):
        yield event.value(target, f"version {name}", event.request.get("policydocument"))
    if event.request.get("setasdefault") in (True, "true") and isinstance(name, str):
        yield event.state(target, "default version", Operation.SET, text_of(name))


def _iam_createpolicy(event: EventReader) -> Iterator[Statement]:
    target = event.named("iam:policy", "policyname")
    if target is None:
        return
    yield event.state(target, "", Operation.CREATE, empty=True)
    yield event.value(target, "version v1", event.request.get("policydocument"))
    yield event.state(target, "default version", Operation.SET, text_of("v1"))


def _lambda_updatefunctioncode(event: EventReader) -> Iterator[Statement]:
    if event.request.get("dryrun") in (True, "true"):
        return  # validates the request and leaves the code as it is (Lambda API reference, UpdateFunctionCode)
    target = event.main()
    yield from _without_code(event, target)
    yield _code_location(event, target, event.request)
    yield from list(_code(event, target)) or [event.state(target, CODE, Operation.SET, remark=VALUE_ABSENT)]
    yield from _published(event, target)


def _lambda_createfunction(event: EventReader) -> Iterator[Statement]:
    target = event.main()
    yield event.state(target, "", Operation.CREATE)
    yield from _without_code(event, target)
    code = event.request.get("code")
    if isinstance(code, dict):
        yield _code_location(event, target, {str(key).lower(): each for key, each in code.items()})
    yield from _code(event, target)
    yield from _published(event, target)


_CODE_PARTS = {
    "s3bucket": "s3Bucket",
    "s3key": "s3Key",
    "s3objectversion": "s3ObjectVersion",
    "imageuri": "imageUri",
}
"""What names where the code of a function was taken from (Lambda API reference, FunctionCode and UpdateFunctionCode)."""


def _without_code(event: EventReader, target: Target) -> Iterator[Statement]:
    for each in event.set_fields(target):
        if each.field not in _CODE_PARTS and each.field not in ("code", "zipfile"):
            yield each


def _code_location(event: EventReader, target: Target, named: dict[str, Any]) -> Statement:
    """Return where the code was taken from, as a whole: what replaces it leaves nothing of the former place.

    Code that is neither in a bucket nor an image was sent with the request, and the log leaves it out.
    """
    where = {word: named[key] for key, word in _CODE_PARTS.items() if named.get(key) not in (None, "")}
    return event.state(target, CODE_LOCATION, Operation.SET, text_of(where or UPLOADED))


def _code(event: EventReader, target: Target) -> Iterator[Statement]:
    """Yield which code a function has now: the request leaves the code itself out, the answer gives its hash."""
    code = event.response.get("codesha256")
    if isinstance(code, str):
        yield event.state(target, CODE, Operation.SET, text_of(code))


def _published(event: EventReader, target: Target) -> Iterator[Statement]:
    """Yield the version that a request makes of the code beside changing it; only the answer says its number."""
    if event.request.get("publish") in (True, "true"):
        yield event.value(target, "published version", event.response.get("version"))


def _lambda_addpermission(event: EventReader) -> Iterator[Statement]:
    target = event.named("lambda:function", "functionname")
    if target is None:
        return
    name = event.request.get("statementid")
    statement = event.response.get("statement")
    if isinstance(statement, str):
        document: Any = {"Version": "2012-10-17", "Statement": [decoded(statement)]}
    else:
        document = {
            key: each for key, each in event.request.items() if key not in ("functionname", "statementid")
        }
    yield event.value(target, f"permission {name}", document)


def _s3_putbucketacl(event: EventReader) -> Iterator[Statement]:
    target = event.named("s3:bucket", "bucketname")
    if target is None:
        return
    # A canned list, one in the body, or grants in headers (S3 API reference, PutBucketAcl): one of the three.
    canned, body = event.request.get("x-amz-acl"), event.request.get("accesscontrolpolicy")
    granted = {key: each for key, each in event.request.items() if key.startswith("x-amz-grant-")}
    yield event.value(target, "acl", body or canned or granted or None)


def _cloudtrail_puteventselectors(event: EventReader) -> Iterator[Statement]:
    target = event.named("cloudtrail:trail", "trailname")
    if target is None:
        return
    # A trail has selectors of one kind: those of the other are overwritten (CloudTrail API reference, PutEventSelectors).
    value = event.request.get("eventselectors") or event.request.get("advancedeventselectors")
    yield event.value(target, "event selectors", value)


def _ec2_authorizesecuritygroupingress(event: EventReader) -> Iterator[Statement]:
    yield from _rules(event, "inbound rules", Operation.ADD)


def _ec2_authorizesecuritygroupegress(event: EventReader) -> Iterator[Statement]:
    yield from _rules(event, "outbound rules", Operation.ADD)


def _ec2_revokesecuritygroupingress(event: EventReader) -> Iterator[Statement]:
    yield from _rules(event, "inbound rules", Operation.REMOVE)


def _ec2_revokesecuritygroupegress(event: EventReader) -> Iterator[Statement]:
    yield from _rules(event, "outbound rules", Operation.REMOVE)


def _ec2_modifysecuritygrouprules(event: EventReader) -> Iterator[Statement]:
    """Yield what each rule is now. The request names rules by id and does not say whether they let in or out."""
    target = event.named("ec2:security-group", "groupid")
    for each in items(event.request.get("securitygrouprule")):
        if target is None or not isinstance(each, dict):
            continue
        fields = {str(key).lower(): value for key, value in each.items()}
        name, rule = fields.get("securitygroupruleid"), fields.get("securitygrouprule")
        if isinstance(name, str) and isinstance(rule, dict):
            for text in rules_of({str(key).lower(): value for key, value in rule.items()}):
                yield event.state(target, f"rule {name}", Operation.SET, text_of(text))


def _rules(event: EventReader, field: str, operation: Operation) -> Iterator[Statement]:
    target = event.main()
    for rule in rules_of(event.request):
        yield event.state(target, field, operation, text_of(rule))


def _ec2_modifysnapshotattribute(event: EventReader) -> Iterator[Statement]:
    yield from _shared(event, "createvolumepermission")


def _ec2_modifyimageattribute(event: EventReader) -> Iterator[Statement]:
    yield from _shared(event, "launchpermission")


def _shared(event: EventReader, key: str) -> Iterator[Statement]:
    target = event.main()
    permission = event.request.get(key)
    if not isinstance(permission, dict):
        yield from event.set_fields(target)
        return
    for word, operation in (("add", Operation.ADD), ("remove", Operation.REMOVE)):
        for each in items(permission.get(word)):
            who = next(iter(each.values()), None) if isinstance(each, dict) else each
            if isinstance(who, str):
                yield event.state(target, "shared with", operation, text_of(who))


def _rds_modifydbsnapshotattribute(event: EventReader) -> Iterator[Statement]:
    yield from _rds_shared(event)


def _rds_modifydbclustersnapshotattribute(event: EventReader) -> Iterator[Statement]:
    yield from _rds_shared(event)


def _rds_shared(event: EventReader) -> Iterator[Statement]:
    target = event.main()
    for word, operation in (("valuestoadd", Operation.ADD), ("valuestoremove", Operation.REMOVE)):
        for each in items(event.request.get(word)):
            yield event.state(target, "shared with", operation, text_of(each))


def _ec2_createtags(event: EventReader) -> Iterator[Statement]:
    tags = {
        each.get("key"): each.get("value")
        for each in items(event.request.get("tagset"))
        if isinstance(each, dict)
    }
    for each in event.resources:
        for key, value in tags.items():
            yield event.state(Target(event.key(each), each.name), f"tag {key}", Operation.SET, text_of(value))


def _ec2_createroute(event: EventReader) -> Iterator[Statement]:
    yield event.value(event.main(), f"route {_destination(event)}", event.request)


def _ec2_deleteroute(event: EventReader) -> Iterator[Statement]:
    yield event.state(event.main(), f"route {_destination(event)}", Operation.CLEAR)


def _destination(event: EventReader) -> str:
    return str(next((value for key, value in event.request.items() if key.startswith("destination")), ""))


def _ec2_runinstances(event: EventReader) -> Iterator[Statement]:
    made = [each for each in event.resources if each.type == "ec2:instance"]
    for each in made:
        target = Target(event.key(each), each.name)
        yield event.state(target, "", Operation.CREATE)
        for statement in event.set_fields(target):
            if statement.field not in ("instancesset", "mincount", "maxcount"):
                yield statement


def _kms_creategrant(event: EventReader) -> Iterator[Statement]:
    name = event.response.get("grantid")
    wanted = {key: each for key, each in event.request.items() if key not in ("keyid", "granttokens")}
    target = event.named("kms:key", "keyid") or event.main()
    yield event.value(target, f"grant {name}" if isinstance(name, str) else "grant", wanted)


def _kms_grant_gone(event: EventReader) -> Iterator[Statement]:
    name = event.request.get("grantid")
    if isinstance(name, str):
        target = event.named("kms:key", "keyid") or event.main()
        yield event.state(target, f"grant {name}", Operation.CLEAR)


def _lambda_functionurl(event: EventReader) -> Iterator[Statement]:
    """Yield who may call a function by an address of its own (Lambda API reference, CreateFunctionUrlConfig)."""
    target = event.named("lambda:function", "functionname")
    if target is not None:
        told = {
            key: value for key, value in event.request.items() if key not in ("functionname", "qualifier")
        }
        url = event.response.get("functionurl")
        yield event.value(target, "function URL", {**told, "url": url} if isinstance(url, str) else told)


def _lambda_functionurl_gone(event: EventReader) -> Iterator[Statement]:
    target = event.named("lambda:function", "functionname")
    if target is not None:
        yield event.state(target, "function URL", Operation.CLEAR)


def _instance_connect(event: EventReader) -> Iterator[Statement]:
    """Yield which public key was pushed to an instance, for which user (EC2 Instance Connect API reference)."""
    target = event.named("ec2:instance", "instanceid")
    if target is not None:
        told = {"user": event.request.get("instanceosuser"), "key": event.request.get("sshpublickey")}
        yield event.value(target, PUSHED_KEY, {name: value for name, value in told.items() if value})


def _sts_getfederationtoken(event: EventReader) -> Iterator[Statement]:
    made, name = event.response.get("credentials"), event.request.get("name")
    if isinstance(made, dict) and isinstance(name, str) and isinstance(made.get("accessKeyId"), str):
        target = Target(aws_key("sts:federated-user", name, event.place.account, None), name)
        told = {"key": made["accessKeyId"], "until": made.get("expiration")}
        yield event.value(target, FEDERATED, told)


OPERATIONS: dict[tuple[str, str], Callable[[EventReader], Iterator[Statement]]] = {
    ("iam", "createaccesskey"): _iam_createaccesskey,
    ("iam", "createloginprofile"): _iam_createloginprofile,
    ("iam", "createpolicyversion"): _iam_createpolicyversion,
    ("iam", "createpolicy"): _iam_createpolicy,
    ("lambda", "addpermission"): _lambda_addpermission,
    ("lambda", "createfunction"): _lambda_createfunction,
    ("lambda", "updatefunctioncode"): _lambda_updatefunctioncode,
    ("s3", "putbucketacl"): _s3_putbucketacl,
    ("cloudtrail", "puteventselectors"): _cloudtrail_puteventselectors,
    ("ec2", "authorizesecuritygroupingress"): _ec2_authorizesecuritygroupingress,
    ("ec2", "authorizesecuritygroupegress"): _ec2_authorizesecuritygroupegress,
    ("ec2", "revokesecuritygroupingress"): _ec2_revokesecuritygroupingress,
    ("ec2", "revokesecuritygroupegress"): _ec2_revokesecuritygroupegress,
    ("ec2", "modifysecuritygrouprules"): _ec2_modifysecuritygrouprules,
    ("ec2", "modifysnapshotattribute"): _ec2_modifysnapshotattribute,
    ("ec2", "modifyimageattribute"): _ec2_modifyimageattribute,
    ("rds", "modifydbsnapshotattribute"): _rds_modifydbsnapshotattribute,
    ("rds", "modifydbclustersnapshotattribute"): _rds_modifydbclustersnapshotattribute,
    ("ec2", "createtags"): _ec2_createtags,
    ("ec2", "createroute"): _ec2_createroute,
    ("ec2", "deleteroute"): _ec2_deleteroute,
    ("ec2", "runinstances"): _ec2_runinstances,
    ("kms", "creategrant"): _kms_creategrant,
    ("kms", "retiregrant"): _kms_grant_gone,
    ("kms", "revokegrant"): _kms_grant_gone,
    ("lambda", "createfunctionurlconfig"): _lambda_functionurl,
    ("lambda", "updatefunctionurlconfig"): _lambda_functionurl,
    ("lambda", "deletefunctionurlconfig"): _lambda_functionurl_gone,
    ("ec2-instance-connect", "sendsshpublickey"): _instance_connect,
    ("ec2-instance-connect", "sendserialconsolesshpublickey"): _instance_connect,
    ("sts", "getfederationtoken"): _sts_getfederationtoken,
}
"""By service and operation, in lower case and without version suffix."""
