"""What people and programs do at Okta on any day."""

from __future__ import annotations

import datetime as dt

from shapes import ids
from shapes.okta import SESSION, Person, log_event, session_key, target
from shapes.telling import Key, Story, Told, event

from tallowmere.cast import (
    ADMIN_APP,
    HR_APP,
    MAIL_APP,
    NEW_TOKEN,
    OFFICE,
    OTHERS,
    SPAN,
    SYNC,
    SYNC_TOKEN,
    at,
)

REPORTING = Person("r.novak@tallowmere.example", OFFICE, "")
REPORTING_HOST, REPORTING_AGENT = "198.51.100.91", "okta-sdk-java/20.0.0 java/21.0.6 Linux/6.8.0"


def signed_in(story: Story, person: Person, when: dt.datetime, session: Key) -> Told:
    """Tell a sign-in: the policy asks for a second factor, the session starts, the factor is given. Returns the start."""
    label = f"tallowmere/{person.login}/{when:%H%M%S}"
    factor = target(
        "AuthenticatorEnrollment", f"pfd{ids.letters(label, 17, 'abcdefghijklmnop12345')}", "Okta Verify"
    )
    story.tell(
        log_event(
            f"{label}/policy",
            when - dt.timedelta(milliseconds=840),
            person,
            "policy.evaluate_sign_on",
            targets=(target("PolicyEntity", "00p1tallowmere000001", "Default"),),
            session=session,
            result="CHALLENGE",
            reason="Sign-on policy evaluation resulted in CHALLENGE",
            tries=True,
        )
    )
    started = story.tell(
        log_event(f"{label}/start", when, person, "user.session.start", targets=(MAIL_APP,), session=session)
    )
    story.tell(
        log_event(
            f"{label}/factor",
            when + dt.timedelta(milliseconds=6_212),
            person,
            "user.authentication.auth_via_mfa",
            targets=(factor,),
            session=session,
            tries=True,
        )
    )
    return started


def life(story: Story) -> None:
    """Tell the day at Okta."""
    for number, person in enumerate(OTHERS):
        _at_work(story, number, person)
    _failed(story)
    _programs(story)


def _at_work(story: Story, number: int, person: Person) -> None:
    """Tell two sessions of one person: one in the morning, one after a pause; applications opened in each."""
    for part in range(2):
        label = f"tallowmere/{person.login}/{part}"
        begun = SPAN.start + dt.timedelta(
            minutes=4 + 100 * part + 2 * number, milliseconds=ids.number(f"{label}/start", 90_000)
        )
        key = session_key(label)
        started = signed_in(story, person, begun, key)
        story.session(key, "human", event(started), "proven", "A person at work.")
        when = begun
        for step in range(14):
            when += dt.timedelta(milliseconds=60_000 + ids.number(f"{label}/{step}", 500_000))
            story.tell(
                log_event(
                    f"{label}/{step}",
                    when,
                    person,
                    "user.authentication.sso" if step % 4 else "user.authentication.verify",
                    targets=((MAIL_APP, HR_APP)[step % 2],),
                    session=key,
                    tries=True,
                )
            )
        if number % 3 == 0:
            story.tell(
                log_event(
                    f"{label}/end",
                    when + dt.timedelta(minutes=3),
                    person,
                    "user.session.end",
                    session=key,
                    tries=True,
                )
            )


def _failed(story: Story) -> None:
    for number, moment in enumerate(SPAN.every(420, "tallowmere/failed", 300)):
        person = OTHERS[number % len(OTHERS)]
        story.tell(
            log_event(
                f"tallowmere/failed/{number}",
                moment + dt.timedelta(milliseconds=ids.number(f"failed/{number}", 1000)),
                person,
                "user.session.start",
                result="FAILURE",
                reason="INVALID_CREDENTIALS",
                tries=True,
            )
        )


def _programs(story: Story) -> None:
    """Tell the synchronisation with its old token, and a new token that somebody makes for reports and that is used."""
    story.session(
        SYNC_TOKEN,
        "nonhuman",
        None,
        "unproven",
        "The token of the synchronisation, made before the evidence begins.",
    )
    acts = ("user.account.update_profile", "group.user_membership.add", "user.lifecycle.activate")
    for number, moment in enumerate(SPAN.every(50, "tallowmere/sync", 40)):
        person = OTHERS[number * 7 % len(OTHERS)]
        story.tell(
            log_event(
                f"tallowmere/sync/{number}",
                moment + dt.timedelta(milliseconds=ids.number(f"sync/{number}", 1000)),
                SYNC,
                acts[number % 3],
                targets=(person.target(),),
                token=SYNC_TOKEN,
                device=None,
                uri="/api/v1/users",
            )
        )
    admin = Person(REPORTING.login, OFFICE, OTHERS[0].agent)
    key: Key = (SESSION, "102NovakMorning00000000001")
    started = signed_in(story, admin, at("10:11:05.700000"), key)
    story.session(key, "human", event(started), "proven", "An administrator at work.")
    story.tell(
        log_event(
            "tallowmere/reporting/admin",
            at("10:12:40.010000"),
            admin,
            "user.session.access_admin_app",
            targets=(ADMIN_APP,),
            session=key,
            tries=True,
        ),
        log_event(
            "tallowmere/reporting/token",
            at("10:14:02.377000"),
            admin,
            "system.api_token.create",
            targets=(target("Token", NEW_TOKEN[1], "reporting"),),
            session=key,
            issues=(NEW_TOKEN,),
        ),
    )
    for number in range(60):
        story.tell(
            log_event(
                f"tallowmere/reporting/{number}",
                at("10:20:00")
                + dt.timedelta(seconds=150 * number, milliseconds=ids.number(f"r/{number}", 900)),
                admin,
                "analytics.reports.export.download",
                token=NEW_TOKEN,
                address=REPORTING_HOST,
                agent=REPORTING_AGENT,
                device=None,
                uri="/api/v1/logs",
            )
        )
