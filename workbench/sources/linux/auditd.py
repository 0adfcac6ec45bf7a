"""Records of the Linux audit daemon (``/var/log/audit/audit.log``), one event a line.

The records of one event share its number; the one that tells the act best has the highest stage
(:mod:`workbench.sources.linux.audit_verbs`). The login uid (``auid``) and session (``ses``) are set once at sign-in and
survive sudo and su, so they name whose session a process belongs to; ``4294967295`` means that nobody signed in for it.
"""

from __future__ import annotations

import re
import shlex

from workbench.model.event import (
    Address,
    Credential,
    Event,
    EventTime,
    Identity,
    IdentityKind,
    Issued,
    KindReason,
    Outcome,
    OutcomeStatus,
    Precision,
    Resource,
    ResourceRole,
    StatedChange,
    Verb,
)
from workbench.model.evidence import Disposition
from workbench.sources import parts
from workbench.sources.linux.audit_line import (
    Record,
    arguments,
    fingerprint,
    is_audit_record,
    read_fields,
    socket_name,
    split_record,
)
from workbench.sources.linux.audit_verbs import (
    BY_TYPE,
    MANAGES,
    SIGN_IN_TYPES,
    call_name,
    stage_of,
    verb_of_call,
    verb_of_management,
    weakens_audit,
)
from workbench.sources.linux.commands import weakens_logging
from workbench.sources.linux.events import UNSET, account_on, login_session
from workbench.sources.linux.header import read_header
from workbench.sources.linux.said import account, address_at, command, file
from workbench.sources.protocol import Context, LineReader, Reading
from workbench.sources.times import read_moment

_EPOCH = re.compile(r"\d{1,12}\.\d{1,9}", re.ASCII)
_CONSOLE_TTY = re.compile(r"(?:/dev/)?tty\d{1,3}")

_NOBODY = parts.kind(IdentityKind.NONHUMAN, "auid is unset: nobody signed in for this process")
_BY_CRON = parts.kind(IdentityKind.NONHUMAN, "run by the cron daemon")
_CONSOLE = parts.kind(IdentityKind.HUMAN, "an interactive sign-in at the host's own console")
_LOGIN = parts.kind(IdentityKind.UNDECIDED, "auid names the account that signed in, not who used it")
_SIGNS_IN = parts.kind(IdentityKind.UNDECIDED, "the account that signs in; who used it is not recorded")
_NO_ONE = parts.kind(IdentityKind.UNDECIDED, "no account in this record")

_SIGN_IN_PROGRAMS = frozenset({"sshd", "sshd-session", "login", "gdm-session-worker", "lightdm", "vsftpd"})
_CRON_PROGRAMS = frozenset({"cron", "crond", "atd", "anacron"})
_DENIED = frozenset({"-1", "-13", "EPERM", "EACCES"})
_NOT_FOUND = frozenset({"-2", "ENOENT"})


class AuditdReader(LineReader):
    """Reads records of the audit daemon, also those that were sent on through syslog."""

    source = "linux.auditd"
    version = 1
    title = "Linux audit daemon"
    needs = "/var/log/audit/ with all rotated files; best with name_format and log_format = ENRICHED set beforehand"
    checked_against = "25 published records of 20 types, edited by hand"

    def recognises_line(self, line: str) -> str:
        """Tell by what a line is an audit record."""
        if is_audit_record(line):
            return "type= and msg=audit(…)"
        if "msg=audit(" not in line:
            return ""
        header = read_header(line)
        if header is not None and is_audit_record(header.message):
            return "syslog line with type= and msg=audit(…)"
        return ""

    def read_line(self, line: str, context: Context) -> Reading:
        """Read one record."""
        host: str | None = None
        record = split_record(line)
        if record is None and (header := read_header(line)) is not None:
            host = header.host
            record = split_record(header.message)
        if record is None:
            return Reading(
                disposition=Disposition.UNRECOGNISED, reason="an audit record that is cut off or damaged"
            )
        host = record.node or host
        stamp = f"{record.stamp}:{record.serial}"
        return Reading(
            event=read_audit_text(
                record.type,
                record.body,
                time=_time(record, context),
                host=host,
                shared_id=f"{host}/{stamp}" if host else stamp,
            )
        )


def read_audit_text(
    kind: str,
    body: str,
    *,
    time: EventTime,
    host: str | None,
    shared_id: str | None,
    native_id: str | None = None,
    warnings: tuple[str, ...] = (),
) -> Event:
    """Read the fields of an audit record.

    Args:
        kind: Its type.
        body: Its fields as text.
        time: When.
        host: On which host, ``None`` if nothing tells.
        shared_id: What the records of its event have in common.
        native_id: The id of this record alone, if whatever carried it gave it one.
        warnings: What was odd about what carried it.
    """
    fields = read_fields(body)
    action, verb, rule = _act(kind, fields)
    who, for_whom, reason = _who(kind, fields, host)
    session = login_session(host, fields.get("auid"), fields.get("ses"))
    key = _key(kind, fields)
    resources = tuple(
        Resource(each.type, each.name, each.role, host) for each in _resources(kind, fields, body, verb)
    )
    issued: tuple[Issued, ...] = ()
    if kind == "LOGIN" and session is not None:
        issued = (Issued(session, who.canonical if who is not None else None),)
    pid = fields.get("pid")
    return Event(
        time=time,
        act=parts.act("audit", action, verb, rule, kind, tampers_logging=_tampers(kind, fields)),
        identity=who,
        kind=reason,
        credential=key or session,
        address=_address(fields),
        user_agent=None,
        outcome=_outcome(fields),
        place=parts.place(host),
        resources=resources,
        native_id=native_id,
        shared_id=shared_id,
        particulars=parts.particulars(
            used=(session,) if key is not None and session is not None else (),
            issued=issued,
            changes=_changes(kind, fields),
            on_behalf_of=for_whom,
            correlation_id=f"{host}/pid={pid}" if host and pid else None,
            stage=stage_of(kind) if shared_id else None,
        ),
        warnings=parts.warnings_of(time, warnings),
    )


def _time(record: Record, context: Context) -> EventTime:
    if _EPOCH.fullmatch(record.stamp):
        return read_moment(record.stamp, "msg=audit", context)
    # ausearch -i writes a time in the reader's own language and zone: it is kept as text.
    return EventTime(None, record.stamp, Precision.UNKNOWN, "msg=audit")


def _act(kind: str, fields: dict[str, str]) -> tuple[str, Verb, str]:
    if kind == "SYSCALL":
        name = call_name(fields)
        return name, *verb_of_call(name, fields)
    if kind in MANAGES:
        return kind, *verb_of_management(kind, fields.get("op", ""))
    return kind, *BY_TYPE.get(kind, (Verb.UNCLASSIFIED, "no rule"))


def _who(
    kind: str, fields: dict[str, str], host: str | None
) -> tuple[Identity | None, Identity | None, KindReason]:
    """Tell whose act it is, and as which account: the login account, or the account that is signing in."""
    auid = fields.get("auid")
    login = None if auid is None or auid in UNSET else account_on(fields.get("AUID"), host, auid)
    program = fields.get("exe", "").rpartition("/")[2]
    if kind in SIGN_IN_TYPES:
        number = fields.get("id")
        named = fields.get("acct") or fields.get("ID")
        subject = account_on(named, host, None if named else number) if named or number else None
        if subject is not None and (login is None or program in _SIGN_IN_PROGRAMS | _CRON_PROGRAMS):
            return subject, None, _kind_of_sign_in(kind, fields, program)
        return login, subject, _LOGIN if login is not None else _NO_ONE
    uid = fields.get("uid")
    if login is not None:
        # A LOGIN record is written by the daemon that signs the account in: that one is no account it acts as.
        acts = uid is not None and uid != auid and kind != "LOGIN"
        other = account_on(fields.get("UID"), host, uid) if acts else None
        return login, other, _LOGIN
    if uid is None:
        return None, None, _NO_ONE
    return account_on(fields.get("UID"), host, uid), None, _NOBODY if auid in UNSET else _NO_ONE


def _kind_of_sign_in(kind: str, fields: dict[str, str], program: str) -> KindReason:
    if program in _CRON_PROGRAMS:
        return _BY_CRON
    console = _CONSOLE_TTY.fullmatch(fields.get("terminal", "")) is not None
    if (
        kind == "USER_LOGIN"
        and program == "login"
        and console
        and fields.get("res", "").startswith(("success", "1"))
    ):
        return _CONSOLE
    return _SIGNS_IN


def _key(kind: str, fields: dict[str, str]) -> Credential | None:
    """Return the key that signed in; keys of the server and of the connection are none."""
    value = fields.get("fp")
    if value is None or fields.get("kind") in ("server", "session"):
        return None
    if kind == "USER_AUTH" or fields.get("kind") == "auth-key":
        return Credential("ssh key", fingerprint(value))
    return None


def _address(fields: dict[str, str]) -> Address | None:
    host = fields.get("addr")
    return address_at(host, fields.get("rport")) if host else None


def _outcome(fields: dict[str, str]) -> Outcome:
    result = fields.get("res") or fields.get("success") or fields.get("result")
    if result is None:
        return parts.outcome(OutcomeStatus.UNKNOWN)
    if result.startswith(("success", "yes", "1")):
        return parts.outcome(OutcomeStatus.SUCCESS)
    code = fields.get("exit", "").partition("(")[0]
    if code in _DENIED:
        return parts.outcome(OutcomeStatus.DENIED, code)
    if code in _NOT_FOUND:
        return parts.outcome(OutcomeStatus.NOT_FOUND, code)
    if code:
        return parts.outcome(OutcomeStatus.FAILED, code)
    # User-space records say no more than that it failed; for a sign-in that is a refusal.
    denied = "acct" in fields or "id" in fields
    return parts.outcome(OutcomeStatus.DENIED if denied else OutcomeStatus.FAILED, result)


def _resources(kind: str, fields: dict[str, str], body: str, verb: Verb) -> list[Resource]:
    if kind == "EXECVE":
        line = shlex.join(arguments(body))
        return [command(line)] if line else []
    if kind in ("PROCTITLE", "USER_CMD"):
        line = fields.get("proctitle" if kind == "PROCTITLE" else "cmd", "")
        return [command(line)] if line else []
    if kind == "SYSCALL":
        program = fields.get("exe")
        role = ResourceRole.TARGET if verb is Verb.EXECUTE else ResourceRole.SOURCE
        return [Resource("linux:program", program, role)] if program else []
    if kind == "PATH":
        return [file(fields["name"])] if "name" in fields else []
    if kind == "CWD":
        return [file(fields["cwd"], ResourceRole.SOURCE)] if "cwd" in fields else []
    if kind == "SOCKADDR":
        name = socket_name(fields.get("saddr", "").partition("SADDR")[0])
        if name is None and "laddr" in fields:
            name = f"{fields['laddr']} port {fields.get('lport', '?')}"
        return [Resource("linux:socket", name)] if name else []
    return _named(kind, fields)


def _named(kind: str, fields: dict[str, str]) -> list[Resource]:
    found = []
    if "unit" in fields:
        found.append(Resource("linux:service", fields["unit"]))
    if kind == "KERN_MODULE" and "name" in fields:
        found.append(Resource("linux:kernel module", fields["name"]))
    if kind == "SOFTWARE_UPDATE" and "sw" in fields:
        found.append(Resource("linux:package", fields["sw"]))
    if kind in MANAGES or kind in (
        "ADD_USER",
        "DEL_USER",
        "ADD_GROUP",
        "DEL_GROUP",
        "ACCT_LOCK",
        "ACCT_UNLOCK",
    ):
        name = fields.get("acct") or fields.get("ID") or (f"id={fields['id']}" if "id" in fields else None)
        if name is not None and "GROUP" in kind:
            found.append(Resource("linux:group", name))
        elif name is not None:
            found.append(account(name))
        if "grp" in fields:
            found.append(Resource("linux:group", fields["grp"]))
    return found


def _changes(kind: str, fields: dict[str, str]) -> tuple[StatedChange, ...]:
    """Return what a change of the audit configuration says of itself: ``audit_enabled=0 old=1``."""
    if kind != "CONFIG_CHANGE" or "old" not in fields:
        return ()
    name = next((key for key in fields if key.startswith("audit_")), None)
    if name is None:
        return ()
    return (StatedChange(name, parts.json_text(fields["old"]), parts.json_text(fields[name])),)


def _tampers(kind: str, fields: dict[str, str]) -> bool:
    if kind == "USER_CMD":
        return weakens_logging(fields.get("cmd", ""))
    return weakens_audit(kind, fields)
