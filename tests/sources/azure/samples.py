"""Records of Azure logs, made up: full ones, in the forms in which they are exported."""

from __future__ import annotations

import json
from typing import Any

SUBSCRIPTION = "0a1b2c3d-0000-4000-8000-00000000aaaa"
TENANT = "0a1b2c3d-0000-4000-8000-00000000bbbb"
CALLER = "0a1b2c3d-0000-4000-8000-00000000cccc"
APP = "0a1b2c3d-0000-4000-8000-00000000dddd"
CORRELATION = "0a1b2c3d-0000-4000-8000-00000000eeee"
GRANTEE = "0a1b2c3d-0000-4000-8000-00000000ffff"
SIGN_IN = "7d1f3f5a-2b4c-4d6e-8f90-a1b2c3d4e5f6"
UTI = "Wj8ffUwrbk2PkKGyw9Tl9g"  # the bytes of SIGN_IN in Microsoft's order, base64url
ASSIGNMENT = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Authorization"
    "/roleAssignments/11111111-2222-4333-8444-555555555555"
)
VAULT = (
    f"/SUBSCRIPTIONS/{SUBSCRIPTION.upper()}/RESOURCEGROUPS/RG-APP/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/KV-APP"
)

CLAIMS: dict[str, Any] = {
    "aud": "https://management.example/",
    "iss": f"https://sts.example/{TENANT}/",
    "http://schemas.microsoft.com/identity/claims/tenantid": TENANT,
    "http://schemas.microsoft.com/identity/claims/objectidentifier": CALLER,
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "ada@example.com",
    "http://schemas.microsoft.com/claims/authnmethodsreferences": "pwd,mfa",
    "http://schemas.microsoft.com/identity/claims/scope": "user_impersonation",
    "name": "Ada Example",
    "appid": APP,
    "appidacr": "0",
    "uti": UTI,
    "sid": "00aa11bb-2222-4333-8444-666666666666",
    "deviceid": "99999999-2222-4333-8444-666666666666",
    "ver": "1.0",
    "groups": "g1,g2",
}
BODY = {"properties": {"roleDefinitionId": "/providers/r/1", "principalId": GRANTEE, "condition": None}}


def activity(**changed: Any) -> dict[str, Any]:
    """A role assignment in the form of a diagnostic setting."""
    record: dict[str, Any] = {
        "RoleLocation": "West Europe",
        "time": "2024-05-04T03:02:01.1234567Z",
        "resourceId": ASSIGNMENT,
        "operationName": "MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE",
        "category": "Administrative",
        "resultType": "Success",
        "resultSignature": "Succeeded.Created",
        "durationMs": "412",
        "callerIpAddress": "192.0.2.7",
        "correlationId": CORRELATION,
        "identity": {
            "authorization": {
                "scope": ASSIGNMENT,
                "action": "Microsoft.Authorization/roleAssignments/write",
                "evidence": {"role": "Owner", "principalId": CALLER, "principalType": "User"},
            },
            "claims": dict(CLAIMS),
        },
        "level": "Information",
        "location": "westeurope",
        "properties": {
            "requestbody": json.dumps(BODY),
            "statusCode": "Created",
            "serviceRequestId": "33333333-2222-4333-8444-666666666666",
            "eventCategory": "Administrative",
        },
        "tenantId": TENANT,
    }
    record.update(changed)
    return record


def rest_activity() -> dict[str, Any]:
    """The same act as the REST API and the command line print it."""
    return {
        "authorization": {
            "action": "a",
            "evidence": {"principalType": "User"},
            "role": "Owner",
            "scope": ASSIGNMENT,
        },
        "caller": "ada@example.com",
        "category": {"localizedValue": "Verwaltung", "value": "Administrative"},
        "claims": dict(CLAIMS),
        "correlationId": CORRELATION,
        "eventDataId": "44444444-2222-4333-8444-666666666666",
        "eventName": {"value": "EndRequest"},
        "eventTimestamp": "2024-05-04T03:02:01.1234567Z",
        "httpRequest": {"clientIpAddress": "192.0.2.7", "method": "PUT"},
        "level": "Informational",
        "operationId": CORRELATION,
        "operationName": {
            "localizedValue": "Rollenzuweisung",
            "value": "Microsoft.Authorization/roleAssignments/write",
        },
        "properties": {"requestbody": json.dumps(BODY), "statusCode": "Created"},
        "resourceId": ASSIGNMENT,
        "status": {"localizedValue": "Erfolg", "value": "Succeeded"},
        "subStatus": {"value": "Created (HTTP Status Code: 201)"},
        "subscriptionId": SUBSCRIPTION,
        "tenantId": TENANT,
    }


def log_analytics_activity() -> dict[str, str]:
    """The same act as a CSV row of the table AzureActivity."""
    return {
        "TenantId": "workspace-id",
        "SourceSystem": "Azure",
        "CallerIpAddress": "192.0.2.7",
        "CategoryValue": "Administrative",
        "CorrelationId": CORRELATION,
        "Authorization": json.dumps({"evidence": {"principalType": "User"}}),
        "Claims": json.dumps(CLAIMS),
        "Level": "Informational",
        "OperationNameValue": "Microsoft.Authorization/roleAssignments/write",
        "OperationName": "Rollenzuweisung erstellen",
        "Properties": json.dumps({"requestbody": json.dumps(BODY), "statusCode": "Created"}),
        "Caller": "ada@example.com",
        "EventDataId": "44444444-2222-4333-8444-666666666666",
        "TimeGenerated": "2024-05-04T03:02:01.1234567Z",
        "ActivityStatusValue": "Success",
        "ActivitySubstatusValue": "Created",
        "SubscriptionId": SUBSCRIPTION,
        "Type": "AzureActivity",
        "_ResourceId": ASSIGNMENT,
    }


def audit_event(**changed: Any) -> dict[str, Any]:
    """A secret that an application read from a vault."""
    record: dict[str, Any] = {
        "time": "2024-05-04T03:02:01.1234567Z",
        "category": "AuditEvent",
        "operationName": "SecretGet",
        "resultType": "Success",
        "correlationId": CORRELATION,
        "callerIpAddress": "198.51.100.23",
        "identity": {
            "claim": {
                "http://schemas.microsoft.com/identity/claims/objectidentifier": CALLER,
                "appid": APP,
                "idtyp": "app",
                "uti": UTI,
                "xms_az_nwperimid": [],
            }
        },
        "properties": {
            "id": "https://kv-app.vault.azure.net/secrets/db-password/0123456789abcdef",
            "clientInfo": "python-requests/2.31.0",
            "requestUri": "https://kv-app.vault.azure.net/secrets/db-password?api-version=7.4",
            "httpStatusCode": 200,
            "isRbacAuthorized": True,
        },
        "resultSignature": "OK",
        "durationMs": "20",
        "resourceId": VAULT,
        "operationVersion": "7.4",
        "location": "westeurope",
    }
    record.update(changed)
    return record


def storage(**changed: Any) -> dict[str, Any]:
    """A blob that was read with a shared access signature made with a user delegation key."""
    record: dict[str, Any] = {
        "time": "2024-05-04T03:02:01.1234567Z",
        "resourceId": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Storage"
        "/storageAccounts/stapp/blobServices/default",
        "category": "StorageRead",
        "operationName": "GetBlob",
        "operationVersion": "2021-12-02",
        "schemaVersion": "1.0",
        "statusCode": 200,
        "statusText": "SASSuccess",
        "durationMs": 12,
        "callerIpAddress": "198.51.100.23:45123",
        "correlationId": "55555555-701e-0011-2233-000000000000",
        "identity": {"type": "SAS", "tokenHash": f"key1({'A1' * 32}),SasSignature({'B2' * 32})"},
        "location": "westeurope",
        "properties": {
            "accountName": "stapp",
            "userAgentHeader": "azsdk-python-storage-blob/12.1",
            "clientRequestId": "66666666-2222-4333-8444-666666666666",
            "serviceType": "blob",
            "objectKey": "/stapp/backups/all.zip",
            "operationCount": 0,
        },
        "uri": f"https://stapp.blob.core.windows.net/backups/all.zip?sv=2021-12-02&skoid={CALLER}&sktid={TENANT}"
        "&sp=r&sig=S3cretSignature%3D",
        "protocol": "HTTPS",
        "resourceType": "Microsoft.Storage/storageAccounts/blobServices",
    }
    record.update(changed)
    return record


ACTIVITY = activity()
REST_ACTIVITY = rest_activity()
LOG_ANALYTICS_ACTIVITY = log_analytics_activity()
AUDIT_EVENT = audit_event()
STORAGE = storage()
