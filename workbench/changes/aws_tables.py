"""What single operations of AWS set, where their names and parameters do not say it by themselves.

Sources: the API references of the services. Operations and parameters are in lower case, without version suffix.
"""

from __future__ import annotations

from typing import NamedTuple

from workbench.model.change import Operation, Shape


class Member(NamedTuple):
    """An operation that puts something into a set or takes it out.

    Attributes:
        operation: Which of the two.
        field: The set.
        key: The parameter that names the member.
        kind: Kind of the resource that has the set.
        holder: The parameter that names it.
    """

    operation: Operation
    field: str
    key: str
    kind: str
    holder: str


def _members(table: str) -> dict[tuple[str, str], Member]:
    found = {}
    for line in table.strip().splitlines():
        service, action, operation, field, key, kind, holder = (part.strip() for part in line.split("|"))
        found[service, action.lower()] = Member(
            Operation(operation), field, key.lower(), kind, holder.lower()
        )
    return found


MEMBERS = _members("""
iam | AttachUserPolicy              | add    | attached policies | policyArn | iam:user  | userName
iam | DetachUserPolicy              | remove | attached policies | policyArn | iam:user  | userName
iam | AttachRolePolicy              | add    | attached policies | policyArn | iam:role  | roleName
iam | DetachRolePolicy              | remove | attached policies | policyArn | iam:role  | roleName
iam | AttachGroupPolicy             | add    | attached policies | policyArn | iam:group | groupName
iam | DetachGroupPolicy             | remove | attached policies | policyArn | iam:group | groupName
iam | AddUserToGroup                | add    | members           | userName  | iam:group | groupName
iam | RemoveUserFromGroup           | remove | members           | userName  | iam:group | groupName
iam | AddRoleToInstanceProfile      | add    | roles             | roleName  | iam:instance-profile | instanceProfileName
iam | RemoveRoleFromInstanceProfile | remove | roles             | roleName  | iam:instance-profile | instanceProfileName
iam | DeleteAccessKey               | remove | access keys       | accessKeyId | iam:user | userName
iam | DeleteServiceSpecificCredential | remove | service credentials | serviceSpecificCredentialId | iam:user | userName
iam | DeactivateMFADevice           | remove | MFA devices       | serialNumber | iam:user | userName
iam | EnableMFADevice               | add    | MFA devices       | serialNumber | iam:user | userName
iam | AddClientIDToOpenIDConnectProvider | add | client ids | clientID | iam:oidc-provider | openIDConnectProviderArn
iam | RemoveClientIDFromOpenIDConnectProvider | remove | client ids | clientID | iam:oidc-provider | openIDConnectProviderArn
ec2 | AttachInternetGateway         | add    | attached to       | vpcId     | ec2:internet-gateway | internetGatewayId
ec2 | DetachInternetGateway         | remove | attached to       | vpcId     | ec2:internet-gateway | internetGatewayId
ec2 | AttachVolume                  | add    | attached to       | instanceId | ec2:volume | volumeId
ec2 | DetachVolume                  | remove | attached to       | instanceId | ec2:volume | volumeId
""")
"""Operations of which one parameter is a member of a set of the resource that another one names."""


class Parts(NamedTuple):
    """What an operation does to one named part of a resource.

    Attributes:
        operation: ``set`` or ``clear``.
        field: The field; ``{}`` in it stands for the value of ``part``.
        part: The parameter that names the part, if there are several.
        value: The parameter that holds the new value, empty where there is none.
        kind: Kind of the resource.
        holder: The parameter that names it.
    """

    operation: Operation
    field: str
    part: str
    value: str
    kind: str
    holder: str


def _parts(table: str) -> dict[tuple[str, str], Parts]:
    found = {}
    for line in table.strip().splitlines():
        service, action, operation, field, part, value, kind, holder = (
            each.strip() for each in line.split("|")
        )
        found[service, action.lower()] = Parts(
            Operation(operation), field, part.lower(), value.lower(), kind, holder.lower()
        )
    return found


PARTS = _parts("""
iam | UpdateAssumeRolePolicy | set | trust policy | | policyDocument | iam:role | roleName
iam | PutRolePolicy | set | inline policy {} | policyName | policyDocument | iam:role | roleName
iam | PutUserPolicy | set | inline policy {} | policyName | policyDocument | iam:user | userName
iam | PutGroupPolicy | set | inline policy {} | policyName | policyDocument | iam:group | groupName
iam | DeleteRolePolicy | clear | inline policy {} | policyName | | iam:role | roleName
iam | DeleteUserPolicy | clear | inline policy {} | policyName | | iam:user | userName
iam | DeleteGroupPolicy | clear | inline policy {} | policyName | | iam:group | groupName
iam | PutRolePermissionsBoundary | set | permissions boundary | | permissionsBoundary | iam:role | roleName
iam | PutUserPermissionsBoundary | set | permissions boundary | | permissionsBoundary | iam:user | userName
iam | DeleteRolePermissionsBoundary | clear | permissions boundary | | | iam:role | roleName
iam | DeleteUserPermissionsBoundary | clear | permissions boundary | | | iam:user | userName
iam | UpdateAccessKey | set | access key {} status | accessKeyId | status | iam:user | userName
iam | DeleteLoginProfile | clear | console password | | | iam:user | userName
iam | UpdateLoginProfile | set | console password | | password | iam:user | userName
iam | SetDefaultPolicyVersion | set | default version | | versionId | iam:policy | policyArn
iam | DeletePolicyVersion | clear | version {} | versionId | | iam:policy | policyArn
iam | DeleteAccountPasswordPolicy | clear | password policy | | | iam:account |
kms | PutKeyPolicy | set | key policy | | policy | kms:key | keyId
s3 | PutBucketPolicy | set | bucket policy | | bucketPolicy | s3:bucket | bucketName
s3 | DeleteBucketPolicy | clear | bucket policy | | | s3:bucket | bucketName
s3 | PutBucketLifecycle | set | lifecycle | | LifecycleConfiguration | s3:bucket | bucketName
s3 | PutBucketLifecycleConfiguration | set | lifecycle | | LifecycleConfiguration | s3:bucket | bucketName
s3 | DeleteBucketLifecycle | clear | lifecycle | | | s3:bucket | bucketName
s3 | PutBucketTagging | set | tags | | Tagging | s3:bucket | bucketName
s3 | DeleteBucketTagging | clear | tags | | | s3:bucket | bucketName
s3 | PutBucketPublicAccessBlock | set | public access block | | PublicAccessBlockConfiguration | s3:bucket | bucketName
s3 | DeleteBucketPublicAccessBlock | clear | public access block | | | s3:bucket | bucketName
s3 | PutAccountPublicAccessBlock | set | public access block | | PublicAccessBlockConfiguration | s3:account settings |
s3 | DeleteAccountPublicAccessBlock | clear | public access block | | | s3:account settings |
s3 | PutBucketLogging | set | access logging | | BucketLoggingStatus | s3:bucket | bucketName
s3 | PutBucketVersioning | set | versioning | | VersioningConfiguration | s3:bucket | bucketName
s3 | PutBucketReplication | set | replication | | ReplicationConfiguration | s3:bucket | bucketName
s3 | DeleteBucketReplication | clear | replication | | | s3:bucket | bucketName
s3 | PutBucketEncryption | set | encryption | | ServerSideEncryptionConfiguration | s3:bucket | bucketName
s3 | DeleteBucketEncryption | clear | encryption | | | s3:bucket | bucketName
cloudtrail | PutInsightSelectors | set | insight selectors | | insightSelectors | cloudtrail:trail | trailName
lambda | DeleteFunctionConcurrency | clear | concurrency | | | lambda:function | functionName
secretsmanager | PutResourcePolicy | set | resource policy | | resourcePolicy | secretsmanager:secret | secretId
secretsmanager | DeleteResourcePolicy | clear | resource policy | | | secretsmanager:secret | secretId
secretsmanager | PutSecretValue | set | value | | secretString | secretsmanager:secret | secretId
ecr | SetRepositoryPolicy | set | repository policy | | policyText | ecr:repository | repositoryName
ecr | DeleteRepositoryPolicy | clear | repository policy | | | ecr:repository | repositoryName
logs | PutRetentionPolicy | set | retention | | retentionInDays | logs:log-group | logGroupName
logs | DeleteRetentionPolicy | clear | retention | | | logs:log-group | logGroupName
logs | DeleteSubscriptionFilter | clear | subscription filter {} | filterName | | logs:log-group | logGroupName
ssm | PutParameter | set | value | | value | ssm:parameter | name
""")
"""Operations that set or take away one field of the resource that a parameter names."""

RENAMED: dict[tuple[str, str], str] = {
    ("iam:role", "assumerolepolicydocument"): "trust policy",
    ("iam:policy", "policydocument"): "version v1",
    ("kms:key", "policy"): "key policy",
    ("s3:bucket", "x-amz-acl"): "acl",
    ("secretsmanager:secret", "secretstring"): "value",
    ("secretsmanager:secret", "secretbinary"): "value",
    ("ec2:snapshot", "createvolumepermission"): "create volume permission",
    ("ec2:image", "launchpermission"): "launch permission",
}
"""What a parameter is called as a field, where several operations set it under different names."""

SWITCHES: dict[tuple[str, str], tuple[str, bool]] = {
    ("cloudtrail", "startlogging"): ("logging", True),
    ("cloudtrail", "stoplogging"): ("logging", False),
    ("config", "startconfigurationrecorder"): ("recording", True),
    ("config", "stopconfigurationrecorder"): ("recording", False),
    ("kms", "enablekey"): ("enabled", True),
    ("kms", "disablekey"): ("enabled", False),
    ("ec2", "enableserialconsoleaccess"): ("serial console access", True),
    ("ec2", "disableserialconsoleaccess"): ("serial console access", False),
    ("ec2", "enableebsencryptionbydefault"): ("EBS encryption by default", True),
    ("ec2", "disableebsencryptionbydefault"): ("EBS encryption by default", False),
    ("securityhub", "enablesecurityhub"): ("enabled", True),
    ("securityhub", "disablesecurityhub"): ("enabled", False),
    ("macie2", "enablemacie"): ("enabled", True),
    ("macie2", "disablemacie"): ("enabled", False),
    ("rolesanywhere", "enabletrustanchor"): ("enabled", True),
    ("rolesanywhere", "disabletrustanchor"): ("enabled", False),
    ("rolesanywhere", "enableprofile"): ("enabled", True),
    ("rolesanywhere", "disableprofile"): ("enabled", False),
}
"""Operations whose name alone says what they set."""

PUSHED_KEY = "pushed SSH key"
"""The field of an instance that names a key that was pushed to it; it is good for 60 seconds."""

SCHEDULED = "scheduled deletion"
"""The field that says that a deletion was scheduled: until then what is to be deleted is there, and one call cancels it."""

FEDERATED = "session credentials"
"""The field of a federated user that names credentials that were handed out for it."""

EMPTY_AT_FIRST = frozenset({"iam:role", "iam:user", "iam:group", "s3:bucket", "iam:instance-profile"})
"""Kinds of which a new one has no policies, members or keys that its creation does not name."""

REPEATABLE = frozenset(
    {
        *("s3:bucket", "sns:topic", "sqs:queue", "ecs:cluster", "iot:thing"),
        *("elasticloadbalancing:loadbalancer", "elasticloadbalancing:targetgroup"),
    }
)  # fmt: skip
"""Kinds of which making one that is there already succeeds and leaves it (S3 CreateBucket in us-east-1, SNS CreateTopic, SQS
CreateQueue, ECS CreateCluster, IoT CreateThing, ELB CreateLoadBalancer and CreateTargetGroup: their API references)."""

MADE_ONCE = frozenset(
    {
        *("iam:user", "iam:role", "iam:group", "iam:policy", "iam:instance-profile", "iam:oidc-provider", "iam:saml-provider"),
        *("lambda:function", "cloudtrail:trail", "logs:log-group", "ecr:repository"),
    }
)  # fmt: skip
"""Kinds of which making one is refused while there is one of that name (EntityAlreadyExists, ResourceConflictException,
TrailAlreadyExistsException …: their API references): that one is made shows that there was none."""

SHAPES: dict[str, Shape] = {
    "trust policy": Shape.POLICY,
    "key policy": Shape.POLICY,
    "bucket policy": Shape.POLICY,
    "resource policy": Shape.POLICY,
    "repository policy": Shape.POLICY,
    "layers": Shape.SET,
    "securitygroupids": Shape.SET,
    "rolearns": Shape.SET,
}
"""How fields of these names are compared; any value that reads as a policy is compared as one."""

NO_CONTENT = frozenset(
    {
        *("clienttoken", "clientrequesttoken", "dryrun", "host", "idempotencytoken", "callerreference", "creatorrequestid"),
        *("attributetype", "publish", "skipfinalsnapshot", "forceoverwritereplicasecret", "overwrite", "fullyqualifiedarn"),
        *("acceptlanguage", "bypasspolicylockoutsafetycheck", "force", "forcedeletewithoutrecovery"),
    }
)  # fmt: skip
"""Parameters that say how a request is to be carried out and set nothing."""

SKIPPED: dict[str, frozenset[str]] = {
    "sts": frozenset(),
    "signin": frozenset(),
    "sso": frozenset({"createtoken", "getrolecredentials"}),
    "sso-oauth": frozenset(),
    "ec2-instance-connect": frozenset(),
    "ssmmessages": frozenset(),
    "ecr": frozenset({"getauthorizationtoken"}),
    "ssm": frozenset(
        {
            *("updateinstanceinformation", "putinventory", "putcomplianceitems", "updateinstanceassociationstatus"),
            *("terminatesession", "sendcommand", "startsession"),
        }
    ),
    "secretsmanager": frozenset({"startsecretversiondelete", "endsecretversiondelete"}),
    "kms": frozenset({"decrypt", "encrypt", "generatedatakey"}),
}  # fmt: skip
"""Operations (a service with none: all of it that has no rule of its own) whose verb says that they change something and
that change no state of a resource: they issue short-lived credentials, or report what an agent saw."""
