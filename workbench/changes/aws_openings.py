"""What acts in AWS leave behind beyond keys, trusts and grants by name: code, boundaries, public access, versions of policies.

Sources: the API references of the services, for what each field gives to whom.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from workbench.changes.aws_lambda import CODE, URL
from workbench.changes.aws_tables import FEDERATED, PUSHED_KEY
from workbench.changes.openings import (
    NEW_UNKNOWN,
    Opened,
    cleared,
    first_of,
    never,
    set_to,
    stated,
    words_of,
)
from workbench.changes.policy import Policy, account_of, in_words, joined, read_policy
from workbench.changes.undoing import Gone
from workbench.changes.values import members_of, value_of
from workbench.clock import SECOND
from workbench.model.change import Basis, Change, ExposureKind, Operation

PUSHED_FOR = 60 * SECOND
"""How long a key that was pushed to an instance is good (EC2 Instance Connect API reference, SendSSHPublicKey)."""

POLICIES = ("trust policy", "bucket policy", "key policy", "resource policy", "repository policy")
_BOUNDARY, _BLOCK = "permissions boundary", "public access block"
_DEFAULT, _VERSION = "default version", "version "
_NO_LIMIT = '"arn:aws:iam::aws:policy/AdministratorAccess"'


def opened_in_aws(
    change: Change,
    before: Sequence[Change],
    after: Sequence[Change],
    accounts: frozenset[str],
    log_buckets: frozenset[str],
) -> Iterator[Opened]:
    """Yield what a change of a resource of AWS left behind.

    Args:
        change: The change.
        before: The changes of the resource that were made before it.
        after: Those that were made after it.
        accounts: The accounts of the case: others are outside.
        log_buckets: Names of the buckets that trails of the case deliver to.
    """
    field = change.field
    if change.operation is Operation.REMOVE:
        if field == "MFA devices" and change.member is not None:
            words = f"signing in no longer takes the MFA device {words_of(change.member)}"
            yield Opened(ExposureKind.CREDENTIAL, words, "MFA device taken away", _mfa_again)
        return
    if change.operation is Operation.CREATE and change.resource.kind == "ec2:key-pair":
        words = "a new key pair: instances that are started with it let its holder in"
        yield Opened(ExposureKind.CREDENTIAL, words, "key pair", never)
    if change.operation not in (Operation.SET, Operation.CLEAR):
        return
    if field in _BY_FIELD:
        yield from _BY_FIELD[field](change)
    elif field == URL or field.startswith(f"{URL} of "):
        yield from _function_url(change)
    elif field == _DEFAULT:
        yield from _default_version(change, before, after)
    elif field.startswith("grant "):
        yield from _key_grant(change, accounts)
    elif field.startswith("rule sgr-"):
        yield from _rule(change)
    elif field == "lifecycle" and change.resource.name in log_buckets:
        yield from _expiry(change)
    if change.operation is Operation.SET and (field in POLICIES or field.startswith("inline policy ")):
        yield from _withheld(change)


# Public access


def wide(peer: str) -> str | None:
    """Return in words why a range of addresses is open to (nearly) everybody; ``None`` if it is not.

    The halves 0.0.0.0/1 and 128.0.0.0/1 are everything together; no company has a block wider than /8.
    """
    try:
        network = ipaddress.ip_network(peer, strict=False)
    except ValueError:
        return None
    if network.prefixlen == 0:
        return "open to everybody"
    private = network.version == 6 and network.subnet_of(ipaddress.IPv6Network("fc00::/7"))
    if private or network.prefixlen > (7 if network.version == 4 else 15):
        return None
    return (
        f"open to a {2**network.prefixlen:,}th of all addresses"
        if network.prefixlen > 1
        else ("open to half of all addresses")
    )


def opens(rule: str) -> str | None:
    """Return in words whom a rule of a security group lets in, if that is (nearly) everybody."""
    peer = rule.split(" ")[1:2]
    return wide(peer[0].removesuffix(";")) if peer else None


def _rule(change: Change) -> Iterator[Opened]:
    rule = words_of(change.after or '""')
    whom = opens(rule)
    if whom is None:
        return
    words = f"{whom}: {rule}; whether the rule is for what comes in or goes out is not in the record"

    def narrowed(later: Change) -> str | None:
        if later.field != change.field or later.operation is not Operation.SET or later.after is None:
            return None
        return None if opens(words_of(later.after)) else "set to a narrower rule"

    yield Opened(
        ExposureKind.NETWORK,
        stated(change, words),
        "open to every address",
        first_of(cleared(change.field), narrowed),
    )


def _public_access(change: Change) -> Iterator[Opened]:
    off = _blocks_off(change)
    if not off or (change.before is None and change.before_basis is not Basis.UNKNOWN):
        return
    words = f"public access is no longer blocked ({off}): what policies and access lists give to everybody is in force"

    def blocked(later: Change) -> str | None:
        set_again = later.field == _BLOCK and later.operation is Operation.SET and later.after is not None
        return "public access was blocked again" if set_again and not _blocks_off(later) else None

    yield Opened(ExposureKind.SHARED, stated(change, words), "public access not blocked", blocked)


def _blocks_off(change: Change) -> str:
    """Return in words which parts of a block of public access are off, empty if none (S3, PublicAccessBlockConfiguration)."""
    if change.operation is Operation.CLEAR:
        return "the block was deleted"
    value = value_of(change.after) if change.after is not None else None
    parts = value.items() if isinstance(value, dict) else ()
    return ", ".join(f"{name} is off" for name, on in parts if on is False or str(on).lower() == "false")


def _function_url(change: Change) -> Iterator[Opened]:
    if not _is_public(change.after):
        return
    value = value_of(change.after or "{}")
    url = value.get("url", "") if isinstance(value, dict) else ""
    words = f"a public address {url} for everybody, without signing in".replace("  ", " ")

    def closed(later: Change) -> str | None:
        set_again = (
            later.field == change.field and later.operation is Operation.SET and later.after is not None
        )
        return (
            "set to an address that takes signing in" if set_again and not _is_public(later.after) else None
        )

    gone = first_of(cleared(change.field), version_gone(change.field), closed)
    yield Opened(ExposureKind.SHARED, stated(change, words), "public function URL", gone)


def version_gone(field: str) -> Gone:
    """Return what tells that the version or alias of a function went that a field is of."""
    _, of, part = field.rpartition(" of ")
    return cleared(f"version of {part}", "the version was deleted") if of else lambda later: None


def _is_public(config: str | None) -> bool:
    value = value_of(config) if config is not None else None
    return isinstance(value, dict) and value.get("authtype") == "NONE"


# Keys and credentials


def _key_grant(change: Change, accounts: frozenset[str]) -> Iterator[Opened]:
    value = value_of(change.after) if change.after is not None else None
    grantee = value.get("granteeprincipal") if isinstance(value, dict) else None
    account = account_of(f"aws:{grantee}")
    if account is None or account in accounts or not isinstance(value, dict):
        return
    listed = value.get("operations")
    may = ", ".join(map(str, listed)) if isinstance(listed, list) else "not stated what"
    words = f"{grantee} may use the key: {may} (account {account} is outside: not among the accounts of this case)"
    yield Opened(ExposureKind.SHARED, words, "grant of a key", cleared(change.field, "the grant was revoked"))


def _pushed_key(change: Change) -> Iterator[Opened]:
    value = value_of(change.after) if change.after is not None else None
    user = value.get("user") if isinstance(value, dict) else None
    where = f"user {user} of" if user else "the serial console of"
    words = f"an SSH public key was pushed for {where} instance {change.resource.name}; good for 60 s"
    yield Opened(ExposureKind.CREDENTIAL, words, "pushed SSH key", never, ends=PUSHED_FOR)


def _federated(change: Change) -> Iterator[Opened]:
    value = value_of(change.after) if change.after is not None else None
    told: dict[str, Any] = value if isinstance(value, dict) else {}
    words = (
        f"temporary key {told.get('key')} of federated user {change.resource.name}; by itself it ends"
        f" {told.get('until') or 'at a time that the record does not say'}, and not before"
    )
    yield Opened(ExposureKind.CREDENTIAL, words, "federation token", never)


def _mfa_again(later: Change) -> str | None:
    if later.field == "MFA devices" and later.operation is Operation.ADD:
        return "an MFA device was enabled"
    return None


# What runs


def _code(change: Change) -> Iterator[Opened]:
    if _is_first(change):
        return
    now = f": SHA-256 is now {words_of(change.after)}" if change.after is not None else ""
    yield Opened(
        ExposureKind.PERSISTENCE,
        f"the code was replaced{now}",
        "code replaced",
        set_to(CODE, _known(change), "set back to the code before"),
    )


def _layers(change: Change) -> Iterator[Opened]:
    if _is_first(change):
        return
    known = set(members_of(change.before)) if change.before_basis is not Basis.UNKNOWN else set()
    for member in members_of(change.after):
        if member not in known:
            yield Opened(
                ExposureKind.PERSISTENCE,
                stated(change, f"layer {words_of(member)} runs with the code"),
                "layer added",
                _without(change.field, member),
            )


def _without(field: str, member: str) -> Gone:
    def gone(later: Change) -> str | None:
        if later.field != field or later.operation is Operation.ADD:
            return None
        if later.operation is Operation.SET and (later.after is None or member in members_of(later.after)):
            return None
        return "set to a value without it"

    return gone


def _user_data(change: Change) -> Iterator[Opened]:
    if change.operation is Operation.CLEAR or _is_first(change):
        return
    words = "user data was changed: what an instance runs when it starts"
    yield Opened(
        ExposureKind.PERSISTENCE,
        words,
        "user data changed",
        set_to(change.field, _known(change), "set back to what it was"),
    )


def _is_first(change: Change) -> bool:
    """Whether it was set when the resource was made."""
    return change.before is None and change.before_basis is not Basis.UNKNOWN


def _known(change: Change) -> str | None:
    return change.before if change.before_basis is not Basis.UNKNOWN else None


def _serial_console(change: Change) -> Iterator[Opened]:
    if change.after == "true":
        words = "the serial consoles of the instances of the account can be reached"
        gone = set_to(change.field, "false", "switched off again")
        yield Opened(ExposureKind.NETWORK, stated(change, words), "serial console access", gone)


# What policies allow


def _boundary(change: Change) -> Iterator[Opened]:
    if change.operation is Operation.CLEAR:
        if _is_first(change):
            return
        words = "the permissions boundary was taken away: what the policies allow is no longer limited by it"
    elif change.after == _NO_LIMIT and change.before != _NO_LIMIT and not _is_first(change):
        words = f"the permissions boundary is now {words_of(change.after)}: it limits nothing"
    else:
        return

    def limited(later: Change) -> str | None:
        again = later.field == _BOUNDARY and later.operation is Operation.SET
        return "a permissions boundary was set" if again and later.after not in (None, _NO_LIMIT) else None

    yield Opened(ExposureKind.GRANT, words, "permissions boundary", limited)


def _default_version(change: Change, before: Sequence[Change], after: Sequence[Change]) -> Iterator[Opened]:
    """Yield what the version of a managed policy that is in force now allows beyond the one before it."""
    if change.operation is not Operation.SET or change.after is None or _is_first(change):
        return
    seen = list(before)
    policy = _version(seen, words_of(change.after))
    name = words_of(change.after)
    if policy is None:
        words = f"version {name} is in force now; what it allows is not in the case: whether that is more cannot be judged"
        yield Opened(ExposureKind.GRANT, words, "policy version", _version_changed(name))
        return
    old = _known(change)
    known = _version(seen, words_of(old)) if old is not None else None
    # That a version says what it grants does not say what is new in it, unless the one before is in the case.
    doubt = "" if known is not None else NEW_UNKNOWN
    for grant in joined(policy - (known or frozenset())):
        if grant.effect == "allow":
            words = f"version {name} is in force now: {in_words(grant)}{doubt}"
            others = [each for each in after if each.field == _DEFAULT and each.after != change.after]
            later = [_version([*seen, *after], words_of(each.after or '""')) for each in others]
            untold = bool(later) and all(each is None for each in later)
            yield Opened(
                ExposureKind.GRANT,
                words,
                "policy version",
                _version_without([*seen, *after], _allowed_beyond(policy, known)),
                untold=untold,
                grant=grant,
            )


def _allowed_beyond(policy: Policy, known: Policy | None) -> Policy:
    """Return what a policy allows beyond another."""
    return frozenset(each for each in policy - (known or frozenset()) if each.effect == "allow")


def _version(changes: Sequence[Change], name: str) -> Policy | None:
    """Return what a version of a managed policy says; ``None`` if that is not in the case."""
    for each in reversed(changes):
        if each.field == _VERSION + name and each.operation in (Operation.SET, Operation.OBSERVE):
            return read_policy(each.after)
    return None


def _version_changed(name: str) -> Gone:
    def gone(later: Change) -> str | None:
        other = later.field == _DEFAULT and later.operation is Operation.SET and later.after is not None
        return "another version was put in force" if other and words_of(later.after or "") != name else None

    return gone


def _version_without(changes: Sequence[Change], parts: Policy) -> Gone:
    def gone(later: Change) -> str | None:
        if later.field != _DEFAULT or later.operation is not Operation.SET or later.after is None:
            return None
        policy = _version(changes, words_of(later.after))
        return "a version without it was put in force" if policy is not None and not parts & policy else None

    return gone


def _withheld(change: Change) -> Iterator[Opened]:
    if _readable(change):
        return
    words = "was set and its value is not readable in the record: what it gives to whom cannot be judged"
    kind = ExposureKind.TRUST if change.field == "trust policy" else ExposureKind.SHARED
    if change.field.startswith("inline policy "):
        kind = ExposureKind.GRANT

    def readable(later: Change) -> str | None:
        if later.field != change.field:
            return None
        if later.operation is Operation.CLEAR:
            return "taken away"
        again = later.operation is Operation.SET and _readable(later)
        return "set to a policy that the record holds" if again else None

    yield Opened(kind, f"the {change.field} {words}", "policy withheld", readable)


def _readable(change: Change) -> bool:
    return change.after is not None and read_policy(change.after) is not None


# Evidence


def _expiry(change: Change) -> Iterator[Opened]:
    days = _days(value_of(change.after)) if change.after is not None else []
    if days:
        words = (
            f"objects expire {min(days):,} {'day' if min(days) == 1 else 'days'} after they are written, in a bucket that a"
            " trail delivers its records to: records are deleted"
        )
        gone = first_of(cleared("lifecycle"), _lifecycle_without)
        yield Opened(ExposureKind.LOGGING, words, "records expire", gone)


def _lifecycle_without(later: Change) -> str | None:
    again = later.field == "lifecycle" and later.operation is Operation.SET and later.after is not None
    return (
        "set to a lifecycle that lets nothing expire"
        if again and not _days(value_of(later.after or ""))
        else None
    )


def _days(value: Any) -> list[int]:
    """Return after how many days rules in force let objects expire (S3 API reference, LifecycleExpiration)."""
    rules = value.get("Rule", value.get("Rules")) if isinstance(value, dict) else None
    found = []
    for rule in rules if isinstance(rules, list) else [rules]:
        expiry = rule.get("Expiration") if isinstance(rule, dict) else None
        days = expiry.get("Days") if isinstance(expiry, dict) else None
        if str(days).isdigit() and isinstance(rule, dict) and rule.get("Status", "Enabled") == "Enabled":
            found.append(int(str(days)))
    return found


_BY_FIELD: dict[str, Callable[[Change], Iterator[Opened]]] = {
    _BOUNDARY: _boundary,
    _BLOCK: _public_access,
    PUSHED_KEY: _pushed_key,
    FEDERATED: _federated,
    CODE: _code,
    "layers": _layers,
    "userdata": _user_data,
    "serial console access": _serial_console,
}
