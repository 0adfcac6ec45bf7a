"""Google Cloud audit logs, as a log sink writes them; the vendor's "AuditLog" and "LogEntry" references."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from shapes import ids
from shapes.telling import Key, Record, Told

SOURCE = "gcp.audit"
KEY = "gcp service account key"
_BASE32 = "0123456789abcdefghijklmnopqrstuv"


@dataclass(frozen=True)
class Principal:
    """A person or a service account.

    Attributes:
        email: Its address.
        address: Where from.
        agent: With which client.
        key: The service account key that it presents.
        behind: Entries of ``serviceAccountDelegationInfo``, if somebody acts through the account.
    """

    email: str
    address: str
    agent: str
    key: Key | None = None
    behind: tuple[Record, ...] | None = None

    @property
    def service(self) -> bool:
        """Whether it is a service account."""
        return self.email.endswith(".gserviceaccount.com")

    @property
    def number(self) -> str:
        """A service account's numeric id, by which some records name it."""
        return str(10**20 + ids.number(f"gcp/{self.email}", 10**19))


def service_key(label: str) -> Key:
    """Return a service account key by its id."""
    return KEY, ids.digest(f"gcp/key/{label}").hex()[:40]


@dataclass(frozen=True)
class Project:
    """A project."""

    name: str

    def account(self, name: str) -> str:
        """Return the address of a service account."""
        return f"{name}@{self.name}.iam.gserviceaccount.com"

    def call(
        self,
        label: str,
        at: dt.datetime,
        who: Principal,
        service: str,
        method: str,
        target: str,
        *,
        permission: str,
        data: bool = False,
        kind: str = "project",
        labels: dict[str, str] | None = None,
        issues: tuple[Key, ...] = (),
        code: int = 0,
        **payload: Any,
    ) -> Told:
        """Return one entry.

        Args:
            label: What its ``insertId`` is derived from.
            at: When, to the microsecond.
            who: Who.
            service: The API, without ``.googleapis.com``.
            method: ``methodName``.
            target: ``resourceName``.
            permission: What was asked for.
            data: Whether it stands in the log of data access.
            kind: ``resource.type``.
            labels: Labels of the resource, beside the project.
            issues: Credentials that it hands out.
            code: ``status.code``.
            payload: Further members of ``protoPayload``.
        """
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"
        log = f"projects/{self.name}/logs/cloudaudit.googleapis.com%2F{'data_access' if data else 'activity'}"
        info: Record = {"principalEmail": who.email}
        if who.service:
            info["principalSubject"] = f"serviceAccount:{who.email}"
        if who.key is not None:
            info["serviceAccountKeyName"] = (
                f"//iam.googleapis.com/projects/{self.name}/serviceAccounts/{who.email}/keys/{who.key[1]}"
            )
        if who.behind is not None:
            info["serviceAccountDelegationInfo"] = list(who.behind)
        inserted = ids.letters(f"gcp/{label}", 13, _BASE32)
        record: Record = {
            "protoPayload": {
                "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
                "status": {"code": code, "message": "refused"} if code else {},
                "authenticationInfo": info,
                "requestMetadata": {
                    "callerIp": who.address,
                    "callerSuppliedUserAgent": who.agent,
                    "requestAttributes": {"time": stamp, "auth": {}},
                    "destinationAttributes": {},
                },
                "serviceName": f"{service}.googleapis.com",
                "methodName": method,
                "authorizationInfo": [
                    {
                        "resource": target,
                        "permission": permission,
                        "granted": not code,
                        "resourceAttributes": {},
                    }
                ],
                "resourceName": target,
                **payload,
            },
            "insertId": inserted,
            "resource": {"type": kind, "labels": {"project_id": self.name, **(labels or {})}},
            "timestamp": stamp,
            "severity": "INFO" if data else "NOTICE",
            "logName": log,
            "receiveTimestamp": (at + dt.timedelta(milliseconds=911)).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z",
        }
        micros = int(at.timestamp()) * 1_000_000 + at.microsecond
        return Told(
            SOURCE,
            f"{log} {micros} {inserted}",
            at,
            [record],
            who.email,
            "nonhuman" if who.service else "undecided",
            (who.address, who.agent),
            () if who.key is None else (who.key,),
            () if code else issues,
            place=log,
        )

    def create_key(self, label: str, at: dt.datetime, who: Principal, account: Principal, key: Key) -> Told:
        """Return the creation of a service account key: asked for by the account's number, answered with its address."""
        target = f"projects/-/serviceAccounts/{account.number}"
        return self.call(
            label,
            at,
            who,
            "iam",
            "google.iam.admin.v1.CreateServiceAccountKey",
            target,
            permission="iam.serviceAccountKeys.create",
            kind="service_account",
            labels={"email_id": account.email, "unique_id": account.number},
            issues=(key,),
            request={
                "@type": "type.googleapis.com/google.iam.admin.v1.CreateServiceAccountKeyRequest",
                "name": target,
                "private_key_type": 2,
            },
            response={
                "@type": "type.googleapis.com/google.iam.admin.v1.ServiceAccountKey",
                "name": f"projects/{self.name}/serviceAccounts/{account.email}/keys/{key[1]}",
                "key_type": 1,
                "private_key_type": 2,
            },
        )

    def object(self, label: str, at: dt.datetime, who: Principal, bucket: str, name: str = "") -> Told:
        """Return the reading of an object of Cloud Storage, or of the list of a bucket's objects."""
        target = f"projects/_/buckets/{bucket}" + (f"/objects/{name}" if name else "")
        method = "storage.objects.get" if name else "storage.objects.list"
        return self.call(
            label,
            at,
            who,
            "storage",
            method,
            target,
            permission=method,
            data=True,
            kind="gcs_bucket",
            labels={"bucket_name": bucket, "location": "europe-west4"},
        )
