"""Credentials and sessions that began inside the time that is covered, and whose beginning no record shows."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.clock import SECOND
from workbench.coverage.facts import Birth, Facts, span
from workbench.coverage.making import Rule, make_gap, moment
from workbench.model.event import Credential
from workbench.model.gap import Certainty, Gap, GapKind, Scope

CONSOLE = Rule(
    "console-without-sign-in",
    1,
    "a console session names the second in which it was made, and no ConsoleLogin is there",
)
KEY = Rule(
    "key-without-issue",
    1,
    "a temporary key names the second in which its session was made; no event issued it",
)
TOKEN = Rule(
    "token-without-sign-in",
    1,
    "a token lives for a known time at most, and was first used later than that after the log begins",
)

_MINUTE = 60 * SECOND

_LIVES: dict[str, tuple[str, int, Certainty, str]] = {
    "entra token": (
        "entra.signin",
        90 * _MINUTE,
        Certainty.LIKELY,
        "access tokens live 60 to 90 minutes by default (Microsoft identity platform, token lifetimes)",
    ),
    "entra session": (
        "entra.signin",
        24 * 60 * _MINUTE,
        Certainty.POSSIBLE,
        "a session began with a sign-in",
    ),
    "okta session": (
        "okta.system",
        24 * 60 * _MINUTE,
        Certainty.LIKELY,
        "a session lives two hours idle and at most a day by default (Okta, global session policy)",
    ),
    "kubernetes credential": (
        "k8s.audit",
        61 * _MINUTE,
        Certainty.POSSIBLE,
        "a projected service account token is asked for an hour, and may be extended to a year",
    ),
    "okta oauth token": (
        "okta.system",
        24 * 60 * _MINUTE,
        Certainty.LIKELY,
        "an access token lives at most a day",
    ),
}
"""By type of key: the log that holds its issue, how long it lives by default, and what that rests on."""


def missing_issuance(facts: Facts) -> Iterator[Gap]:
    """Yield a gap for each session that began in covered time without a record of its beginning."""
    for birth in facts.births:
        anchor = birth.session.anchor
        if anchor is None:
            continue
        if anchor.type == "aws sign-in session":
            gap = _console(facts, birth, anchor)
        elif anchor.type == "aws temporary key":
            gap = _key(facts, birth, anchor)
        else:
            gap = _token(facts, birth, anchor)
        if gap is not None:
            yield gap


def _covered(facts: Facts, birth: Birth) -> bool:
    covered = span(facts.of("aws.cloudtrail", birth.session.account))
    return covered is not None and birth.born is not None and covered[0] <= birth.born <= covered[1]


def _console(facts: Facts, birth: Birth, anchor: Credential) -> Gap | None:
    if not _covered(facts, birth):
        return None
    session = birth.session
    return make_gap(
        CONSOLE,
        GapKind.MISSING_ISSUANCE,
        "aws.cloudtrail",
        Scope(
            text=f"console session {anchor.native_id}",
            accounts=(session.account,) if session.account else (),
            subject=anchor.native_id,
        ),
        (birth.born, birth.born),
        Certainty.SHOWN,
        detected=f"{session.events:,} events of session {session.id} name {moment(birth.born)} as the time the"
        f" console session was"
        " made; that lies inside the time covered, and no ConsoleLogin fits it",
        evidence=(birth.event,),
        effect=f"How session {session.id} was signed in to can be neither shown nor ruled out: not from which address, not with"
        " which factor, not whether it was switched to from another role.",
        request="CloudTrail of every region of the account for that minute: a ConsoleLogin is recorded in the"
        " region of the sign-in"
        " endpoint; the identity provider's log if people sign in through one.",
    )


def _key(facts: Facts, birth: Birth, anchor: Credential) -> Gap | None:
    session = birth.session
    if not _covered(facts, birth):
        return None
    return make_gap(
        KEY,
        GapKind.MISSING_ISSUANCE,
        "aws.cloudtrail",
        Scope(
            text=f"temporary key {anchor.native_id}",
            accounts=(session.account,) if session.account else (),
            subject=anchor.native_id,
        ),
        (birth.born, birth.born),
        Certainty.SHOWN,
        detected=f"{session.events:,} events of session {session.id} present a temporary key whose session was made"
        f" {moment(birth.born)}, inside the time covered; no event issued it",
        evidence=(birth.event,),
        effect=f"Who asked for the credentials of session {session.id} can be neither shown nor ruled out.",
        request="CloudTrail of every region for that minute, and of the account whose principal asked for the role.",
    )


def _token(facts: Facts, birth: Birth, anchor: Credential) -> Gap | None:
    lives = _LIVES.get(anchor.type)
    session = birth.session
    if lives is None or session.start is None:
        return None
    source, longest, certainty, rests_on = lives
    covered = span(facts.of(source))
    own = covered is not None
    if covered is None:
        # The log that would hold the issue is not on hand at all: the time covered is that of the log of its use.
        covered = span([each for name in session.sources for each in facts.of(name)])
    born = birth.born
    if covered is None or (born is not None and not covered[0] <= born <= covered[1]):
        return None
    if born is None and session.start - longest <= covered[0]:
        return None
    return make_gap(
        TOKEN,
        GapKind.MISSING_ISSUANCE,
        source,
        Scope(text=f"{anchor.type} {anchor.native_id}", subject=anchor.native_id),
        (born, born) if born is not None else (session.start - longest, session.start),
        certainty if born is None else Certainty.SHOWN,
        detected=(
            f"first used {moment(session.start)}, and {rests_on}; {source} on hand begins {moment(covered[0])} and holds no"
            " sign-in or issue of it"
            if born is None
            else f"made {moment(born)} by its own record; {source} holds no sign-in or issue of it"
        )
        + ("" if own else f" ({source} is not on hand at all)"),
        evidence=(birth.event,),
        effect=f"With which credential the token of session {session.id} was got, and from where, can be neither shown nor ruled"
        " out.",
        request="Sign-ins of users, non-interactive sign-ins, service principals and managed identities for the two hours before:"
        " they are four separate exports."
        if source == "entra.signin"
        else f"{source} for the day before, from every place that records it.",
    )
