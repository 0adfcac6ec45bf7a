"""Which request fields name which kind of resource, service by service.

Keys are lower case and hold for a value anywhere in the request. A plural key holds for each element of its
list. The entry is the resource's type, in the words of that service's ARNs where it has any, optionally
followed by the part it plays when that is not the thing acted upon.
"""

from __future__ import annotations

import functools
import re

from workbench.model.event import ResourceRole

Rule = tuple[str, ResourceRole]
"""Type and role of the resource that a field names."""


def _rules(text: str) -> dict[str, Rule]:
    """Read lines of ``field type [role]``."""
    rules: dict[str, Rule] = {}
    for line in text.strip().splitlines():
        field, kind, *role = line.split()
        rules[field.lower()] = (kind, ResourceRole(role[0]) if role else ResourceRole.TARGET)
    return rules


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COMMON = _rules("""
    roleArn iam:role source
    roleArns iam:role source
    executionRoleArn iam:role source
    serviceRole iam:role source
    taskRoleArn iam:role source
    iamRoleArn iam:role source
    kmsKeyId kms:key source
    kmsKeyArn kms:key source
    kmsMasterKeyId kms:key source
    kmsKey kms:key source
    s3BucketName s3:bucket source
    s3Bucket s3:bucket source
    bucketName s3:bucket
    bucket s3:bucket
    instanceId ec2:instance
    instanceIds ec2:instance
    subnetId ec2:subnet
    subnetIds ec2:subnet
    vpcId ec2:vpc
    securityGroupIds ec2:security-group
    vpcSecurityGroupIds ec2:security-group
    functionName lambda:function
    logGroupName logs:log-group
    topicArn sns:topic
    queueUrl sqs:queue
    granteePrincipal aws:principal grantee
    retiringPrincipal aws:principal grantee
    sourceAccount aws:account grantee
    principals aws:principal grantee
    principalId aws:principal grantee
    principalArn aws:principal grantee
    principal aws:principal grantee
""")
"""Fields that mean the same in every service."""

_EC2 = """
    imageId ec2:image
    snapshotId ec2:snapshot
    volumeId ec2:volume
    groupId ec2:security-group
    groupName ec2:security-group
    networkInterfaceId ec2:network-interface
    routeTableId ec2:route-table
    internetGatewayId ec2:internet-gateway
    natGatewayId ec2:natgateway
    gatewayId ec2:gateway source
    networkAclId ec2:network-acl
    allocationId ec2:elastic-ip
    publicIp ec2:elastic-ip
    associationId ec2:association
    attachmentId ec2:attachment
    keyName ec2:key-pair
    keyPairId ec2:key-pair
    launchTemplateId ec2:launch-template
    launchTemplateName ec2:launch-template
    vpcEndpointId ec2:vpc-endpoint
    vpcPeeringConnectionId ec2:vpc-peering-connection
    transitGatewayId ec2:transit-gateway
    flowLogId ec2:vpc-flow-log
    resourceId ec2:resource
    dhcpOptionsId ec2:dhcp-options
    trafficMirrorTargetId ec2:traffic-mirror-target
    trafficMirrorFilterId ec2:traffic-mirror-filter
    trafficMirrorSessionId ec2:traffic-mirror-session
    iamInstanceProfile iam:instance-profile source
"""

_RDS = """
    dBInstanceIdentifier rds:db
    dBClusterIdentifier rds:cluster
    dBSnapshotIdentifier rds:snapshot
    dBClusterSnapshotIdentifier rds:cluster-snapshot
    sourceDBSnapshotIdentifier rds:snapshot source
    sourceDBClusterSnapshotIdentifier rds:cluster-snapshot source
    sourceDBInstanceIdentifier rds:db source
    targetDBSnapshotIdentifier rds:snapshot
    targetDBClusterSnapshotIdentifier rds:cluster-snapshot
    targetDBInstanceIdentifier rds:db
    finalDBSnapshotIdentifier rds:snapshot
    dBSubnetGroupName rds:subgrp
    dBParameterGroupName rds:pg
    dBSecurityGroupName rds:secgrp
    resourceName rds:resource
"""

SERVICES: dict[str, dict[str, Rule]] = {
    "iam": _rules("""
        userName iam:user
        roleName iam:role
        groupName iam:group
        policyName iam:policy
        policyArn iam:policy
        accessKeyId iam:access-key
        instanceProfileName iam:instance-profile
        serialNumber iam:mfa
        virtualMFADeviceName iam:mfa
        sAMLProviderArn iam:saml-provider
        openIDConnectProviderArn iam:oidc-provider
        serverCertificateName iam:server-certificate
        sSHPublicKeyId iam:ssh-public-key
        certificateId iam:signing-certificate
        serviceSpecificCredentialId iam:service-specific-credential
        permissionsBoundary iam:policy source
    """),
    "sts": _rules("""
        roleArn iam:role
        accessKeyId iam:access-key
        principalArn iam:saml-provider source
        policyArns iam:policy source
    """),
    "s3": _rules("""
        x-amz-copy-source s3:object source
        x-amz-grant-read aws:principal grantee
        x-amz-grant-write aws:principal grantee
        x-amz-grant-full-control aws:principal grantee
        x-amz-grant-read-acp aws:principal grantee
        x-amz-grant-write-acp aws:principal grantee
        targetBucket s3:bucket source
    """),
    "ec2": _rules(_EC2),
    "ec2-instance-connect": _rules("instanceOSUser ec2:os-user"),
    "secretsmanager": _rules("""
        secretId secretsmanager:secret secret
        secretIdList secretsmanager:secret secret
        rotationLambdaARN lambda:function source
    """),
    "ssm": _rules("""
        names ssm:parameter
        path ssm:parameter-path
        documentName ssm:document source
        target ec2:instance
        commandId ssm:command
        sessionId ssm:session
        associationId ssm:association
        automationExecutionId ssm:automation-execution
    """),
    "kms": _rules("""
        keyId kms:key
        targetKeyId kms:key
        sourceKeyId kms:key source
        destinationKeyId kms:key
        aliasName kms:alias
        grantId kms:grant
    """),
    "lambda": _rules("""
        role iam:role source
        layerName lambda:layer
        layers lambda:layer source
        eventSourceArn aws:resource source
        sourceArn aws:resource grantee
    """),
    "cloudtrail": _rules("""
        trailName cloudtrail:trail
        trailNameList cloudtrail:trail
        trailARN cloudtrail:trail
        eventDataStore cloudtrail:eventdatastore
        cloudWatchLogsLogGroupArn logs:log-group source
        cloudWatchLogsRoleArn iam:role source
        snsTopicName sns:topic source
    """),
    "logs": _rules("""
        logGroupNames logs:log-group
        logGroupIdentifier logs:log-group
        logStreamName logs:log-stream
        destinationArn aws:resource source
    """),
    "rds": _rules(_RDS),
    "dynamodb": _rules("""
        tableName dynamodb:table
        globalTableName dynamodb:global-table
        backupArn dynamodb:backup
        streamArn dynamodb:stream
        targetTableName dynamodb:table
        sourceTableName dynamodb:table source
    """),
    "eks": _rules("""
        clusterName eks:cluster
        nodegroupName eks:nodegroup
        addonName eks:addon
        policyArn eks:access-policy source
    """),
    "ecr": _rules("repositoryName ecr:repository\nregistryId aws:account"),
    "ecs": _rules("""
        cluster ecs:cluster
        clusterName ecs:cluster
        service ecs:service
        serviceName ecs:service
        task ecs:task
        taskDefinition ecs:task-definition source
        container ecs:container
    """),
    "codebuild": _rules("projectName codebuild:project\nprojectArn codebuild:project"),
    "organizations": _rules("""
        accountId aws:account
        policyId organizations:policy
        targetId organizations:target
        organizationalUnitId organizations:ou
        handshakeId organizations:handshake
    """),
    "bedrock": _rules("""
        modelId bedrock:model
        guardrailIdentifier bedrock:guardrail
        agentId bedrock:agent
        knowledgeBaseId bedrock:knowledge-base
    """),
    "route53": _rules("hostedZoneId route53:hostedzone"),
    "route53resolver": _rules("resolverQueryLogConfigId route53resolver:query-log-config"),
    "guardduty": _rules("detectorId guardduty:detector\nfindingIds guardduty:finding"),
    "rolesanywhere": _rules("""
        trustAnchorId rolesanywhere:trust-anchor
        profileId rolesanywhere:profile
    """),
    "signin": {},
    "glue": _rules("databaseName glue:database\njobName glue:job"),
    "cloudformation": _rules("stackName cloudformation:stack\nstackId cloudformation:stack"),
    "events": _rules("rule events:rule\neventBusName events:event-bus"),
    "sso": _rules("""
        permissionSetArn sso:permission-set
        principalId identitystore:principal grantee
        targetId aws:account
    """),
    "identitystore": _rules("userId identitystore:user\ngroupId identitystore:group"),
    "sagemaker": _rules("notebookInstanceName sagemaker:notebook-instance\nendpointName sagemaker:endpoint"),
    "elasticloadbalancing": _rules("loadBalancerName elasticloadbalancing:loadbalancer"),
    "autoscaling": _rules("autoScalingGroupName autoscaling:autoScalingGroup"),
    "states": _rules("stateMachineArn states:stateMachine\nexecutionArn states:execution"),
    "sns": _rules("targetArn sns:endpoint"),
    "kinesis": _rules("streamName kinesis:stream"),
    "firehose": _rules("deliveryStreamName firehose:deliverystream"),
}
"""Fields of single services; they come before ``COMMON``."""

NAME_IS: dict[str, tuple[tuple[str, str], ...]] = {
    # What the bare field "name" means, by a word of the operation; the first that fits.
    "cloudtrail": (("EventDataStore", "cloudtrail:eventdatastore"), ("", "cloudtrail:trail")),
    "ssm": (
        ("Parameter", "ssm:parameter"),
        ("Document", "ssm:document"),
        ("MaintenanceWindow", "ssm:maintenancewindow"),
    ),
    "secretsmanager": (("Secret", "secretsmanager:secret"),),
    "eks": (("Cluster", "eks:cluster"),),
    "events": (("Rule", "events:rule"),),
    "sns": (("Topic", "sns:topic"),),
    "codebuild": (("Project", "codebuild:project"),),
    "rolesanywhere": (("TrustAnchor", "rolesanywhere:trust-anchor"), ("Profile", "rolesanywhere:profile")),
    "sts": (("FederationToken", "sts:federated-user"),),
    "glue": (("Job", "glue:job"), ("Database", "glue:database"), ("Table", "glue:table")),
    "states": (("StateMachine", "states:stateMachine"), ("Execution", "states:execution")),
    "ram": (("ResourceShare", "ram:resource-share"),),
}

ISSUED_FOR = frozenset(
    {"createaccesskey", "createloginprofile", "updateloginprofile", "createvirtualmfadevice"}
)
"""IAM operations whose ``userName`` is not acted upon but receives a credential."""

ATTACHES = re.compile(r"(?:Attach|Detach)(?:User|Role|Group)Policy|AttachManagedPolicy|AssociateAccessPolicy")
"""Operations in which a named policy is what is given, and the named principal is what changes."""

FILTER_KEYS = _words(
    "filter filters filterset filtercriteria findingcriteria parameterfilters documentfilters "
    "searchexpression "
    "tags tagset tagslist tagging tagspecificationset tagspecification tagspecifications tagkeys "
    "resourcetagset clienttoken clientrequesttoken idempotencytoken policydocument assumerolepolicydocument "
    "policy bucketpolicy resourcepolicy accesspolicies policytext environment userdata host nexttoken "
    "lookupattributes metricdata querystring"
)
"""Fields whose content names what was searched for, labels, policies or nonces: nothing that was acted
upon."""

GRANT_KEYS = frozenset({"createvolumepermission", "launchpermission"})
"""EC2 fields under which accounts and groups are given or denied a snapshot or an image."""

ATTRIBUTE_VALUE_KEYS = frozenset({"valuestoadd", "valuestoremove"})
"""RDS fields that hold the accounts a snapshot is shared with."""

NOT_IDS = _words(
    "requestid clientid region regionname regionid versionid version displayname attributename hostname "
    "tokenid "
    "eventid eventname metricname namespace alarmname enginename sessionname rolesessionname "
    "productid ruleid statementid planid dbname databasename schemaname columnname locationid "
    "awsaccountid callerreference servicename documentname typename agentname computername platformname "
    "featurename devicename masterusername originsequencenumber contextid messageid correlationid transactionid queryexecutionid"
)
"""Fields that end like an identifier without naming a resource of the service's own."""


@functools.cache
def types_known() -> frozenset[str]:
    """Return the types of things that these tables name, small letters."""
    rules = (COMMON, *SERVICES.values())
    return frozenset({kind.casefold() for each in rules for kind, _ in each.values() if ":" in kind}) | {
        "s3:object"
    }
