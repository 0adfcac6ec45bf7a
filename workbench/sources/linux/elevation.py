"""Messages of programs by which one account acts as another: sudo, su, pkexec.

sudo writes its line when it lets a command run (or refuses to); how the command ended is not in it. ``success`` here
means that sudo let it run.
"""

from __future__ import annotations

import re

from workbench.model.event import OutcomeStatus, Verb
from workbench.sources.linux.commands import weakens_logging
from workbench.sources.linux.said import Said, account, command

_RUNS = "override: runs a command as another account"
_FIELD = re.compile(r"(TTY|PWD|CWD|CHROOT|USER|GROUP|TSID|ENV|HOST|SUBMITUSER)=(.*)", re.DOTALL)
_COMMAND = re.compile(r"(?:\A|; )COMMAND=(.*)\Z", re.DOTALL)
_SU = (
    (re.compile(r"\(to (\S+)\) (\S+) on (\S+)"), OutcomeStatus.SUCCESS, (2, 1)),
    (re.compile(r"FAILED SU \(to (\S+)\) (\S+) on (\S+)"), OutcomeStatus.DENIED, (2, 1)),
    (re.compile(r"Successful su for (\S+) by (\S+)"), OutcomeStatus.SUCCESS, (2, 1)),
    (re.compile(r"FAILED su for (\S+) by (\S+)"), OutcomeStatus.DENIED, (2, 1)),
    (re.compile(r"\+ \S+ ([^\s:]+):(\S+)"), OutcomeStatus.SUCCESS, (1, 2)),
    (re.compile(r"- \S+ ([^\s:]+):(\S+)"), OutcomeStatus.DENIED, (1, 2)),
)
_PKEXEC = re.compile(
    r"(\S+): (Executing command|Error executing command as another user: [^\[]*)\s?\[USER=([^\]]*)\] .*?\[COMMAND=(.*)\]",
    re.DOTALL,
)


def read_sudo(message: str) -> Said | None:
    """Read a line of sudo: who, as whom, which command; ``None`` if it tells of no command."""
    user, separator, rest = message.strip().partition(" : ")
    if not separator or not user or " " in user:
        return None
    fields: dict[str, str] = {}
    refusal = ""
    run = _COMMAND.search(rest)
    head = rest[: run.start()] if run is not None else rest
    for part in head.split(" ; "):
        field = _FIELD.fullmatch(part.strip().rstrip(" ;"))
        if field is not None:
            fields[field[1]] = field[2]
        elif part.strip(" ;"):
            refusal = refusal or part.strip(" ;")
    if run is None and not fields and not refusal:
        return None
    line = run[1] if run is not None else None
    return Said(
        action="sudo",
        verb=Verb.EXECUTE,
        rule=_RUNS,
        user=user,
        as_user=fields.get("USER"),
        status=OutcomeStatus.DENIED if refusal else OutcomeStatus.SUCCESS if line else OutcomeStatus.UNKNOWN,
        code=refusal or None,
        resources=(command(line),) if line else (),
        tampers=line is not None and not refusal and weakens_logging(line),
    )


def read_su(message: str) -> Said | None:
    """Read a line of su; ``None`` if it is not about a change of account."""
    for pattern, status, (user, target) in _SU:
        match = pattern.match(message)
        if match is not None:
            return Said(
                action="su",
                verb=Verb.EXECUTE,
                rule=_RUNS,
                user=match[user],
                as_user=match[target],
                status=status,
                resources=(account(match[target]),),
            )
    return None


def read_pkexec(message: str) -> Said | None:
    """Read a line of pkexec; ``None`` if it is not about a command."""
    match = _PKEXEC.fullmatch(message)
    if match is None:
        return None
    started = match[2] == "Executing command"
    return Said(
        action="pkexec",
        verb=Verb.EXECUTE,
        rule=_RUNS,
        user=match[1],
        as_user=match[3],
        status=OutcomeStatus.SUCCESS if started else OutcomeStatus.DENIED,
        code=None if started else match[2].partition(": ")[2].strip(" :"),
        resources=(command(match[4]),) if match[4].strip() else (),
        tampers=started and weakens_logging(match[4]),
    )
