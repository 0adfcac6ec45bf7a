"""GitHub audit events as the REST API and the stream write them.

Field names and spellings follow the vendor's "Audit log events for your organization" and "Identifying audit log
events performed by an access token". Source addresses are not in them unless an owner has switched them on.
"""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass
from typing import Any

from shapes import ids
from shapes.telling import Key, Told

SOURCE = "github.audit"
_URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True)
class Token:
    """A token that an actor presents.

    Attributes:
        number: ``token_id``.
        kind: ``programmatic_access_type``.
        scopes: ``token_scopes``.
    """

    number: int
    kind: str
    scopes: str = "repo,workflow"

    @property
    def hashed(self) -> str:
        """SHA-256 of the token's value, base64."""
        return base64.b64encode(ids.digest(f"github/token/{self.number}")).decode()

    @property
    def keys(self) -> tuple[Key, Key]:
        """The token as records name it."""
        return ("github token", self.hashed), ("github token id", str(self.number))


@dataclass(frozen=True)
class Actor:
    """Who acts.

    Attributes:
        name: Login.
        kind: What stands behind an event of theirs that shows no sign-in.
    """

    name: str
    kind: str = "undecided"

    @property
    def number(self) -> int:
        """The account's number."""
        return 10_000_000 + ids.number(f"github/actor/{self.name}", 80_000_000)


@dataclass(frozen=True)
class Organization:
    """Where it happens.

    Attributes:
        name: Login of the organisation.
        business: The enterprise above it.
    """

    name: str
    business: str

    def event(
        self,
        label: str,
        at: dt.datetime,
        actor: Actor,
        action: str,
        repo: str | None = None,
        *,
        token: Token | None = None,
        agent: str | None = None,
        operation: str = "modify",
        run: int | None = None,
        issues: tuple[Key, ...] = (),
        **more: Any,
    ) -> Told:
        """Return one audit event.

        Args:
            label: What its id is derived from.
            at: When, to the millisecond.
            actor: Who.
            action: ``category.operation``.
            repo: Name of the repository in the organisation.
            token: The token presented, if one was.
            agent: The client.
            operation: ``operation_type``.
            run: ``workflow_run_id``.
            issues: Credentials that it hands out.
            more: Further members.
        """
        millis = int(at.timestamp() * 1000)
        record: dict[str, Any] = {
            "@timestamp": millis,
            "_document_id": ids.letters(f"github/{label}", 22, _URL_SAFE),
            "action": action,
            "actor": actor.name,
            "actor_id": actor.number,
            "actor_is_bot": actor.kind == "nonhuman",
            "business": self.business,
            "business_id": ids.number(f"github/business/{self.business}", 90_000),
            "created_at": millis,
            "operation_type": operation,
            "org": self.name,
            "org_id": ids.number(f"github/org/{self.name}", 90_000_000),
        }
        if repo is not None:
            record["repo"] = f"{self.name}/{repo}"
            record["repo_id"] = ids.number(f"github/repo/{self.name}/{repo}", 900_000_000)
            record["public_repo"] = False
        uses: tuple[Key, ...] = ()
        if token is not None:
            record["hashed_token"] = token.hashed
            record["programmatic_access_type"] = token.kind
            record["token_id"] = token.number
            record["token_scopes"] = token.scopes
            uses += token.keys
        if run is not None:
            record["workflow_run_id"] = run
            key = ("github workflow run", str(run))
            if action == "workflows.created_workflow_run":
                issues += (key,)
            else:
                uses += (key,)
        if agent is not None:
            record["user_agent"] = agent
        record.update(more)
        return Told(
            SOURCE,
            record["_document_id"],
            at,
            [record],
            actor.name,
            actor.kind,
            (None, agent),
            uses,
            issues,
            place=self.name,
        )
