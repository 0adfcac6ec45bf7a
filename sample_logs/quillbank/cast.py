"""Who and what the story at Quillbank names."""

from __future__ import annotations

import datetime as dt

from shapes import ids
from shapes.aws_life import CHROME, FIREFOX, Span
from shapes.azure import Subscription
from shapes.entra import SESSION, Application, Tenant, User
from shapes.gcp import Principal, Project, service_key
from shapes.telling import Key

DAY = dt.date(2026, 4, 21)
COMPANY = "Quillbank"


def at(clock: str, day: dt.date = DAY) -> dt.datetime:
    """Return the moment of a clock time (UTC), on the day of the incident unless it is said otherwise."""
    return dt.datetime.combine(day, dt.time.fromisoformat(clock), dt.UTC)


SPAN = Span(at("08:00:00"), at("12:00:00"))
KEY_DAY = DAY - dt.timedelta(days=40)
"""When the key of the other cloud was made, rightly."""

# Addresses: documentation ranges of RFC 5737 only.
OFFICE = "192.0.2.80"
BILLING_HOST = "198.51.100.40"
INTRUDER = "198.51.100.47"
"""In the same range as the host of billing-sync."""
INTRUDER_BROWSER = "203.0.113.18"
INTRUDER_GCP = "198.51.100.23"

TENANT = Tenant(ids.uuid("quillbank/tenant"))
SUBSCRIPTION = Subscription(ids.uuid("quillbank/subscription"), TENANT)
PORTAL = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"
"""Application id of the Azure portal."""
OUTLOOK = "5d661950-3475-41cd-a2c3-d671a3162bc1"

ADMIN_X = User("admin-x@quillbank.example", OFFICE, CHROME)
SESSION_S1: Key = (SESSION, ids.uuid("quillbank/s1"))
ADMIN_Y = User("admin-y@quillbank.example", OFFICE, FIREFOX)
OWNERS = tuple(
    User(f"{name}@quillbank.example", f"192.0.2.{120 + number}", (CHROME, FIREFOX)[number % 2])
    for number, name in enumerate(
        (
            *(
                "a.amado",
                "b.blom",
                "c.cruz",
                "d.duarte",
                "e.eriksen",
                "f.farah",
                "g.grant",
                "h.osei",
                "i.ivanov",
            ),
            *(
                "j.jonas",
                "k.kim",
                "l.lund",
                "m.mbeki",
                "n.nilsen",
                "o.okoye",
                "p.petit",
                "q.quiroga",
                "r.ruiz",
            ),
        )
    )
)

BILLING = Application("billing-sync", BILLING_HOST, "python-requests/2.31.0")
K1, K2 = BILLING.key("1"), BILLING.key("2")
HR_EXPORT = Application("hr-export", "198.51.100.41", "Microsoft.Graph/5.76 dotnet/9.0")
K5 = HR_EXPORT.key("5")
APPLICATIONS = (
    Application("calendar-bridge", "198.51.100.42", "Microsoft.Graph/5.76 dotnet/9.0"),
    Application("directory-sync", "198.51.100.43", "okhttp/4.12.0"),
    Application("ticket-mail", "198.51.100.44", "python-requests/2.32.3"),
    Application("device-inventory", "198.51.100.45", "Go-http-client/2.0"),
)
MANAGED = (Application("func-statements", managed=True), Application("vm-reports", managed=True))

VAULT = "quillbank-shared"
PROJECT = Project("quillbank-ledger")
KEY_69AB: Key = ("gcp service account key", "69ab" + service_key("quillbank/ledger-export")[1][4:])
LEDGER = Principal(
    PROJECT.account("ledger-export"), INTRUDER_GCP, "google-cloud-sdk gcloud/515.0.0", KEY_69AB
)
PAYROLL = Principal(
    PROJECT.account("payroll-admin"), INTRUDER_GCP, "google-cloud-sdk gcloud/515.0.0", None, ({},)
)
OSEI = Principal("h.osei@quillbank.example", OFFICE, "google-cloud-sdk gcloud/512.0.0")
