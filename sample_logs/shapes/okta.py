"""Events of the Okta System Log, as ``GET /api/v1/logs`` returns them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from shapes import ids
from shapes.exports import millis
from shapes.telling import Key, Record, Told

SOURCE = "okta.system"
SESSION = "okta session"
API_TOKEN = "okta api token"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def okta_id(prefix: str, label: str) -> str:
    """Return an object's id: a prefix that tells its kind (``00u`` user, ``00T`` token, ``0oa`` application), 20 characters."""
    return prefix + ids.letters(f"okta/{prefix}/{label}", 20 - len(prefix), _LETTERS)


def session_key(label: str) -> Key:
    """Return a sign-in session."""
    return SESSION, f"102{ids.letters(f'okta/session/{label}', 22, _LETTERS)}"


@dataclass(frozen=True)
class Person:
    """A user.

    Attributes:
        login: User name.
        address: Where they sit.
        agent: Their browser.
    """

    login: str
    address: str = ""
    agent: str = ""

    @property
    def id(self) -> str:
        """The user's id, which survives renaming."""
        return okta_id("00u", self.login)

    @property
    def name(self) -> str:
        """The name shown."""
        return self.login.partition("@")[0]

    def actor(self) -> Record:
        """Return the user as an actor."""
        return {"id": self.id, "type": "User", "alternateId": self.login, "displayName": self.name}

    def target(self) -> Record:
        """Return the user as a target."""
        return self.actor()


def target(kind: str, native_id: str, name: str, alternate: str = "unknown") -> Record:
    """Return a target."""
    return {"id": native_id, "type": kind, "alternateId": alternate, "displayName": name}


def log_event(
    label: str,
    at: dt.datetime,
    person: Person,
    event_type: str,
    *,
    targets: tuple[Record, ...] = (),
    session: Key | None = None,
    token: Key | None = None,
    address: str | None = None,
    agent: str | None = None,
    device: str | None = "",
    result: str = "SUCCESS",
    reason: str | None = None,
    issues: tuple[Key, ...] = (),
    tries: bool = False,
    uri: str = "",
    **debug: Any,
) -> Told:
    """Return one event.

    Args:
        label: What its id is derived from.
        at: When, to the millisecond.
        person: The actor.
        event_type: Its type.
        targets: What it is about.
        session: The sign-in session.
        token: The API token presented; the request then has a session of its own.
        address: Where from, if not from the person's place.
        agent: With which client, if not the person's browser.
        device: The hash of the device's cookie; the person's own unless given, ``None`` for a client without one.
        result: ``outcome.result``.
        reason: ``outcome.reason``.
        issues: Credentials that it hands out, if it succeeds.
        tries: Whether it is a step of a sign-in: one that did not succeed shows no person.
        uri: Path of the request.
        debug: Further debug data.
    """
    address = person.address if address is None else address
    agent = person.agent if agent is None else agent
    request = ids.digest(f"okta/request/{label}").hex()[:32]
    own = session
    if token is not None:
        own = (SESSION, f"trs{ids.letters(f'okta/transient/{label}', 22, _LETTERS)}")
    data: Record = {"requestId": request, "requestUri": uri or f"/{event_type.partition('.')[0]}"}
    if device == "":
        device = ids.digest(f"okta/device/{person.login}").hex()
    if device is not None:
        data["dtHash"] = device
    data.update(threatSuspected="false", **debug)
    browser = "FIREFOX" if "Firefox" in agent else "CHROME" if "Chrome" in agent else "UNKNOWN"
    record: Record = {
        "actor": {**person.actor(), "detailEntry": None},
        "client": {
            "userAgent": {"rawUserAgent": agent, "os": "Unknown", "browser": browser},
            "zone": "null",
            "device": "Computer" if browser != "UNKNOWN" else "Unknown",
            "id": None,
            "ipAddress": address,
            "geographicalContext": None,
        },
        "device": None,
        "authenticationContext": {
            "authenticationProvider": None,
            "credentialProvider": None,
            "credentialType": None,
            "issuer": None,
            "interface": None,
            "authenticationStep": 0,
            "externalSessionId": own[1] if own else "unknown",
        },
        "displayMessage": event_type.rpartition(".")[2].replace("_", " ").capitalize(),
        "eventType": event_type,
        "outcome": {"result": result, "reason": reason},
        "published": millis(at),
        "securityContext": {"asNumber": None, "asOrg": None, "isp": None, "domain": None, "isProxy": None},
        "severity": "INFO" if result == "SUCCESS" else "WARN",
        "debugContext": {"debugData": data},
        "legacyEventType": None,
        "transaction": {
            "type": "WEB",
            "id": request,
            "detail": {} if token is None else {"requestApiTokenId": token[1]},
        },
        "uuid": ids.uuid(f"okta/{label}"),
        "version": "0",
        "request": {
            "ipChain": [{"ip": address, "geographicalContext": None, "version": "V4", "source": None}]
        },
        "target": list(targets),
    }
    uses = tuple(key for key in (token, own) if key is not None)
    succeeded = result in ("SUCCESS", "ALLOW")
    kind = "human"
    if token is not None:
        kind = "nonhuman"
    elif own is None or (tries and not succeeded):
        kind = "undecided"
    if event_type == "user.session.start" and own is not None:
        issues += (own,)
    return Told(
        SOURCE,
        record["uuid"],
        at,
        [record],
        person.id,
        kind,
        (address, agent),
        uses,
        issues if succeeded else (),
        place="okta",
    )
