"""What a message of a program says, before host and time are added; and the makers that the readers of messages share."""

from __future__ import annotations

import msgspec

from workbench.model.event import (
    Address,
    Credential,
    IdentityKind,
    KindReason,
    OutcomeStatus,
    Resource,
    ResourceRole,
    StatedChange,
    Verb,
)
from workbench.sources import parts
from workbench.sources.addresses import ADDRESSES
from workbench.sources.command_lines import COMMAND_LINES
from workbench.sources.interning import interned

UNDECIDED = parts.kind(IdentityKind.UNDECIDED, "the account name alone does not tell")
"""The kind of an account of which a message says no more than the name."""

TWO_WAYS = "the message can be read in two ways: names in it were chosen to look like its form"
"""Warning of a message whose user name or key id imitates the words around it."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What one message says.

    Attributes:
        action: What happened, in the program's own words (``Accepted publickey``).
        verb: The kind of act.
        rule: The rule that decided the verb.
        user: The account that acts or tries to sign in.
        kind: What stands behind it.
        as_user: The account that it acts as, if another.
        credential: The credential presented.
        used: Further keys presented.
        address: Where from.
        status: How it ended.
        code: The words that say so.
        resources: What was acted upon; the reader adds the host that owns it.
        changes: Before and after, as the message states them.
        tampers: Whether the act weakens the recording of what happens.
        warnings: What was odd.
    """

    action: str
    verb: Verb
    rule: str
    user: str | None = None
    kind: KindReason = UNDECIDED
    as_user: str | None = None
    credential: Credential | None = None
    used: tuple[Credential, ...] = ()
    address: Address | None = None
    status: OutcomeStatus = OutcomeStatus.UNKNOWN
    code: str | None = None
    resources: tuple[Resource, ...] = ()
    changes: tuple[StatedChange, ...] = ()
    tampers: bool = False
    warnings: tuple[str, ...] = ()


def address_at(host: str, port: str | None) -> Address:
    """Return the address of a client, its port kept in the text: it can tell one connection from another."""
    known = ADDRESSES[host]
    return known if port is None else Address(f"{host} port {port}", known.kind, known.ip)


def account(name: str, role: ResourceRole = ResourceRole.TARGET) -> Resource:
    """Return a user account as a resource."""
    return interned(Resource("linux:user", name, role), name)


def group(name: str, role: ResourceRole = ResourceRole.TARGET) -> Resource:
    """Return a group as a resource."""
    return interned(Resource("linux:group", name, role), name)


def command(line: str) -> Resource:
    """Return a command line as a resource, shortened and without the secrets that command lines commonly hold."""
    return Resource("linux:command", COMMAND_LINES[line.strip()])


def file(path: str, role: ResourceRole = ResourceRole.TARGET) -> Resource:
    """Return a file as a resource."""
    return Resource("linux:file", path, role)
