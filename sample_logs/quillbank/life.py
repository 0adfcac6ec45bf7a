"""What people, applications and service accounts do on any day."""

from __future__ import annotations

import datetime as dt

from shapes import ids
from shapes.entra import ARM, SESSION, Application, User, changed, described, token_keys
from shapes.gcp import Principal, service_key
from shapes.m365 import graph, mail
from shapes.telling import Key, Story, Told, credential, event

from quillbank.cast import (
    ADMIN_Y,
    APPLICATIONS,
    BILLING,
    HR_EXPORT,
    K1,
    K5,
    MANAGED,
    OFFICE,
    OUTLOOK,
    OWNERS,
    PORTAL,
    PROJECT,
    SPAN,
    SUBSCRIPTION,
    TENANT,
    VAULT,
    at,
)


def life(story: Story) -> None:
    """Tell everything that is not the attack."""
    for number, person in enumerate(OWNERS):
        _person(story, number, person)
    _applications(story)
    _new_secret(story)
    _managed(story)
    _vault(story)
    _cloud(story)


def _moved(moment: dt.datetime, label: str) -> dt.datetime:
    return moment + dt.timedelta(microseconds=ids.number(f"moved/{label}", 1_000_000))


def _token(story: Story, signed_in: Told) -> None:
    """Keep a person's token from counting as a session: it is part of their sign-in session."""
    story.named_otherwise.update(signed_in.issues)


def _person(story: Story, number: int, person: User) -> None:
    """Tell a sign-in in the morning, renewals without interaction, reading of mail and files."""
    label = f"quillbank/{person.name}"
    session: Key = (SESSION, ids.uuid(f"{label}/session"))
    begun = _moved(SPAN.start + dt.timedelta(minutes=3 + 5 * number), label)
    current = story.tell(TENANT.sign_in(label, begun, person, client=OUTLOOK, session=session))
    _token(story, current)
    story.session(session, "human", event(current), "proven", "A person at work.")
    story.link(
        event(current),
        credential(session),
        "signed_in",
        "proven",
        "ENT-3",
        "The sign-in and what is done in it name one session id.",
    )
    when = begun
    for step in range(24):
        when += dt.timedelta(milliseconds=40_000 + ids.number(f"{label}/{step}", 400_000))
        if when > SPAN.end:
            break
        if step % 8 == 7:
            current = story.tell(
                TENANT.sign_in(
                    f"{label}/{step}", when, person, client=OUTLOOK, session=session, interactive=False
                )
            )
            _token(story, current)
        path = ("/me/messages", "/me/calendar/events", "/me/drive/root/children")[step % 3]
        story.tell(
            graph(
                TENANT,
                f"{label}/{step}",
                when + dt.timedelta(seconds=2),
                person,
                current,
                "GET",
                path,
                client=OUTLOOK,
                session=session,
            )
        )
        if step % 3 == 0:
            operation = "Send" if step % 6 else "MailItemsAccessed"
            story.tell(
                mail(
                    TENANT,
                    f"{label}/{step}",
                    (when + dt.timedelta(seconds=5)).replace(microsecond=0),
                    person,
                    operation,
                    person,
                    signed_in=current,
                    client=OUTLOOK,
                    session=session,
                )
            )
    if number % 4 == 1:
        story.tell(
            TENANT.sign_in(
                f"{label}/wrong",
                begun - dt.timedelta(seconds=21),
                person,
                client=OUTLOOK,
                error=50126,
            )
        )


def _signs_in(story: Story, application: Application, key: Key, label: str, moment: dt.datetime) -> Told:
    signed_in = story.tell(TENANT.sign_in(label, moment, application, key=key))
    story.named_otherwise.add(token_keys(signed_in.id)[1])
    return signed_in


def _applications(story: Story) -> None:
    """Tell how applications get a token every three quarters of an hour and use it."""
    for application in (*APPLICATIONS, BILLING):
        key = K1 if application is BILLING else application.key("1")
        for number, moment in enumerate(SPAN.every(2700, f"quillbank/{application.name}", 300)):
            label = f"quillbank/{application.name}/{number}"
            moment = _moved(moment, label)
            signed_in = _signs_in(story, application, key, label, moment)
            for step in range(16):
                owner = OWNERS[(number * 5 + step) % len(OWNERS)]
                path = {
                    "calendar-bridge": f"/users/{owner.id}/events",
                    "directory-sync": "/users/delta",
                    "ticket-mail": f"/users/{OWNERS[0].id}/mailFolders/inbox/messages",
                    "device-inventory": "/devices",
                    "billing-sync": f"/users/{owner.id}/drive/root",
                }[application.name]
                story.tell(
                    graph(
                        TENANT,
                        f"{label}/{step}",
                        moment + dt.timedelta(seconds=3 + 9 * step),
                        application,
                        signed_in,
                        "GET",
                        path,
                        roles="Directory.Read.All",
                    )
                )


def _new_secret(story: Story) -> None:
    """Tell how an administrator gives an application a new secret, rightly, and the application uses it."""
    session: Key = (SESSION, ids.uuid("quillbank/admin-y"))
    signed_in = story.tell(
        TENANT.sign_in(
            "quillbank/admin-y", at("08:41:12.330180"), ADMIN_Y, client=PORTAL, session=session, target=ARM
        )
    )
    _token(story, signed_in)
    story.session(session, "human", event(signed_in), "proven", "An administrator at work.")
    story.link(
        event(signed_in),
        credential(session),
        "signed_in",
        "proven",
        "ENT-3",
        "The sign-in and what is done in it name one session id.",
    )
    old = HR_EXPORT.key("4")
    added = story.tell(
        TENANT.change(
            "quillbank/k5",
            at("08:44:20.900210"),
            ADMIN_Y,
            "Add service principal credentials",
            [
                changed(
                    "ServicePrincipal",
                    HR_EXPORT.id,
                    HR_EXPORT.name,
                    ("KeyDescription", described(old), described(old, K5)),
                )
            ],
            issues=(K5,),
        )
    )
    story.link(
        event(added),
        credential(K5),
        "issued",
        "proven",
        "ENT-1",
        "The key id stands among the secrets after the change and not before.",
    )
    for number in range(5):
        moment = _moved(at("08:50:00") + dt.timedelta(minutes=35 * number), f"hr/{number}")
        token = _signs_in(story, HR_EXPORT, K5 if number else old, f"quillbank/hr-export/{number}", moment)
        for step in range(8):
            story.tell(
                graph(
                    TENANT,
                    f"quillbank/hr-export/{number}/{step}",
                    moment + dt.timedelta(seconds=4 + 6 * step),
                    HR_EXPORT,
                    token,
                    "GET",
                    f"/users/{OWNERS[step].id}",
                    roles="User.Read.All",
                )
            )
    activities = ("Update user", "Add member to group", "Change user license")
    for number, moment in enumerate(SPAN.every(300, "quillbank/changes", 200)):
        owner = OWNERS[number % len(OWNERS)]
        story.tell(
            TENANT.change(
                f"quillbank/changes/{number}",
                _moved(moment, f"changes/{number}"),
                ADMIN_Y,
                activities[number % 3],
                [changed("User", owner.id, owner.name, ("Department", "Sales", "Claims"))],
                category="UserManagement",
            )
        )


def _managed(story: Story) -> None:
    """Tell what managed identities do in Azure; their sign-ins have no address."""
    target = SUBSCRIPTION.resource("reports", "MICROSOFT.STORAGE/STORAGEACCOUNTS", "quillreports")
    for application in MANAGED:
        for number, moment in enumerate(SPAN.every(1500, f"quillbank/{application.name}", 100)):
            label = f"quillbank/{application.name}/{number}"
            moment = _moved(moment, label)
            signed_in = story.tell(TENANT.sign_in(label, moment, application, target=ARM))
            story.named_otherwise.add(token_keys(signed_in.id)[1])
            for step in range(2):
                story.tell(
                    SUBSCRIPTION.activity(
                        f"{label}/{step}",
                        moment + dt.timedelta(seconds=5 + 9 * step),
                        application,
                        "MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION"
                        if step
                        else "MICROSOFT.STORAGE/STORAGEACCOUNTS/WRITE",
                        target,
                        request=signed_in.id,
                        address="192.0.2.222",
                    )
                )
    story.gap(
        "redacted",
        "entra.signin",
        "ManagedIdentitySignInLogs",
        SPAN.start,
        SPAN.end,
        "Sign-ins of managed identities have no address.",
    )


def _vault(story: Story) -> None:
    """Tell how two applications read the secrets that they are meant to read."""
    for application, secret in ((APPLICATIONS[2], "smtp-relay"), (HR_EXPORT, "sql-reader")):
        path = f"secrets/{secret}/{ids.digest(secret).hex()[:32]}"
        for number, moment in enumerate(SPAN.every(180, f"quillbank/vault/{application.name}", 90)):
            label = f"quillbank/vault/{application.name}/{number}"
            story.tell(
                SUBSCRIPTION.vault(label, _moved(moment, label), application, "SecretGet", VAULT, path)
            )


def _cloud(story: Story) -> None:
    """Tell what happens in the other cloud: two service accounts with keys, one of them new; people with gcloud."""
    etl = Principal(
        PROJECT.account("etl"),
        "198.51.100.24",
        "gcloud-python/2.19.0 gl-python/3.12.3",
        service_key("quillbank/etl"),
    )
    report = Principal(
        PROJECT.account("reporting"),
        "198.51.100.25",
        "google-api-java-client/2.7.0",
        service_key("quillbank/reporting"),
    )
    person = Principal("k.kim@quillbank.example", OFFICE, "google-cloud-sdk gcloud/512.0.0")
    made = at("08:31:10.440219")
    created = story.tell(
        PROJECT.create_key("quillbank/reporting", made, person, report, service_key("quillbank/reporting"))
    )
    story.link(
        event(created),
        credential(service_key("quillbank/reporting")),
        "issued",
        "proven",
        "GCP-1",
        "The answer names the key by the id that later entries give.",
    )
    for who, every, bucket in ((etl, 45, "quillbank-raw"), (report, 90, "quillbank-reports")):
        for number, moment in enumerate(SPAN.every(every, f"quillbank/{who.email}", every // 2)):
            if who is report and moment < made:
                continue
            label = f"quillbank/{who.email}/{number}"
            name = f"2026-04-21/part-{number:04d}" if number % 5 else ""
            story.tell(PROJECT.object(label, _moved(moment, label), who, bucket, name))
    for number, moment in enumerate(SPAN.every(500, "quillbank/people", 300)):
        story.tell(
            PROJECT.call(
                f"quillbank/people/{number}",
                _moved(moment, f"people/{number}"),
                person,
                "cloudresourcemanager",
                "GetProject" if number % 4 else "SetIamPolicy",
                f"projects/{PROJECT.name}",
                permission="resourcemanager.projects.get"
                if number % 4
                else "resourcemanager.projects.setIamPolicy",
            )
        )
