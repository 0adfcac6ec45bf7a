"""From what a message says to an event: the host it was said on and the time are added.

Accounts are named ``user@host``: an account name is unique on one host only, and ``root`` of two hosts are two principals.
A process is named ``host/pid=number`` as a correlation id; numbers are used again, so it joins records of about the same
time only.
"""

from __future__ import annotations

from workbench.model.event import Credential, Event, EventTime, Identity, Resource
from workbench.sources import parts
from workbench.sources.interning import interned
from workbench.sources.linux.said import Said

UNSET = frozenset({"4294967295", "-1", "unset", "18446744073709551615"})
"""How the kernel and its tools write a login uid or session that was never set."""


def account_on(name: str | None, host: str | None, uid: str | None = None) -> Identity | None:
    """Return an account of a host as an identity; ``None`` if neither name nor number is known.

    Args:
        name: The account's name.
        host: The host.
        uid: The account's number, by which it is named where the record holds no name.
    """
    shown = name or (f"uid={uid}" if uid else None)
    if not shown:
        return None
    return parts.identity(f"{shown}@{host}" if host else shown, shown, uid, host)


def login_session(host: str | None, auid: str | None, session: str | None) -> Credential | None:
    """Return the kernel's login session as a credential; ``None`` if none was set.

    The kernel counts sessions on one host from 1 after every start. Where the host is not named the number identifies
    nothing outside the file it stands in, and the credential is of a type of its own, which must not join hosts.
    """
    if not session or session in UNSET:
        return None
    name = f"auid={auid or '?'}/ses={session}"
    if host is None:
        return interned(Credential("linux session of an unnamed host", name), name)
    return interned(Credential("linux session", f"{host}/{name}"), host, name)


def event_of(
    said: Said,
    *,
    time: EventTime,
    host: str | None,
    program: str,
    pid: str | None,
    category: str | None,
    native_id: str | None = None,
    used: tuple[Credential, ...] = (),
    warnings: tuple[str, ...] = (),
    writer: Identity | None = None,
) -> Event:
    """Return the event of a message.

    Args:
        said: What the message says.
        time: When.
        host: On which host.
        program: Which program said it.
        pid: As which process.
        category: The log's own category.
        native_id: The log's own id of the record.
        used: Session keys that the record holds beside its message.
        warnings: What was odd about the record.
        writer: The account that wrote the message, for one that names no account.
    """
    keys = (*said.used, *used)
    credential = said.credential or (keys[0] if keys else None)
    resources = tuple(
        interned(Resource(each.type, each.name, each.role, host), each.name, host) for each in said.resources
    )
    return Event(
        time=time,
        act=parts.act(
            program or "syslog", said.action, said.verb, said.rule, category, tampers_logging=said.tampers
        ),
        identity=account_on(said.user, host) or writer,
        kind=said.kind,
        credential=credential,
        address=said.address,
        user_agent=None,
        outcome=parts.outcome(said.status, said.code),
        place=parts.place(host),
        resources=resources,
        native_id=native_id,
        particulars=parts.particulars(
            used=keys if said.credential is not None else keys[1:],
            changes=said.changes,
            on_behalf_of=account_on(said.as_user, host),
            correlation_id=f"{host}/pid={pid}" if host and pid else None,
        ),
        warnings=parts.warnings_of(time, said.warnings, warnings),
    )
