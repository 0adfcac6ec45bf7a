"""Messages of programs that make, change and remove accounts and groups (shadow-utils, passwd, PAM's password stack)."""

from __future__ import annotations

import re
from collections.abc import Callable

from workbench.model.event import OutcomeStatus, Resource, ResourceRole, StatedChange, Verb
from workbench.sources import parts
from workbench.sources.linux.said import Said, account, group

PROGRAMS = frozenset(
    {
        *("useradd", "userdel", "usermod", "newusers", "adduser", "deluser", "vipw"),
        *("groupadd", "groupdel", "groupmod", "groupmems", "addgroup", "delgroup", "gpasswd"),
        *("passwd", "chpasswd", "chgpasswd", "chage", "chsh", "chfn"),
    }
)
"""The programs whose messages are read here."""

_MOST_FIELDS = 20
"""Fields of a new account that are read: useradd writes six."""

_Make = Callable[[re.Match[str]], Said]


def _plain(
    action: str,
    verb: Verb,
    *resources: Resource,
    user: str | None = None,
    changes: tuple[StatedChange, ...] = (),
) -> Said:
    return Said(
        action=action,
        verb=verb,
        rule=f"message: {action}",
        user=user,
        resources=resources,
        changes=changes,
        status=OutcomeStatus.SUCCESS,
    )


def _new_user(match: re.Match[str]) -> Said:
    fields = dict(
        part.split("=", 1) for part in match[1].split(", ", _MOST_FIELDS)[:_MOST_FIELDS] if "=" in part
    )
    name = fields.pop("name", "")
    changes = tuple(
        StatedChange(key, None, parts.json_text(value)) for key, value in fields.items() if key != "from"
    )
    return _plain("new user", Verb.CREATE, *((account(name),) if name else ()), changes=changes)


def _new_group(match: re.Match[str]) -> Said:
    return _plain("new group", Verb.CREATE, group(match[1]))


def _into_group(match: re.Match[str]) -> Said:
    return _plain("add to group", Verb.DELEGATE, group(match[2]), account(match[1], ResourceRole.GRANTEE))


def _out_of_group(match: re.Match[str]) -> Said:
    return _plain("delete from group", Verb.DELETE, group(match[2]), account(match[1], ResourceRole.GRANTEE))


def _by_administrator(match: re.Match[str]) -> Said:
    added = match[2] == "added"
    return _plain(
        "add to group" if added else "delete from group",
        Verb.DELEGATE if added else Verb.DELETE,
        group(match[4]),
        account(match[1], ResourceRole.GRANTEE),
        user=match[3],
    )


def _changed(match: re.Match[str]) -> Said:
    name, field, before, after = match.groups()
    change = StatedChange(field, parts.json_text(before), parts.json_text(after))
    return _plain(f"change user {field}", Verb.UPDATE, account(name), changes=(change,))


def _renamed(match: re.Match[str]) -> Said:
    change = StatedChange("name", parts.json_text(match[1]), parts.json_text(match[2]))
    return _plain("change user name", Verb.UPDATE, account(match[2]), changes=(change,))


def _password(match: re.Match[str]) -> Said:
    by = match["by"] if "by" in match.re.groupindex else None
    return Said(
        action="password changed",
        verb=Verb.ISSUE_CREDENTIAL,
        rule="override: sets a password",
        user=by,
        resources=(account(match["name"]),),
        status=OutcomeStatus.SUCCESS,
    )


def _locked(match: re.Match[str]) -> Said:
    return _plain(f"{match[1]} user", Verb.UPDATE, account(match[2]))


def _expiry(match: re.Match[str]) -> Said:
    return _plain("changed password expiry", Verb.UPDATE, account(match[1]))


def _deleted_user(match: re.Match[str]) -> Said:
    return _plain("delete user", Verb.DELETE, account(match[1]))


def _deleted_group(match: re.Match[str]) -> Said:
    return _plain("delete group", Verb.DELETE, group(match[1]))


def _shell(match: re.Match[str]) -> Said:
    change = StatedChange("shell", None, parts.json_text(match[2]))
    return _plain("changed user shell", Verb.UPDATE, account(match[1]), changes=(change,))


_MESSAGES: tuple[tuple[re.Pattern[str], _Make], ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (r"new user: (.+)", _new_user),
        (r"(?:new group|group added to /etc/group): name=([^,]+).*", _new_group),
        (r"add '([^']*)' to (?:shadow )?group '([^']*)'.*", _into_group),
        (r"delete '([^']*)' from (?:shadow )?group '([^']*)'.*", _out_of_group),
        (r"user (\S+) (added|removed) by (\S+) (?:to|from) group (\S+)", _by_administrator),
        (r"change user name '([^']*)' to '([^']*)'.*", _renamed),
        (r"change user '(?P<name>[^']*)' password", _password),
        (r"change user '([^']*)' ([\w ]{1,40}) from '([^']*)' to '([^']*)'", _changed),
        (r"(lock|unlock) user '([^']*)' password", _locked),
        (r"delete user '([^']*)'.*", _deleted_user),
        (r"(?:removed (?:shadow )?group|group) '([^']*)' (?:owned by|removed).*", _deleted_group),
        (r"pam_unix\(\w+:chauthtok\): password changed for (?P<name>\S+)", _password),
        (r"password for '?(?P<name>[^' ]+)'? changed by '?(?P<by>[^' ]+)'?", _password),
        (r"changed password expiry for (\S+)", _expiry),
        (r"changed user '([^']*)' shell to '([^']*)'", _shell),
    )
)


def read_accounts(message: str) -> Said | None:
    """Read a message about an account or group; ``None`` if it is none of those known.

    They are written once the change is done, so they report success. The account that made the change is in few of them.
    """
    for pattern, make in _MESSAGES:
        match = pattern.fullmatch(message)
        if match is not None:
            return make(match)
    return None
