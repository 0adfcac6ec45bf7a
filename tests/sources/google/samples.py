"""Records of Google's logs, made up: full ones, in the forms in which they are exported."""

from __future__ import annotations

from typing import Any

PROJECT = "example-project"
ACCOUNT = f"builder@{PROJECT}.iam.gserviceaccount.com"
NUMBER = "104000000000000000001"
KEY = "00aa11bb22cc33dd44ee55ff66aa77bb88cc99dd"
AGENT = (
    "google-cloud-sdk gcloud/470.0.0 command/gcloud.iam.service-accounts.keys.create "
    "invocation-id/0123456789abcdef0123456789abcdef environment/None interactive/True,gzip(gfe)"
)


def entry(**payload: Any) -> dict[str, Any]:
    """A service account key that another service account created."""
    proto: dict[str, Any] = {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "status": {},
        "authenticationInfo": {
            "principalEmail": f"deployer@{PROJECT}.iam.gserviceaccount.com",
            "principalSubject": f"serviceAccount:deployer@{PROJECT}.iam.gserviceaccount.com",
            "serviceAccountKeyName": f"//iam.googleapis.com/projects/{PROJECT}/serviceAccounts/{NUMBER}/keys/{KEY}",
            "serviceAccountDelegationInfo": [{"firstPartyPrincipal": {"principalEmail": "ada@example.com"}}],
            "oauthInfo": {"oauthClientId": "1234.apps.googleusercontent.com"},
        },
        "requestMetadata": {
            "callerIp": "198.51.100.23",
            "callerSuppliedUserAgent": AGENT,
            "requestAttributes": {"time": "2024-05-04T03:02:01.200Z", "auth": {}},
            "destinationAttributes": {},
        },
        "serviceName": "iam.googleapis.com",
        "methodName": "google.iam.admin.v1.CreateServiceAccountKey",
        "authorizationInfo": [
            {
                "resource": f"projects/-/serviceAccounts/{NUMBER}",
                "permission": "iam.serviceAccountKeys.create",
                "granted": True,
                "resourceAttributes": {"name": f"projects/-/serviceAccounts/{NUMBER}"},
                "permissionType": "ADMIN_WRITE",
            }
        ],
        "resourceName": f"projects/-/serviceAccounts/{NUMBER}",
        "request": {
            "@type": "type.googleapis.com/google.iam.admin.v1.CreateServiceAccountKeyRequest",
            "name": f"projects/-/serviceAccounts/{ACCOUNT}",
            "private_key_type": 2,
        },
        "response": {
            "@type": "type.googleapis.com/google.iam.admin.v1.ServiceAccountKey",
            "name": f"projects/{PROJECT}/serviceAccounts/{ACCOUNT}/keys/99887766554433221100aabbccddeeff00112233",
            "valid_after_time": {"seconds": 1714791721},
            "valid_before_time": {"seconds": 1777863721},
        },
    }
    proto.update(payload)
    return {
        "protoPayload": {name: value for name, value in proto.items() if value is not None},
        "insertId": "1abcd2efgh3",
        "resource": {
            "type": "service_account",
            "labels": {"project_id": PROJECT, "email_id": ACCOUNT, "unique_id": NUMBER},
        },
        "timestamp": "2024-05-04T03:02:01.123456789Z",
        "severity": "NOTICE",
        "logName": f"projects/{PROJECT}/logs/cloudaudit.googleapis.com%2Factivity",
        "receiveTimestamp": "2024-05-04T03:02:02.5Z",
    }


def set_iam_policy(**payload: Any) -> dict[str, Any]:
    """A role that was granted, and one that was taken away."""
    return entry(
        serviceName="cloudresourcemanager.googleapis.com",
        methodName="SetIamPolicy",
        resourceName=f"projects/{PROJECT}",
        request={"policy": {"bindings": [{"role": "roles/owner", "members": ["user:eve@example.net"]}]}},
        response={"bindings": [{"role": "roles/owner", "members": ["user:eve@example.net"]}], "etag": "BwX="},
        serviceData={
            "@type": "type.googleapis.com/google.iam.v1.logging.AuditData",
            "policyDelta": {
                "bindingDeltas": [
                    {"action": "ADD", "role": "roles/owner", "member": "user:eve@example.net"},
                    {"action": "REMOVE", "role": "roles/viewer", "member": "user:ada@example.com"},
                ],
                "auditConfigDeltas": [{"action": "REMOVE", "service": "allServices", "logType": "DATA_READ"}],
            },
        },
        **payload,
    )


def activity(*events: dict[str, Any], application: str = "admin", **actor: Any) -> dict[str, Any]:
    """An activity of the Reports API."""
    return {
        "kind": "admin#reports#activity",
        "id": {
            "time": "2024-05-04T03:02:01.123Z",
            "uniqueQualifier": "-1234567890123456789",
            "applicationName": application,
            "customerId": "C0example",
        },
        "etag": '"abc"',
        "actor": {
            "callerType": "USER",
            "email": "ada@example.com",
            "profileId": "100000000000000000001",
            **actor,
        },
        "ipAddress": "2001:db8::7",
        "events": list(events),
    }


CHANGE = {
    "type": "USER_SETTINGS",
    "name": "CHANGE_ORG_UNIT_SETTING",
    "parameters": [
        {"name": "USER_EMAIL", "value": "bob@example.com"},
        {"name": "SETTING_NAME", "value": "2sv enforcement"},
        {"name": "OLD_VALUE", "value": "on"},
        {"name": "NEW_VALUE", "value": "off"},
    ],
}
GRANT = {
    "type": "DELEGATED_ADMIN_SETTINGS",
    "name": "ASSIGN_ROLE",
    "parameters": [
        {"name": "ROLE_NAME", "value": "_SEED_ADMIN_ROLE"},
        {"name": "USER_EMAIL", "value": "eve@example.com"},
    ],
}
SHARE = {
    "type": "acl_change",
    "name": "change_user_access",
    "parameters": [
        {"name": "primary_event", "boolValue": True},
        {"name": "doc_id", "value": "1doc"},
        {"name": "target_user", "value": "eve@example.net"},
        {"name": "old_value", "multiValue": ["none"]},
        {"name": "new_value", "multiValue": ["can_view"]},
        {"name": "old_visibility", "value": "private"},
        {"name": "visibility", "value": "shared_externally"},
    ],
}
LOGIN = {
    "type": "login",
    "name": "login_success",
    "parameters": [{"name": "login_type", "value": "google_password"}],
}
AUTHORIZE = {
    "type": "auth",
    "name": "authorize",
    "parameters": [
        {"name": "client_id", "value": "1234.apps.googleusercontent.com"},
        {"name": "app_name", "value": "Mail sorter"},
        {"name": "scope", "multiValue": ["https://mail.example/"]},
    ],
}

KEY_CREATED = entry()
POLICY_SET = set_iam_policy()
TWO_EVENTS = activity(CHANGE, GRANT)
SHARED = activity(SHARE, application="drive")
FLAT_ROW: dict[str, Any] = {
    "actor": {"callerType": "USER", "email": "ada@example.com", "profileId": "100000000000000000001"},
    "id": {
        "applicationName": "drive",
        "customerId": "C0example",
        "time": "2024-05-04 03:02:01.123000000",
        "uniqueQualifier": "-1234567890123456789",
    },
    "ipAddress": "2001:db8::7",
    "kind": "admin#reports#activity",
    "name": "change_user_access",
    "parameters": {
        "doc_id": "1doc",
        "new_value": ["can_view"],
        "old_value": ["none"],
        "old_visibility": "private",
        "primary_event": True,
        "target_user": "eve@example.net",
        "visibility": "shared_externally",
    },
    "type": "acl_change",
    "p_log_type": "GSuite.ActivityEvent",
}
