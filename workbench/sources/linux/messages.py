"""From a program and its message to what the message says."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from workbench.model.event import IdentityKind, OutcomeStatus, Resource, Verb
from workbench.sources import parts
from workbench.sources.interning import remembered
from workbench.sources.linux.accounts import PROGRAMS as ACCOUNT_PROGRAMS
from workbench.sources.linux.accounts import read_accounts
from workbench.sources.linux.elevation import read_pkexec, read_su, read_sudo
from workbench.sources.linux.logins import (
    CRON_PROGRAMS,
    read_cron,
    read_login,
    read_logind,
    read_pam,
    read_polkit,
)
from workbench.sources.linux.said import Said
from workbench.sources.linux.sshd import PROGRAMS as SSH_PROGRAMS
from workbench.sources.linux.sshd import SFTP_PROGRAMS, read_sftp, read_sshd

_REPEATED = re.compile(r"message repeated (\d{1,9}) times: \[\s?(.*)\]", re.DOTALL)
"""How rsyslog folds equal messages."""

_LOGGING_STOPS = re.compile(
    r"\[origin software=\"rsyslogd\".*\] (?:exiting on signal \d+\.|rsyslogd was HUPed)|The audit daemon is exiting\."
    r"|Stopp(?:ed|ing) (?:\S+ - )?(?:System Logging Service|Security Auditing Service|Security Audit Logging Service"
    r"|Journal Service)\.?(?:\.\.)?|(?:auditd|rsyslog|systemd-journald)\.service: Deactivated successfully\.|Journal stopped",
    re.DOTALL,
)
_UNIT = re.compile(
    r"(Started|Stopped|Starting|Stopping|Reloaded|Failed to start) (.{1,300}?)\.{0,3}", re.DOTALL
)
_DAEMON = parts.kind(IdentityKind.NONHUMAN, "a daemon reports on itself")

_BY_PROGRAM: dict[str, Callable[[str], Said | None]] = {
    "sudo": read_sudo,
    "su": read_su,
    "pkexec": read_pkexec,
    "login": read_login,
    "polkitd": read_polkit,
    **dict.fromkeys(SSH_PROGRAMS, read_sshd),
    **dict.fromkeys(SFTP_PROGRAMS, read_sftp),
    **dict.fromkeys(ACCOUNT_PROGRAMS, read_accounts),
    **dict.fromkeys(CRON_PROGRAMS, read_cron),
}


@remembered()
def read_message(program: str, message: str, host: str | None) -> Said:
    """Read what a program said.

    Args:
        program: The program's name.
        message: Its message.
        host: The host that it ran on: session numbers count on one host only.

    Returns:
        What is known of the message; for one that no rule knows, an act of the kind ``other``.
    """
    folded = _REPEATED.fullmatch(message)
    if folded is not None:
        inner = read_message(program, folded[2], host)
        return msgspec.structs.replace(
            inner, warnings=(*inner.warnings, f"stands for {folded[1]} equal messages")
        )
    if message.startswith(("pam_", "PAM ")):
        said = read_pam(message)
        if said is None and program in ACCOUNT_PROGRAMS:
            said = read_accounts(message)
    elif program == "systemd-logind":
        said = read_logind(message, host)
    else:
        reader = _BY_PROGRAM.get(program.lower())
        said = reader(message) if reader is not None else _service(program, message)
        if said is None and program in SSH_PROGRAMS:
            said = read_sftp(message)
    return said or Said(action="message", verb=Verb.OTHER, rule="a message that no rule knows")


def _service(program: str, message: str) -> Said | None:
    """Read a message of the service manager or of a logging daemon."""
    stops = program in ("systemd", "rsyslogd", "auditd", "systemd-journald") and _LOGGING_STOPS.match(message)
    unit = _UNIT.fullmatch(message) if program == "systemd" else None
    if unit is not None:
        failed = unit[1].startswith("Failed")
        return Said(
            action="Failed to start" if failed else unit[1],
            verb=Verb.OTHER,
            rule="the service manager reports a unit",
            kind=_DAEMON,
            status=OutcomeStatus.FAILED if failed else OutcomeStatus.SUCCESS,
            resources=(Resource("linux:service", unit[2]),),
            tampers=bool(stops),
        )
    if stops:
        return Said(
            action="logging stops", verb=Verb.OTHER, rule="a logging daemon ends", kind=_DAEMON, tampers=True
        )
    return None
