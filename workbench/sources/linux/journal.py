"""Journal entries of systemd as ``journalctl -o json`` writes them (systemd.journal-fields(7), "Journal JSON Format").

Fields that begin with an underscore were added by the journal itself and cannot be chosen by the program that logged;
``MESSAGE`` and ``SYSLOG_IDENTIFIER`` can. A field that is not text is an array of byte values, one that was given several
times an array of texts.
"""

from __future__ import annotations

import msgspec

from workbench.model.event import Credential, Identity, IdentityKind, KindReason, Verb
from workbench.sources import parts
from workbench.sources.document import Document
from workbench.sources.linux.auditd import read_audit_text
from workbench.sources.linux.events import UNSET, account_on, event_of, login_session
from workbench.sources.linux.messages import read_message
from workbench.sources.linux.said import Said
from workbench.sources.protocol import Context, DocumentReader, Reading
from workbench.sources.times import read_moment

_FACILITY_NAMES = {"0": "kern", "3": "daemon", "4": "auth", "5": "syslog", "9": "cron", "10": "authpriv"}
_LONGEST = 100_000
"""Bytes of a message given as an array that are put together."""

_LOGIN = parts.kind(
    IdentityKind.UNDECIDED, "_AUDIT_LOGINUID names the account that signed in, not who used it"
)
_NO_LOGIN = parts.kind(IdentityKind.UNDECIDED, "_UID names the account of the process that wrote")
_VOUCH = frozenset({"sshd", "sshd-session", "sudo", "su", "login"})
_IMPOSTOR = "the message names itself {} but was written by {}"


class JournalReader(DocumentReader):
    """Reads entries of the systemd journal."""

    source = "linux.journal"
    version = 1
    title = "systemd journal (JSON)"
    needs = "journalctl -o json --merge of every host, all boots; or the journal files to make it from"
    checked_against = "two published entries"
    hints = frozenset({"realtimetimestamp"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is a journal entry."""
        fields = Document(document)
        if not fields.has("__REALTIME_TIMESTAMP"):
            return ""
        beside = next(
            (name for name in ("__CURSOR", "_BOOT_ID", "MESSAGE", "_MACHINE_ID") if fields.has(name)), None
        )
        return f"__REALTIME_TIMESTAMP, with {beside}" if beside else ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one entry."""
        fields = Document(document)
        host = fields.text("_HOSTNAME")
        program = (fields.text("SYSLOG_IDENTIFIER", "_COMM") or "").rpartition("/")[2]
        time = read_moment(fields.value("__REALTIME_TIMESTAMP"), "__REALTIME_TIMESTAMP", context)
        message = _text(fields.value("MESSAGE"))
        native_id = fields.text("__CURSOR")
        if fields.text("_TRANSPORT") == "audit" and fields.has("_AUDIT_TYPE_NAME"):
            serial = fields.text("_AUDIT_ID")
            event = read_audit_text(
                fields.text("_AUDIT_TYPE_NAME") or "",
                message.partition(" ")[2],
                time=time,
                host=host,
                shared_id=f"{host}/{fields.text('_BOOT_ID')}/{serial}" if host and serial else None,
                native_id=native_id,
                warnings=tuple(fields.odd),
            )
            return Reading(event=event)
        impostor = _impostor(program, fields.text("_EXE", "_COMM"))
        said = read_message(program, message, host) if message and not impostor else _NO_MESSAGE
        writer, kind = _writer(fields, host)
        return Reading(
            event=event_of(
                said if said.user or writer is None else msgspec.structs.replace(said, kind=kind),
                time=time,
                host=host,
                program=program,
                pid=fields.text("_PID", "SYSLOG_PID"),
                category=_FACILITY_NAMES.get(fields.text("SYSLOG_FACILITY") or ""),
                native_id=native_id,
                used=_sessions(fields, host),
                warnings=(*impostor, *fields.odd),
                writer=writer,
            )
        )


_NO_MESSAGE = Said(action="entry", verb=Verb.OTHER, rule="no message, or one in another program's name")


def _writer(fields: Document, host: str | None) -> tuple[Identity | None, KindReason]:
    """Tell which account wrote an entry whose message names none: that of its login session, else that of its process."""
    login = fields.text("_AUDIT_LOGINUID")
    if login is not None and login not in UNSET:
        return account_on(None, host, login), _LOGIN
    number = fields.text("_UID")
    return account_on(None, host, number), _NO_LOGIN


def _sessions(fields: Document, host: str | None) -> tuple[Credential, ...]:
    """Return the login session of the process that wrote: by host and audit session, and by boot, which is unique."""
    session = fields.text("_AUDIT_SESSION")
    known = login_session(host, fields.text("_AUDIT_LOGINUID"), session)
    if known is None:
        return ()
    boot = fields.text("_BOOT_ID")
    return (known, Credential("linux session of a boot", f"{boot}/ses={session}")) if boot else (known,)


def _impostor(program: str, writer: str | None) -> tuple[str, ...]:
    """Tell when a program logs under the name of one that vouches for sign-ins, which the journal sees through."""
    if writer is None or program not in _VOUCH or writer.rpartition("/")[2].startswith(program):
        return ()
    return (_IMPOSTOR.format(program, writer),)


def _text(value: object) -> str:
    """Return a field as text, also if the journal wrote its bytes one by one."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value:
        if all(type(each) is int and 0 <= each < 256 for each in value[:_LONGEST]):
            return bytes(value[:_LONGEST]).decode("utf-8", "backslashreplace")
        return "\n".join(each for each in value if isinstance(each, str))
    return ""
