"""Messages about sign-ins and sessions other than SSH's own: PAM, login, systemd-logind, cron, polkit."""

from __future__ import annotations

import re

from workbench.model.event import Credential, IdentityKind, OutcomeStatus, Verb
from workbench.sources import parts
from workbench.sources.linux.commands import weakens_logging
from workbench.sources.linux.said import UNDECIDED, Said, account, address_at, command

_PAM = re.compile(r"pam_\w+\(([\w-]+):(\w+)\): (.*)", re.DOTALL)
_SESSION = re.compile(
    r"session (opened|closed) for user ([^\s(]+)(?:\(uid=\d+\))?(?: by ([^\s(]*)(?:\(uid=\d+\))?)?"
)
_FAILURE = re.compile(r"(?:PAM (\d+) more )?authentication failures?; (logname=.*)", re.DOTALL)
_LOCKED = re.compile(r"Consecutive login failures for user (\S+) account temporarily locked")
_FAILURE_FIELD = re.compile(r"(logname|ruser|rhost|user)=(\S*)")
_CRON = re.compile(
    r"\(([^)]*)\) (CMD|CMDEND|BEGIN EDIT|END EDIT|REPLACE|DELETE|LIST|RELOAD) \((.*)\)", re.DOTALL
)
_LOGIN = re.compile(r"(ROOT LOGIN|LOGIN|DIALUP AT \S+ BY|FAILED LOGIN)\b(.*)", re.DOTALL)
_LOGIN_ON = re.compile(r"\s+[Oo][Nn] '?(?P<tty>[^\s']+)'?(?: BY (?P<user>\S+))?(?: FROM (?P<host>\S+))?")
_LOGIN_FAILED = re.compile(
    r" \(\d+\) on '(?P<tty>[^']*)'(?: from '(?P<host>[^']*)')? FOR '(?P<user>[^']*)'.*", re.DOTALL
)
_NEW_SESSION = re.compile(
    r"New session ['\"]?(\w{1,16})['\"]? of user ['\"]?([^\s'\"]+?)['\"]?(?: with .*)?\."
)
_END_SESSION = re.compile(r"(Removed session|Session) (\w{1,16})(?: logged out.*)?\.?")
_POLKIT = re.compile(
    r"Operator of (\S+) (successfully authenticated|FAILED to authenticate).*? as (?:unix-user:)?'?([^\s']+)'?"
    r" to gain (\S+) authorization for action (\S{1,200}).*",
    re.DOTALL,
)

CRON_PROGRAMS = frozenset({"cron", "crond", "crontab", "anacron"})
"""The scheduler and its editor, folded."""

_BY_CRON = parts.kind(IdentityKind.NONHUMAN, "run by the cron daemon")
_CONSOLE = parts.kind(IdentityKind.HUMAN, "an interactive sign-in at the host's own console")
_CRONTAB_VERBS = {
    "REPLACE": Verb.UPDATE,
    "DELETE": Verb.DELETE,
    "LIST": Verb.READ,
}
_CONSOLE_SERVICES = frozenset({"gdm-password"})
"""PAM services of a graphical sign-in at the console that asks for a password; others can sign in by themselves."""


def read_pam(message: str) -> Said | None:
    """Read a message of a PAM module, whatever program it runs in; ``None`` if it tells of no session or sign-in."""
    match = _PAM.fullmatch(message)
    service, text = (match[1], match[3]) if match is not None else ("", message)
    session = _SESSION.match(text) if match is not None else None
    if session is not None:
        return _pam_session(service, *session.groups())
    locked = _LOCKED.match(text)
    if locked is not None:
        return Said(
            action="account locked", verb=Verb.AUTHENTICATE, rule="override: sign-in",
            user=locked[1], status=OutcomeStatus.DENIED, resources=(account(locked[1]),),
        )  # fmt: skip
    failure = _FAILURE.fullmatch(text)
    if failure is None:
        return None
    fields = {field[1]: field[2] for field in _FAILURE_FIELD.finditer(failure[2])}
    elevates = service in ("sudo", "su", "su-l")
    # For sudo and su the caller (ruser) tries; for a sign-in the account named by user does.
    user = (fields.get("ruser") or fields.get("logname")) if elevates else fields.get("user")
    return Said(
        action="authentication failure",
        verb=Verb.AUTHENTICATE,
        rule="override: sign-in",
        user=user or None,
        as_user=fields.get("user") or None if elevates else None,
        address=address_at(fields["rhost"], None) if fields.get("rhost") else None,
        status=OutcomeStatus.DENIED,
        warnings=(f"stands for {failure[1]} more failures",) if failure[1] else (),
    )


def _pam_session(service: str, word: str, user: str, by: str | None) -> Said:
    if service.casefold() in CRON_PROGRAMS:
        kind = _BY_CRON
    elif service in _CONSOLE_SERVICES and word == "opened":
        kind = _CONSOLE
    else:
        kind = UNDECIDED
    elevates = bool(by) and by != user
    return Said(
        action=f"session {word}",
        verb=Verb.AUTHENTICATE,
        rule="override: a session opens" if word == "opened" else "override: a session closes",
        user=by if elevates else user,
        as_user=user if elevates else None,
        kind=kind,
        status=OutcomeStatus.SUCCESS,
        resources=(account(user),),
    )


def read_cron(message: str) -> Said | None:
    """Read a message of cron or crontab; ``None`` if it is about neither a command nor a table of them."""
    match = _CRON.fullmatch(message)
    if match is None:
        return None
    user, word, what = match.groups()
    if word in ("CMD", "CMDEND"):
        return Said(
            action=word,
            verb=Verb.EXECUTE if word == "CMD" else Verb.OTHER,
            rule="override: runs a command" if word == "CMD" else "a command has ended",
            user=user,
            kind=_BY_CRON,
            status=OutcomeStatus.SUCCESS if word == "CMD" else OutcomeStatus.UNKNOWN,
            resources=(command(what),),
            tampers=word == "CMD" and weakens_logging(what),
        )
    return Said(
        action=f"crontab {word}",
        verb=_CRONTAB_VERBS.get(word, Verb.OTHER),
        rule=f"message: {word}",
        user=user,
        status=OutcomeStatus.SUCCESS,
        resources=(account(what),) if what else (),
    )


def read_login(message: str) -> Said | None:
    """Read a message of login(1); ``None`` if it is not about a sign-in."""
    match = _LOGIN.fullmatch(message)
    if match is None:
        return None
    failed = match[1] == "FAILED LOGIN"
    where = (_LOGIN_FAILED if failed else _LOGIN_ON).match(match[2])
    if where is None:
        return None
    tty = where["tty"].removeprefix("/dev/")
    console = (
        not failed
        and not where["host"]
        and re.fullmatch(r"tty\d+|tty[SA]\w*\d+|hvc\d+|console", tty) is not None
    )
    return Said(
        action=match[1],
        verb=Verb.AUTHENTICATE,
        rule="override: sign-in",
        user=where["user"] or ("root" if match[1] == "ROOT LOGIN" else None),
        kind=_CONSOLE if console else UNDECIDED,
        address=address_at(where["host"], None) if where["host"] else None,
        status=OutcomeStatus.DENIED if failed else OutcomeStatus.SUCCESS,
    )


def read_logind(message: str, host: str | None) -> Said | None:
    """Read a message of systemd-logind; ``None`` if it is not about a session.

    Its session ids count up on one host, so they mean nothing without it.
    """
    if match := _NEW_SESSION.fullmatch(message):
        return Said(
            action="New session",
            verb=Verb.AUTHENTICATE,
            rule="override: a session opens",
            user=match[2],
            used=_logind_session(match[1], host),
            status=OutcomeStatus.SUCCESS,
        )
    if match := _END_SESSION.fullmatch(message):
        return Said(
            action=match[1], verb=Verb.AUTHENTICATE, rule="override: a session closes",
            used=_logind_session(match[2], host), status=OutcomeStatus.SUCCESS,
        )  # fmt: skip
    return None


def _logind_session(number: str, host: str | None) -> tuple[Credential, ...]:
    return (Credential("logind session", f"{host}/{number}"),) if host else ()


def read_polkit(message: str) -> Said | None:
    """Read a message of polkitd; ``None`` if nobody authenticated."""
    match = _POLKIT.fullmatch(message)
    if match is None:
        return None
    success = match[2].startswith("success")
    return Said(
        action=match[5],
        verb=Verb.DELEGATE,
        rule="override: gains an authorisation",
        user=match[3],
        status=OutcomeStatus.SUCCESS if success else OutcomeStatus.DENIED,
    )
