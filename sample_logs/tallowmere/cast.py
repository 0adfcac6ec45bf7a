"""Who and what the story at Tallowmere names."""

from __future__ import annotations

import datetime as dt

from shapes import ids
from shapes.aws_life import CHROME, FIREFOX, Span
from shapes.cloudtrail import EAST, Role
from shapes.okta import API_TOKEN, Person, okta_id, session_key, target
from shapes.telling import Key

DAY = dt.date(2026, 6, 9)
ACCOUNT = "333344445555"
OUTSIDE = "999900001111"
"""Account that Tallowmere does not own."""
COMPANY = "Tallowmere"
TRAIL = "tallowmere-main"


def at(clock: str) -> dt.datetime:
    """Return the moment of a clock time (UTC) on the day of the incident."""
    return dt.datetime.combine(DAY, dt.time.fromisoformat(clock), dt.UTC)


SPAN = Span(at("09:00:00"), at("13:00:00"))
STOPPED, STARTED = at("11:42:10"), at("12:30:15")
"""Between these the trail wrote nothing."""
MISSING_SLOT = at("10:30:00")
"""When the trail file was written that the digest lists and nobody handed over."""

# Addresses: documentation ranges of RFC 5737 only.
OFFICE = "192.0.2.50"
HOME = "198.51.100.10"
INTRUDER = "203.0.113.77"
INTRUDER_CLI_HOST = "203.0.113.99"
SYNC_HOST = "198.51.100.90"

REQUESTS = "python-requests/2.32.3"
INTRUDER_CLI = (
    "aws-cli/2.22.12 md/awscrt#0.23.4 ua/2.0 os/linux#6.12.13-amd64 md/arch#x86_64 md/distrib#kali.2025"
)
STEALTH = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

JDOE = Person("jdoe@tallowmere.example", HOME, FIREFOX)
"""An administrator whose session cookie was stolen."""
LINDQVIST = Person("k.lindqvist@tallowmere.example", OFFICE, CHROME)
"""Signs in to AWS in the same seconds."""
RUIZ = Person("m.ruiz@tallowmere.example", OFFICE, CHROME)
"""Whose password is reset and whose factor is taken off."""
ON_CALL = Person("p.adeyemi@tallowmere.example", "192.0.2.61", FIREFOX)
SYNC = Person("svc-hr-sync@tallowmere.example", SYNC_HOST, "tallowmere-hr-sync/3.1 okta-sdk-python/2.9.8")
_OTHERS = (
    *("a.berg", "b.costa", "c.dube", "d.evans", "e.fofana", "f.gruber", "g.hansen", "h.ito", "i.jansen"),
    *("j.kaya", "k.lopez", "l.meyer", "m.nagy", "n.okeke", "o.patel", "p.quist", "r.rossi", "s.sato"),
    *("t.tamm", "u.unger", "v.vargas", "w.wolf", "x.xu", "y.yilmaz", "z.zeman"),
)
OTHERS = tuple(
    Person(f"{name}@tallowmere.example", f"192.0.2.{100 + number}", (CHROME, FIREFOX)[number % 2])
    for number, name in enumerate(_OTHERS)
)

JDOE_SESSION = session_key("jdoe")
JDOE_TOKEN: Key = (API_TOKEN, okta_id("00T", "jdoe/x1"))
"""The token that the intruder makes."""
SYNC_TOKEN: Key = (API_TOKEN, okta_id("00T", "hr-sync"))
"""Made long before."""
NEW_TOKEN: Key = (API_TOKEN, okta_id("00T", "reporting"))
"""Made the same day, rightly."""
AWS_APP = target("AppInstance", okta_id("0oa", "aws"), "Amazon Web Services", "AWS Account Federation")
MAIL_APP = target("AppInstance", okta_id("0oa", "mail"), "Webmail", "Webmail")
HR_APP = target("AppInstance", okta_id("0oa", "hr"), "People", "People")
ADMIN_APP = target("AppInstance", okta_id("0oa", "admin"), "Okta Admin Console", "Okta Admin Console")
ADMINS = target("UserGroup", okta_id("00g", "aws-admins"), "aws-admins")

FEDERATED_ADMIN = Role(ACCOUNT, "federated-admin")
FEDERATED_READER = Role(ACCOUNT, "federated-reader")
BACKUP_ROLE = Role(ACCOUNT, "backup-operator")
KEY_B1 = ids.access_key("AKIA", ACCOUNT, "tallowmere/svc-backup")
SECRET = f"arn:aws:secretsmanager:{EAST}:{ACCOUNT}:secret:claims/db-T2pWzN"
KMS = f"arn:aws:kms:{EAST}:{ACCOUNT}:key/{ids.uuid('tallowmere/kms')}"
TRAIL_ARN = f"arn:aws:cloudtrail:{EAST}:{ACCOUNT}:trail/{TRAIL}"
