"""Azure's Activity log and the audit events of Key Vault, as diagnostic settings write them.

Fields follow the vendor's pages "Azure Activity log event schema", "Azure Key Vault logging" and "Access token claims
reference".
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from shapes import ids
from shapes.entra import CLIENT, Application, Tenant, User, ticks, token_keys
from shapes.telling import Key, Record, Told

ACTIVITY, VAULT = "azure.activity", "azure.keyvault"
_CLAIM = "http://schemas.microsoft.com/identity/claims/"
_UPN = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"


@dataclass(frozen=True)
class Subscription:
    """A subscription of a tenant."""

    id: str
    tenant: Tenant

    def resource(self, group: str, kind: str, name: str) -> str:
        """Return a resource's id."""
        return f"/SUBSCRIPTIONS/{self.id}/RESOURCEGROUPS/{group}/PROVIDERS/{kind}/{name}".upper()

    def activity(
        self,
        label: str,
        at: dt.datetime,
        who: User | Application,
        operation: str,
        target: str,
        *,
        request: str | None = None,
        client: str = "",
        session: Key | None = None,
        address: str | None = None,
    ) -> Told:
        """Return an act in the Activity log: its start and its end.

        Args:
            label: What its ids are derived from.
            at: When it ended.
            who: Who.
            operation: ``MICROSOFT.KEYVAULT/VAULTS/WRITE`` …
            target: Id of the resource.
            request: Id of the sign-in request that issued the token; ``None`` if the claims do not say.
            client: Application id of a person's client.
            session: A person's sign-in session.
            address: Where from, if not from the usual place.
        """
        correlation = ids.uuid(f"activity/{label}")
        address = who.address if address is None else address
        application = client if isinstance(who, User) else who.client
        claims: dict[str, str] = {
            "aud": "https://management.azure.com/",
            "iss": f"https://sts.windows.net/{self.tenant.id}/",
            "appid": application,
            _CLAIM + "objectidentifier": who.id,
            _CLAIM + "tenantid": self.tenant.id,
            "ver": "1.0",
        }
        uses: tuple[Key, ...] = ()
        if request is not None:
            keys = token_keys(request)
            claims["uti"] = keys[0][1]
            uses += keys
        kind = "nonhuman"
        if isinstance(who, User):
            claims.update({_UPN: who.name, "appidacr": "0", "idtyp": "user"})
            claims["http://schemas.microsoft.com/claims/authnmethodsreferences"] = "pwd,mfa"
            kind = "human"
            if session is not None:
                claims["sid"] = session[1]
                uses += (session,)
        else:
            claims.update({"appidacr": "1", "idtyp": "app"})
        uses += ((CLIENT, application),)
        records = []
        for result, signature, seconds in (("Start", "Started.", -1), ("Success", "Succeeded.OK", 0)):
            record: Record = {
                "time": ticks(at + dt.timedelta(seconds=seconds)),
                "resourceId": target,
                "operationName": operation,
                "category": "Administrative",
                "resultType": result,
                "resultSignature": signature,
                "durationMs": 0 if seconds else 812,
                "callerIpAddress": address or None,
                "correlationId": correlation,
                "identity": {
                    "authorization": {
                        "scope": target,
                        "action": operation,
                        "evidence": {
                            "role": "Contributor",
                            "principalId": who.id.replace("-", ""),
                            "principalType": "User" if isinstance(who, User) else "ServicePrincipal",
                        },
                    },
                    "claims": claims,
                },
                "level": "Information",
                "location": "global",
                "properties": {"eventCategory": "Administrative", "entity": target, "hierarchy": self.id},
            }
            if not seconds:
                record["properties"]["statusCode"] = "OK"
            records.append(record)
        shared = f"{correlation} {operation.casefold()} {target.casefold()}"
        # The log gives these events no id of their own: act, stage and instant together name one.
        native = f"{shared} Success {int(at.timestamp()) * 1_000_000 + at.microsecond}"
        return Told(ACTIVITY, native, at, records, who.id, kind, (address or None, None), uses, place=self.id)

    def vault(
        self,
        label: str,
        at: dt.datetime,
        who: User | Application,
        operation: str,
        vault: str,
        path: str,
        *,
        client: str = "",
        address: str | None = None,
        status: int = 200,
    ) -> Told:
        """Return a request to a key vault. The token for a vault is another than that for the management plane.

        Args:
            label: What its request id is derived from.
            at: When.
            who: Who.
            operation: ``SecretGet`` …
            vault: Name of the vault.
            path: Path of the object in it.
            client: Application id of a person's client.
            address: Where from, if not from the usual place.
            status: HTTP status.
        """
        request = ids.uuid(f"vault/{label}")
        address = who.address if address is None else address
        application = client if isinstance(who, User) else who.client
        claim: dict[str, Any] = {_CLAIM + "objectidentifier": who.id, "appid": application}
        kind = "undecided"
        if isinstance(who, User):
            claim[_UPN] = who.name
        else:
            claim["idtyp"] = "app"
            kind = "nonhuman"
        url = f"https://{vault}.vault.azure.net/{path}"
        record: Record = {
            "time": ticks(at),
            "category": "AuditEvent",
            "operationName": operation,
            "resultType": "Success" if status < 400 else "Failed",
            "correlationId": ids.uuid(f"vault/correlation/{label}"),
            "callerIpAddress": address or None,
            "identity": {"claim": claim},
            "properties": {
                "id": url,
                "clientInfo": who.agent or "azsdk-net",
                "requestUri": f"{url}?api-version=7.5",
                "httpStatusCode": status,
                "requestId": request,
                "isAccessPolicyMatch": True,
            },
            "resourceId": self.resource("shared", "MICROSOFT.KEYVAULT/VAULTS", vault),
            "operationVersion": "7.5",
            "resultSignature": "OK" if status < 400 else "Forbidden",
            "durationMs": "24",
        }
        return Told(
            VAULT,
            request,
            at,
            [record],
            who.id,
            kind,
            (address or None, record["properties"]["clientInfo"]),
            ((CLIENT, application),),
            place=vault,
        )
