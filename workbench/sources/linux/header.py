"""The head of a syslog line: when, which host, which program, and the message behind it.

Three forms are in use: RFC 3164 (``Jul 10 11:42:18 web-1 sshd[812]: …``, also with a year behind the day), RFC 5424
(``<38>1 2023-07-10T11:42:18Z web-1 sshd 812 - - …``), and the RFC 3164 line with an RFC 3339 time that rsyslog writes
by default on newer distributions. A priority in front (``<38>``) is optional.
"""

from __future__ import annotations

import enum
import re

import msgspec

from workbench.sources.interning import remembered


class Form(enum.StrEnum):
    """In which form the time stands, by the document that defines it."""

    RFC3164 = "RFC 3164"
    RFC5424 = "RFC 5424"
    ISO = "RFC 3339"


class Header(msgspec.Struct, frozen=True):
    """A syslog line, taken apart.

    Attributes:
        form: The form of its head.
        time: The text of its time.
        host: The host as the line names it, ``None`` if it does not.
        program: The program (``sshd``), without its path; empty if the line names none.
        pid: The process, ``None`` if the line names none.
        message: What the program said.
        facility: The facility by name (``auth``), ``None`` if the line has no priority.
    """

    form: Form
    time: str
    host: str | None
    program: str
    pid: str | None
    message: str
    facility: str | None


_FACILITIES = (
    *("kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp"),
    *("ntp", "audit", "alert", "clock", *(f"local{number}" for number in range(8))),
)
"""By number, RFC 5424 section 6.2.1."""

_PRIORITY = r"(?:<(?P<priority>\d{1,3})>)?"
_RFC3164 = re.compile(
    _PRIORITY
    + r"(?P<time>(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?)"
    r" (?P<host>[^\s:]{1,255}) (?P<rest>.*)",
    re.ASCII | re.DOTALL,
)
_ISO = re.compile(
    _PRIORITY
    + r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?) (?P<host>[^\s:]{1,255}) (?P<rest>.*)",
    re.ASCII | re.DOTALL,
)
_RFC5424 = re.compile(
    r"<(?P<priority>\d{1,3})>[1-9]\d? (?P<time>\S{1,64}) (?P<host>\S{1,255}) (?P<program>\S{1,48}) (?P<pid>\S{1,128})"
    r" \S{1,32} (?:-|(?:\[(?:[^\]\"\\]|\\.|\"(?:[^\"\\]|\\.)*\")*\])+)(?: (?P<message>.*))?",
    re.ASCII | re.DOTALL,
)
_TAG = re.compile(
    r"(?P<program>[\w./@+-]{1,64})(?:\([\w-]{1,32}\))?(?:\[(?P<pid>\d{1,10})\])?:(?:\s(?P<message>.*))?",
    re.DOTALL,
)
_UNTAGGED = ("last message repeated ", "message repeated ", "-- MARK --")
"""Messages of the daemon itself that carry no program."""

_KNOWN = frozenset(
    {
        *(
            "kernel",
            "sudo",
            "su",
            "sshd",
            "login",
            "passwd",
            "useradd",
            "userdel",
            "usermod",
            "groupadd",
            "groupdel",
        ),
        *(
            "groupmod",
            "gpasswd",
            "chage",
            "systemd",
            "rsyslogd",
            "auditd",
            "audispd",
            "crond",
            "CRON",
            "polkitd",
        ),
    }
)
"""Programs that often write no process id."""

_NO_HOST = frozenset(
    {"-", "debug", "info", "notice", "warn", "warning", "error", "fatal", "critical", "trace"}
)
"""Words after the time by which other logs differ from syslog: levels, not hosts."""


@remembered(8, longest=8192)
def read_header(line: str) -> Header | None:
    """Take a syslog line apart; ``None`` if it is not plainly one.

    A line with an RFC 3339 time counts only if a process id follows the program or the program is a known one: many
    logs that are no syslog begin with such a time. The last lines are remembered: a line is recognised, then read.
    """
    first = line[:1]
    if first == "<":
        full = _RFC5424.fullmatch(line)
        if full is not None:
            return _of_rfc5424(full)
    elif not (first.isdigit() or "A" <= first <= "S"):
        return None
    match = _RFC3164.fullmatch(line)
    if match is not None:
        return _tagged(match, Form.RFC3164)
    match = _ISO.fullmatch(line)
    return None if match is None else _tagged(match, Form.ISO)


def _tagged(match: re.Match[str], form: Form) -> Header | None:
    rest = match["rest"]
    facility = _facility(match["priority"])
    tag = _TAG.fullmatch(rest)
    if tag is None:
        if rest.startswith(_UNTAGGED) and form is Form.RFC3164:
            return Header(form, match["time"], match["host"], "", None, rest, facility)
        return None
    program = tag["program"].rpartition("/")[2]
    if match["host"].casefold() in _NO_HOST:
        return None
    if form is Form.ISO and tag["pid"] is None and program not in _KNOWN and match["priority"] is None:
        return None
    return Header(form, match["time"], match["host"], program, tag["pid"], tag["message"] or "", facility)


def _of_rfc5424(match: re.Match[str]) -> Header:
    message = (match["message"] or "").removeprefix("\ufeff")
    host, program, pid = (None if match[name] == "-" else match[name] for name in ("host", "program", "pid"))
    name = (program or "").rpartition("/")[2]
    return Header(Form.RFC5424, match["time"], host, name, pid, message, _facility(match["priority"]))


def _facility(priority: str | None) -> str | None:
    if priority is None or int(priority) // 8 >= len(_FACILITIES):
        return None
    return _FACILITIES[int(priority) // 8]
