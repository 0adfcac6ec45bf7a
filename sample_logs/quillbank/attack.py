"""The story: a second secret for an application, the mail that it opens, a vault, and a key of another cloud."""

from __future__ import annotations

import datetime as dt

from shapes import ids
from shapes.aws_life import FIREFOX
from shapes.entra import ARM, User, changed, described, token_keys
from shapes.m365 import graph, mail
from shapes.telling import Story, Told, credential, event

from quillbank.cast import (
    ADMIN_X,
    BILLING,
    INTRUDER,
    INTRUDER_BROWSER,
    K1,
    K2,
    OWNERS,
    PORTAL,
    SESSION_S1,
    TENANT,
    at,
)
from quillbank.clouds import other_cloud, vault

ELSEWHERE = User(ADMIN_X.name, INTRUDER_BROWSER, FIREFOX)
"""The account admin-x, as somebody else uses it."""


def attack(story: Story) -> None:
    """Tell the whole attack."""
    added = _secret_added(story)
    legit = _decoy(story, added)
    _mail(story, added, legit)
    got = vault(story)
    other_cloud(story, got)


def _secret_added(story: Story) -> Told:
    signed_in = story.tell(
        TENANT.sign_in(
            "quillbank/s1", at("09:31:07.418230"), ELSEWHERE, client=PORTAL, session=SESSION_S1, target=ARM
        )
    )
    story.named_otherwise.update(signed_in.issues)
    story.session(
        SESSION_S1,
        "human",
        event(signed_in),
        "proven",
        "An interactive sign-in as admin-x from 203.0.113.18; that it was not the owner of the account is not shown here.",
    )
    story.link(
        event(signed_in),
        credential(SESSION_S1),
        "signed_in",
        "proven",
        "ENT-3",
        "The sign-in and the requests made in it name one session id.",
    )
    for number, path in enumerate(
        ("/applications", "/servicePrincipals", f"/servicePrincipals/{BILLING.id}")
    ):
        made = story.tell(
            graph(
                TENANT,
                f"quillbank/portal/{number}",
                at("09:33:11.200140") + dt.timedelta(seconds=17 * number),
                ELSEWHERE,
                signed_in,
                "GET",
                path,
                client=PORTAL,
                session=SESSION_S1,
            )
        )
        story.link(
            credential(SESSION_S1), event(made), "used", "proven", "ENT-3", "The request names the session."
        )
    before, after = described(K1), described(K2, K1)
    principal = (BILLING.id, BILLING.name)
    added = TENANT.change(
        "quillbank/add",
        at("09:36:42.117930"),
        ELSEWHERE,
        "Add service principal credentials",
        [
            changed(
                "ServicePrincipal",
                *principal,
                # The new secret is listed first: order says nothing.
                ("KeyDescription", before, after),
                ("Included Updated Properties", None, "KeyDescription"),
            )
        ],
        group="quillbank/credentials",
        issues=(K2,),
    )
    companion = TENANT.change(
        "quillbank/companion",
        at("09:36:42.204411"),
        ELSEWHERE,
        "Update service principal",
        [changed("ServicePrincipal", *principal, ("Included Updated Properties", None, "KeyDescription"))],
        group="quillbank/credentials",
    )
    granted = []
    for number, (activity, name, value) in enumerate(
        (
            ("Add app role assignment to service principal", "AppRole.Value", "Mail.Read"),
            ("Consent to application", "ConsentContext.IsAdminConsent", "True"),
            ("Update service principal", "Included Updated Properties", "AppRoleAssignment"),
        )
    ):
        granted.append(
            TENANT.change(
                f"quillbank/grant/{number}",
                at("09:38:05.660020") + dt.timedelta(milliseconds=90 * number),
                ELSEWHERE,
                activity,
                [changed("ServicePrincipal", *principal, (name, None, value))],
                group="quillbank/grant",
                operation="Assign" if number < 2 else "Update",
            )
        )
    story.tell(added, companion, *granted)
    story.link(
        event(added),
        credential(K2),
        "issued",
        "proven",
        "ENT-1",
        "The key id stands among the secrets after the change and not before.",
    )
    story.link(
        credential(SESSION_S1),
        event(added),
        "caused",
        "inferred",
        "ENT-3",
        "Same account and address within minutes; the audit log names no session.",
    )
    story.decoy(
        event(added),
        credential(K1),
        "The secret that was there before: not issued by this change.",
        never=True,
    )
    return added


def _decoy(story: Story, added: Told) -> Told:
    """Tell the application's own sign-in with its old secret, minutes apart and from the same range of addresses."""
    legit = story.tell(TENANT.sign_in("quillbank/k1", at("09:45:02.300410"), BILLING, key=K1))
    for number in range(12):
        story.tell(
            graph(
                TENANT,
                f"quillbank/k1/{number}",
                at("09:45:09.100350") + dt.timedelta(seconds=31 * number),
                BILLING,
                legit,
                "GET",
                f"/users/{OWNERS[number].id}/drive/root",
                roles="Files.Read.All",
            )
        )
    story.decoy(
        event(added),
        event(legit),
        "A sign-in of the same application with the secret that it always had.",
        never=True,
    )
    return legit


def _mail(story: Story, added: Told, legit: Told) -> None:
    signed_in = story.tell(
        TENANT.sign_in("quillbank/u1", at("09:52:40.811270"), BILLING, key=K2, address=INTRUDER)
    )
    token = token_keys(signed_in.id)
    story.session(
        token[0],
        "nonhuman",
        event(signed_in),
        "proven",
        "A token of billing-sync, got with the added secret from 198.51.100.47; used at Microsoft Graph and on mail.",
    )
    story.link(
        credential(K2),
        event(signed_in),
        "used",
        "proven",
        "ENT-1",
        "The sign-in names the secret by its key id.",
    )
    for key in token:
        story.link(
            event(signed_in),
            credential(key),
            "issued",
            "proven",
            "ENT-2",
            "The sign-in names the token; its 22 characters are the request's id in another form.",
        )
    story.decoy(
        event(legit), credential(token[0]), "The token of the other sign-in of this application.", never=True
    )
    when = at("09:54:00.050110")
    for number in range(200):
        when += dt.timedelta(milliseconds=900 + ids.number(f"quillbank/mail/{number}", 4000))
        owner = OWNERS[number % len(OWNERS)]
        made = story.tell(
            graph(
                TENANT,
                f"quillbank/mail/{number}",
                when,
                BILLING,
                signed_in,
                "GET",
                f"/users/{owner.id}/messages?$top=50&$skip={number // len(OWNERS) * 50}",
                roles="Mail.Read",
                address=INTRUDER,
            )
        )
        if number % 50 == 0:
            story.link(
                credential(token[0]), event(made), "used", "proven", "ENT-2", "The request names the token."
            )
    for number in range(40):
        made = story.tell(
            mail(
                TENANT,
                f"quillbank/items/{number}",
                at("09:54:30") + dt.timedelta(seconds=13 * number),
                BILLING,
                "MailItemsAccessed",
                OWNERS[number % len(OWNERS)],
                signed_in=signed_in,
                address=INTRUDER,
                count=40 + number,
                throttled=number == 33,
                user_type=5 + number % 2,
            )
        )
        if number % 10 == 0 or number == 33:
            story.link(
                credential(token[0]), event(made), "used", "proven", "ENT-2", "The record names the token."
            )
        if number == 33:
            story.gap(
                "throttled",
                "m365.ual",
                OWNERS[33 % len(OWNERS)].name,
                made.at,
                made.at + dt.timedelta(hours=24),
                "So many items were opened that access to this mailbox is not recorded for a day.",
                evidence=[made.id],
            )
    story.link(
        event(added),
        event(signed_in),
        "caused",
        "proven",
        "ENT-1",
        "The secret that was added is the one that was presented.",
    )
