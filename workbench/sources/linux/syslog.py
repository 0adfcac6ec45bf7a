"""Syslog lines of Linux hosts: ``auth.log``, ``secure``, ``syslog``, ``messages``.

Read for what they say are the messages of sshd, sudo, su, the account tools, PAM, login, systemd-logind, cron, polkit and
of logging daemons that stop; any other line is an event of the kind ``other``. Whoever can write to the log can write any of
these lines, in any program's name: syslog does not authenticate.
"""

from __future__ import annotations

from workbench.model.evidence import Disposition
from workbench.sources.linux.audit_line import is_audit_record
from workbench.sources.linux.events import event_of
from workbench.sources.linux.header import read_header
from workbench.sources.linux.messages import read_message
from workbench.sources.linux.wall_clock import read_header_time
from workbench.sources.protocol import Context, LineReader, Reading


class SyslogReader(LineReader):
    """Reads syslog lines with a time of RFC 3164, RFC 5424 or RFC 3339."""

    source = "linux.syslog"
    version = 1
    title = "Linux syslog (auth.log, secure, syslog, messages)"
    needs = (
        "the log files with their rotated predecessors and their dates kept (lines may hold no year), "
        "and the hosts' time zone (--timezone)"
    )
    checked_against = "20 published lines of Debian, Ubuntu and Red Hat hosts, edited by hand"

    def recognises_line(self, line: str) -> str:
        """Tell by what a line is syslog."""
        header = read_header(line)
        if header is None or is_audit_record(header.message):
            return ""
        return f"syslog line with {header.form} time, program {header.program or 'none'}"

    def read_line(self, line: str, context: Context) -> Reading:
        """Read one line."""
        header = read_header(line)
        if header is None:
            return Reading(disposition=Disposition.UNRECOGNISED, reason="not a syslog line")
        return Reading(
            event=event_of(
                read_message(header.program, header.message, header.host),
                time=read_header_time(header, context),
                host=header.host,
                program=header.program,
                pid=header.pid,
                category=header.facility,
            )
        )
