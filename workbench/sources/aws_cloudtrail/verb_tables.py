"""Operations whose verb AWS's access level, the ``readOnly`` flag or the name would get wrong.

``sts:AssumeRole`` is ``readOnly: true`` in real logs and yet hands out a credential: this table comes first.
Names are lower case, without version suffix; a service is ``eventSource`` without its domain.
"""

from __future__ import annotations

from workbench.model.event import Verb


def _names(text: str) -> frozenset[str]:
    return frozenset(text.lower().split())


Override = tuple[Verb, str, dict[str, frozenset[str]]]
"""A verb, the rule's name, and operations by service."""

OVERRIDES: tuple[Override, ...] = (
    (
        Verb.ISSUE_CREDENTIAL,
        "override: issues a credential",
        {
            "sts": _names(
                "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity AssumeRoot GetFederationToken "
                "GetSessionToken GetDelegatedAccessToken GetWebIdentityToken"
            ),
            "iam": _names(
                "CreateAccessKey CreateLoginProfile UpdateLoginProfile CreateServiceSpecificCredential "
                "ResetServiceSpecificCredential UploadSSHPublicKey UploadSigningCertificate "
                "CreateVirtualMFADevice "
                "ChangePassword"
            ),
            "signin": _names("GetSigninToken CreateOAuth2Token"),
            "sso": _names("CreateToken GetRoleCredentials CreateTokenWithIAM"),
            "sso-oauth": _names("CreateToken CreateTokenWithIAM"),
            "eks-auth": _names("AssumeRoleForPodIdentity"),
            "rolesanywhere": _names("CreateSession"),
            "ec2": _names("CreateKeyPair"),
            "ec2-instance-connect": _names("SendSSHPublicKey SendSerialConsoleSSHPublicKey OpenTunnel"),
            "lightsail": _names("CreateKeyPair GetInstanceAccessDetails CreateBucketAccessKey"),
            "ecr": _names("GetAuthorizationToken"),
            "ecr-public": _names("GetAuthorizationToken"),
            "codeartifact": _names("GetAuthorizationToken"),
            "redshift": _names("GetClusterCredentials GetClusterCredentialsWithIAM"),
            "redshift-serverless": _names("GetCredentials"),
            "cognito-identity": _names(
                "GetCredentialsForIdentity GetOpenIdToken GetOpenIdTokenForDeveloperIdentity"
            ),
            "s3": _names("CreateSession GetDataAccess"),
            "sagemaker": _names("CreatePresignedDomainUrl CreatePresignedNotebookInstanceUrl"),
            "iot": _names("CreateKeysAndCertificate CreateCertificateFromCsr"),
            "transfer": _names("ImportSshPublicKey"),
            "apigateway": _names("CreateApiKey"),
            "appsync": _names("CreateApiKey"),
            "grafana": _names("CreateWorkspaceApiKey CreateWorkspaceServiceAccountToken"),
        },
    ),
    (
        Verb.AUTHENTICATE,
        "override: signs in",
        {
            "signin": _names(
                "ConsoleLogin CheckMfa SwitchRole RenewRole UserAuthentication CredentialChallenge "
                "CredentialVerification AuthorizeOAuth2Access"
            ),
            "sso": _names(
                "Authenticate Federate UserAuthentication CredentialChallenge CredentialVerification"
            ),
            "cognito-idp": _names(
                "InitiateAuth AdminInitiateAuth RespondToAuthChallenge AdminRespondToAuthChallenge"
            ),
        },
    ),
    (
        Verb.READ_SECRET,
        "override: reads a secret",
        {
            "secretsmanager": _names("GetSecretValue BatchGetSecretValue"),
            "ec2": _names("GetPasswordData"),
            "acm": _names("ExportCertificate"),
            "lightsail": _names("GetRelationalDatabaseMasterUserPassword DownloadDefaultKeyPair"),
            "payment-cryptography": _names("ExportKey"),
        },
    ),
    (
        Verb.DELEGATE,
        "override: grants access",
        {
            "iam": _names(
                "AttachUserPolicy AttachRolePolicy AttachGroupPolicy PutUserPolicy PutRolePolicy "
                "PutGroupPolicy "
                "CreatePolicyVersion SetDefaultPolicyVersion UpdateAssumeRolePolicy AddUserToGroup "
                "AddRoleToInstanceProfile CreateSAMLProvider UpdateSAMLProvider CreateOpenIDConnectProvider "
                "UpdateOpenIDConnectProviderThumbprint AddClientIDToOpenIDConnectProvider "
                "PutUserPermissionsBoundary PutRolePermissionsBoundary"
            ),
            "lambda": _names("AddPermission AddLayerVersionPermission"),
            "s3": _names(
                "PutBucketPolicy PutBucketAcl PutObjectAcl PutAccessPointPolicy "
                "PutMultiRegionAccessPointPolicy"
            ),
            "kms": _names("CreateGrant PutKeyPolicy"),
            "ec2": _names(
                "ModifyImageAttribute ModifySnapshotAttribute ModifyVpcEndpointServicePermissions "
                "AssociateIamInstanceProfile ReplaceIamInstanceProfileAssociation "
                "CreateNetworkInterfacePermission"
            ),
            "rds": _names(
                "ModifyDBSnapshotAttribute ModifyDBClusterSnapshotAttribute AddRoleToDBInstance "
                "AddRoleToDBCluster"
            ),
            "redshift": _names("AuthorizeSnapshotAccess AuthorizeDataShare ModifyClusterIamRoles"),
            "rolesanywhere": _names(
                "CreateTrustAnchor UpdateTrustAnchor EnableTrustAnchor CreateProfile UpdateProfile "
                "EnableProfile"
            ),
            "ram": _names(
                "CreateResourceShare AssociateResourceShare AssociateResourceSharePermission "
                "AcceptResourceShareInvitation"
            ),
            "sns": _names("AddPermission"),
            "sqs": _names("AddPermission"),
            "ecr": _names("SetRepositoryPolicy PutRegistryPolicy"),
            "secretsmanager": _names("PutResourcePolicy"),
            "eks": _names(
                "CreateAccessEntry UpdateAccessEntry AssociateAccessPolicy CreatePodIdentityAssociation "
                "UpdatePodIdentityAssociation AssociateIdentityProviderConfig"
            ),
            "sso": _names("CreateAccountAssignment"),
            "identitystore": _names("CreateGroupMembership"),
            "sso-directory": _names("AddMemberToGroup"),
            "organizations": _names("RegisterDelegatedAdministrator EnableAWSServiceAccess"),
            "cognito-identity": _names("SetIdentityPoolRoles"),
            "cognito-idp": _names("AdminAddUserToGroup"),
        },
    ),
    (
        Verb.EXECUTE,
        "override: runs code",
        {
            "ssm": _names("SendCommand StartSession ResumeSession StartAutomationExecution"),
            "ssm-guiconnect": _names("StartConnection"),
            "lambda": _names("Invoke InvokeAsync InvokeFunction InvokeWithResponseStream InvokeFunctionUrl"),
            "codebuild": _names("StartBuild StartBuildBatch RetryBuild RetryBuildBatch StartSandbox"),
            "codepipeline": _names("StartPipelineExecution"),
            "ecs": _names("ExecuteCommand RunTask StartTask"),
            "batch": _names("SubmitJob"),
            "bedrock": _names(
                "InvokeModel InvokeModelWithResponseStream InvokeModelWithBidirectionalStream Converse "
                "ConverseStream InvokeAgent InvokeInlineAgent InvokeFlow"
            ),
            "states": _names("StartExecution StartSyncExecution"),
            "glue": _names("StartJobRun RunStatement"),
            "elasticmapreduce": _names("AddJobFlowSteps"),
            "emr-containers": _names("StartJobRun"),
            "emr-serverless": _names("StartJobRun"),
            "sagemaker": _names("InvokeEndpoint InvokeEndpointAsync"),
            "rds-data": _names("ExecuteStatement BatchExecuteStatement ExecuteSql"),
            "rdsdata": _names("ExecuteStatement BatchExecuteStatement ExecuteSql"),
            "redshift-data": _names("ExecuteStatement BatchExecuteStatement"),
            "athena": _names("StartQueryExecution"),
            "dynamodb": _names("ExecuteStatement BatchExecuteStatement ExecuteTransaction"),
            "fis": _names("StartExperiment"),
            "cloudshell": _names("CreateSession"),
        },
    ),
    (
        # Neither a read of the key nor of what it protects: whether the plaintext is a secret, the record
        # does not say, and the decryption of a secret by its service appears beside the GetSecretValue it
        # belongs to.
        Verb.OTHER,
        "override: uses a key",
        {
            "kms": _names(
                "Decrypt Encrypt ReEncrypt GenerateDataKey GenerateDataKeyWithoutPlaintext "
                "GenerateDataKeyPair "
                "GenerateDataKeyPairWithoutPlaintext GenerateMac GenerateRandom Sign Verify VerifyMac "
                "DeriveSharedSecret"
            ),
        },
    ),
    (
        Verb.DELETE,
        "override: deletes in the background",
        {
            "secretsmanager": _names("StartSecretVersionDelete EndSecretVersionDelete"),
            "kms": _names("ScheduleKeyDeletion"),
        },
    ),
    (
        Verb.CREATE,
        "override: makes a copy or an object",
        {
            "s3": _names(
                "CopyObject PostObject CreateMultipartUpload UploadPart UploadPartCopy CompleteMultipartUpload"
            ),
            "rds": _names(
                "CopyDBSnapshot CopyDBClusterSnapshot RestoreDBInstanceFromDBSnapshot "
                "RestoreDBInstanceToPointInTime "
                "RestoreDBClusterFromSnapshot RestoreDBClusterToPointInTime"
            ),
            "ec2": _names("CopyImage CopySnapshot"),
        },
    ),
)
"""The override table. No operation stands under two verbs."""

SECRET_WITH_DECRYPTION = _names("GetParameter GetParameters GetParametersByPath GetParameterHistory")
"""Systems Manager reads that return secrets in clear only with ``withDecryption: true``."""

TAMPERS_LOGGING: dict[str, frozenset[str]] = {
    "cloudtrail": _names(
        "StopLogging DeleteTrail UpdateTrail PutEventSelectors PutInsightSelectors DeleteEventDataStore "
        "UpdateEventDataStore StopEventDataStoreIngestion"
    ),
    "ec2": _names("DeleteFlowLogs"),
    "route53resolver": _names("DeleteResolverQueryLogConfig DisassociateResolverQueryLogConfig"),
    "route53": _names("DeleteQueryLoggingConfig"),
    "logs": _names("DeleteLogGroup DeleteLogStream PutRetentionPolicy DeleteSubscriptionFilter"),
    "config": _names("StopConfigurationRecorder DeleteConfigurationRecorder DeleteDeliveryChannel"),
    "guardduty": _names(
        "DeleteDetector UpdateDetector StopMonitoringMembers DeletePublishingDestination DisassociateMembers "
        "DisassociateFromMasterAccount DisassociateFromAdministratorAccount"
    ),
    "securityhub": _names("DisableSecurityHub"),
    "macie2": _names("DisableMacie"),
    "detective": _names("DeleteGraph"),
    "rds": _names("StopActivityStream"),
    "redshift": _names("DisableLogging"),
    "wafv2": _names("DeleteLoggingConfiguration"),
    "bedrock": _names("DeleteModelInvocationLoggingConfiguration"),
}
"""Operations that weaken or stop recording, or set anew what is recorded (which the request then shows)."""

READ_PREFIXES = (
    "Get", "List", "Describe", "Head", "Lookup", "Search", "Select", "Query", "Scan",
)  # fmt: skip
"""Prefixes of operations that read. Only whole words count, after an optional ``Batch``."""

CREATE_PREFIXES = ("Create", "Run", "Allocate", "Register", "Import")
UPDATE_PREFIXES = (
    "Update", "Modify", "Put", "Set", "Tag", "Untag", "Enable", "Start", "Stop", "Reboot",
    "Associate", "Attach", "Add", "Authorize", "Replace", "Reset",
)  # fmt: skip
DELETE_PREFIXES = (
    "Delete", "Terminate", "Deregister", "Release", "Revoke", "Remove", "Detach", "Disable", "Disassociate",
)  # fmt: skip
