"""Messages of OpenSSH's server (``auth.c``, ``session.c``, ``packet.c``, ``sftp-server.c`` of OpenSSH portable).

Names in them are chosen by whoever knocks, who may write ``root from 192.0.2.1 port 22 ssh2`` for a user name. A message
that can be taken apart in more than one way therefore yields neither user nor address, and says so.
"""

from __future__ import annotations

import re

from workbench.model.event import Credential, IdentityKind, OutcomeStatus, ResourceRole, Verb
from workbench.sources import parts
from workbench.sources.linux.said import TWO_WAYS, Said, account, address_at, command, file

PROGRAMS = frozenset({"sshd", "sshd-session", "sshd-auth"})
"""The server's processes; since OpenSSH 9.8 sessions run in one of their own."""

SFTP_PROGRAMS = frozenset({"sftp-server", "internal-sftp"})
"""The file transfer subsystem, in a process of its own or inside the server."""

_SIGN_IN = "override: sign-in"
_KEY_METHODS = ("publickey", "hostbased")
_PASSWORD = parts.kind(IdentityKind.UNDECIDED, "a password was given; people and programs can give one")
_KEY = parts.kind(IdentityKind.UNDECIDED, "a key was used; people and programs can hold one")
_RUNNING = parts.kind(
    IdentityKind.UNDECIDED,
    "an SSH session: what was presented is in the line of the sign-in, and a program can have done it",
)
_REFUSED = parts.kind(
    IdentityKind.UNDECIDED, "sign-in not completed: nobody is known to stand behind the name"
)

_RESULT = (
    r"(Accepted|Failed|Postponed|Partial) (\S{{1,60}}) for (invalid user |illegal user )?(.*{lazy})"
    r" from (\S+) port (\d{{1,5}})(?: ssh\d?)?(?:: (.*))?"
)
_GREEDY = re.compile(_RESULT.format(lazy=""), re.DOTALL)
_LAZY = re.compile(_RESULT.format(lazy="?"), re.DOTALL)
_FINGERPRINT = r"(?:SHA256:|MD5:)?[A-Za-z0-9+/=:]{16,100}"
_PUBLIC_KEY = re.compile(
    rf"\S+(?: (?P<key>{_FINGERPRINT}))?"
    rf"(?: ID (?P<id>.*) \(serial (?P<serial>\d{{1,20}})\) CA \S+ (?P<ca>{_FINGERPRINT}))?(?:, .*)?",
    re.DOTALL,
)
_REFUSALS = tuple(
    (re.compile(pattern, re.DOTALL), action)
    for pattern, action in (
        (
            r"(?:Invalid|Illegal) user (?P<user>.*) from (?P<host>\S+)(?: port (?P<port>\d{1,5}))?",
            "Invalid user",
        ),
        (r"User (?P<user>.*) from (?P<host>\S+) not allowed because (?P<why>.*)", "User not allowed"),
        (
            r"(?:error: )?maximum authentication attempts exceeded for (?:invalid user )?(?P<user>.*)"
            r" from (?P<host>\S+) port (?P<port>\d{1,5})(?: ssh\d?)?",
            "maximum authentication attempts exceeded",
        ),
        (
            r"error: PAM: (?P<why>.*?) for (?:illegal user |invalid user )?(?P<user>.*) from (?P<host>\S+)",
            "PAM error",
        ),
    )
)
_ENDS = (
    r"(Connection (?:closed|reset) by|Disconnected from|Disconnecting|Timeout, client not responding from)"
    r"(?: (?P<state>authenticating user|invalid user|user) (?P<user>.*))?"
)
_ENDED = (
    re.compile(_ENDS + r" (?P<host>\S+) port (?P<port>\d{1,5})(?:: .*)?", re.DOTALL),
    re.compile(_ENDS + r" (?P<host>[0-9A-Fa-f.:%]{3,64})(?P<port>)(?:: .*)?", re.DOTALL),
)
_RECEIVED = re.compile(r"Received disconnect from (\S+?)(?: port (\d{1,5}))?:\s?(\d+): (.*)", re.DOTALL)
_CONNECTION = re.compile(r"Connection from (\S+) port (\d{1,5})(?: on .*)?", re.DOTALL)
_SESSION = re.compile(
    r"Starting session: (shell|command|forced-command.*?|subsystem '[^']*'.*?)(?: on \S+)?"
    r" for (\S+) from (\S+) port (\d{1,5})(?: id \d+)?"
)
_CLOSED = re.compile(r"Close session: user (\S+) from (\S+) port (\d{1,5})(?: id \d+)?")
_FOUND = re.compile(
    rf"Accepted (?:key|certificate) .*?({_FINGERPRINT}).*? found at (.+?)(?::\d+)?", re.DOTALL
)
_KNOCKS = re.compile(
    r"(Did not receive identification string|Bad protocol version identification|Unable to negotiate with"
    r"|banner exchange|ssh_dispatch_run_fatal|kex_exchange_identification)\b.*?(?:from|with|Connection from) "
    r"([0-9A-Fa-f.:%]+)(?: port (\d{1,5}))?.*",
    re.DOTALL,
)
_SFTP_OPEN = re.compile(r"open \"(.*)\" flags (\S{1,60}) mode \d+", re.DOTALL)
_SFTP_PATH = re.compile(
    r"(remove name|mkdir name|rmdir name|opendir|closedir|close|set|symlink old|rename old|posix-rename old) \"(.*)\".*",
    re.DOTALL,
)
_SFTP_SESSION = re.compile(r"session (opened|closed) for local user (\S+) from \[([^\]]*)\]")
_SFTP_VERBS = {
    "remove": Verb.DELETE,
    "rmdir": Verb.DELETE,
    "mkdir": Verb.CREATE,
    "symlink": Verb.CREATE,
    "rename": Verb.UPDATE,
    "posix-rename": Verb.UPDATE,
    "set": Verb.UPDATE,
    "opendir": Verb.READ,
}


def read_sshd(message: str) -> Said | None:
    """Read a message of the SSH server; ``None`` if it is none of those that tell of an act."""
    if message.endswith(" [preauth]"):
        message = message[: -len(" [preauth]")]
    match = _GREEDY.fullmatch(message)
    if match is not None:
        return _result(message, match)
    return _attempt(message) or _course(message)


def _result(message: str, match: re.Match[str]) -> Said:
    word, method, invalid, user, host, port, how = match.groups()
    action = f"{word} {method}"
    status = {"Accepted": OutcomeStatus.SUCCESS, "Failed": OutcomeStatus.DENIED}.get(
        word, OutcomeStatus.UNKNOWN
    )
    other = _LAZY.fullmatch(message)
    if other is not None and other.groups() != match.groups():
        return Said(
            action=action,
            verb=Verb.AUTHENTICATE,
            rule=_SIGN_IN,
            kind=_REFUSED,
            status=status,
            warnings=(TWO_WAYS,),
        )
    key = _PUBLIC_KEY.fullmatch(how) if how and method in _KEY_METHODS else None
    keys = _credentials(key) if key is not None else []
    kind = _REFUSED if word != "Accepted" else _KEY if method in _KEY_METHODS else _PASSWORD
    return Said(
        action=action,
        verb=Verb.AUTHENTICATE,
        rule=_SIGN_IN,
        user=user or None,
        kind=kind,
        credential=keys[0] if keys else None,
        used=tuple(keys[1:]),
        address=address_at(host, port),
        status=status,
        code=invalid.strip() if invalid else None,
        resources=(account(user),) if user else (),
    )


def _credentials(key: re.Match[str]) -> list[Credential]:
    """Return the certificate, if one was shown, then the key.

    A certificate is named by the key of the authority that signed it and the serial number; an authority that numbers
    nothing leaves 0, and then there is no name for it.
    """
    found = []
    if key["ca"] is not None:
        if int(key["serial"]):
            found.append(Credential("ssh certificate", f"{key['ca']} serial {key['serial']}"))
        found.append(Credential("ssh certificate authority", key["ca"]))
    if key["key"] is not None:
        found.insert(
            1 if found and found[0].type == "ssh certificate" else 0, Credential("ssh key", key["key"])
        )
    return found


def _attempt(message: str) -> Said | None:
    """Read a message about a sign-in that was refused before or beside the verdict on a method."""
    for pattern, action in _REFUSALS:
        match = pattern.fullmatch(message)
        if match is None:
            continue
        named = match.groupdict()
        return Said(
            action=action,
            verb=Verb.AUTHENTICATE,
            rule=_SIGN_IN,
            user=named["user"] or None,
            kind=_REFUSED,
            address=address_at(named["host"], named.get("port")),
            status=OutcomeStatus.DENIED,
            code=named.get("why"),
        )
    knock = _KNOCKS.fullmatch(message.removeprefix("error: ").removeprefix("fatal: "))
    if knock is not None:
        return Said(
            action=knock[1],
            verb=Verb.OTHER,
            rule="a connection that came to nothing",
            address=address_at(knock[2], knock[3]),
            status=OutcomeStatus.FAILED,
        )
    return None


def _course(message: str) -> Said | None:
    """Read a message about the course of a connection."""
    if match := _CONNECTION.fullmatch(message):
        return Said(
            action="Connection from",
            verb=Verb.OTHER,
            rule="a connection begins",
            address=address_at(match[1], match[2]),
        )
    if match := _RECEIVED.fullmatch(message):
        return Said(
            action="Received disconnect", verb=Verb.OTHER, rule="a connection ends",
            address=address_at(match[1], match[2]), code=match[4] or None,
        )  # fmt: skip
    if match := next(filter(None, (pattern.fullmatch(message) for pattern in _ENDED)), None):
        return Said(
            action=match[1],
            verb=Verb.OTHER,
            rule="a connection ends",
            user=match["user"] or None,
            kind=_RUNNING if match["state"] == "user" else _REFUSED,
            address=address_at(match["host"], match["port"] or None),
        )
    if match := _SESSION.fullmatch(message):
        return Said(
            action="Starting session", verb=Verb.EXECUTE, rule="override: runs a shell or command",
            user=match[2], kind=_RUNNING, address=address_at(match[3], match[4]), resources=(command(match[1]),),
            status=OutcomeStatus.SUCCESS,
        )  # fmt: skip
    if match := _CLOSED.fullmatch(message):
        return Said(
            action="Close session", verb=Verb.OTHER, rule="a session ends",
            user=match[1], kind=_RUNNING, address=address_at(match[2], match[3]),
        )  # fmt: skip
    if match := _FOUND.fullmatch(message):
        return Said(
            action="Accepted key", verb=Verb.AUTHENTICATE, rule=_SIGN_IN,
            credential=Credential("ssh key", match[1]), resources=(file(match[2], ResourceRole.SOURCE),),
        )  # fmt: skip
    return None


def read_sftp(message: str) -> Said | None:
    """Read a message of the file transfer subsystem; ``None`` if it tells of no act."""
    if match := _SFTP_SESSION.fullmatch(message):
        return Said(
            action=f"session {match[1]}", verb=Verb.OTHER, rule="a file transfer begins or ends",
            user=match[2], kind=_RUNNING, address=address_at(match[3], None) if match[3] else None,
        )  # fmt: skip
    if match := _SFTP_OPEN.fullmatch(message):
        writes = "WRITE" in match[2]
        return Said(
            action="open",
            verb=Verb.UPDATE if writes else Verb.READ,
            rule=f"flags {match[2]}",
            resources=(file(match[1]),),
        )
    if match := _SFTP_PATH.fullmatch(message):
        word = match[1].partition(" ")[0]
        verb = _SFTP_VERBS.get(word, Verb.OTHER)
        old, _, new = match[2].partition('" new "')
        names = (file(old, ResourceRole.SOURCE), file(new)) if new else (file(old),)
        return Said(action=word, verb=verb, rule=f"sftp request {word}", resources=names)
    return None
