"""Which command lines weaken the recording of what happens on a host."""

from __future__ import annotations

import itertools
import re

_LONGEST = 4_096
"""Characters looked at."""

_SEPARATORS = re.compile(r"[;&|\n`()]+")
_LOGGERS = frozenset(
    {
        *("auditd", "rsyslog", "rsyslogd", "syslog", "syslogd", "syslog-ng", "systemd-journald", "journald"),
        *("systemd-journal-upload", "auditbeat", "filebeat"),
    }
)
_REMOVES = frozenset({"rm", "shred", "unlink", "truncate", "wipe", "srm"})
_KILLS = frozenset({"kill", "killall", "pkill"})
_STOPS = frozenset({"stop", "disable", "mask", "kill"})
_AUDIT_OFF = frozenset({"-D", "-d", "-W", "-e0"})
_OVERWRITES = re.compile(r"(?<!>)>\s?/var/log/\S")
_HISTORY = re.compile(r"\bhistory -c\b|HISTFILE=/dev/null|\bunset HISTFILE\b")


def weakens_logging(line: str) -> bool:
    """Tell whether a command line stops, disables or clears a log or the audit rules.

    What a script or program does inside is not seen: the answer ``False`` proves nothing.
    """
    looked_at = line[:_LONGEST]
    if _OVERWRITES.search(looked_at) or _HISTORY.search(looked_at):
        return True
    return any(
        _weakens(part.replace('"', " ").replace("'", " ").split()) for part in _SEPARATORS.split(looked_at)
    )


def _weakens(words: list[str]) -> bool:
    """Tell for the words of one command."""
    names = {word.rpartition("/")[2].removesuffix(".service").removesuffix(".socket") for word in words}
    if "auditctl" in names:
        off = any(pair == ("-e", "0") for pair in itertools.pairwise(words))
        return off or not _AUDIT_OFF.isdisjoint(words)
    if "systemctl" in names:
        return not _STOPS.isdisjoint(names) and not _LOGGERS.isdisjoint(names)
    if "service" in names and "stop" in names:
        return not _LOGGERS.isdisjoint(names)
    if "journalctl" in names:
        return any(word.startswith(("--vacuum-", "--rotate")) for word in words)
    if not _REMOVES.isdisjoint(names):
        return any(word == "/var/log" or word.startswith("/var/log/") for word in words)
    return not _KILLS.isdisjoint(names) and not _LOGGERS.isdisjoint(names)
