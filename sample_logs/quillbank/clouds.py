"""The second half: a vault opened with a token nobody saw issued, a key of another cloud, an account behind it."""

from __future__ import annotations

import datetime as dt

from shapes import ids
from shapes.entra import ARM, token_keys
from shapes.telling import Story, Told, credential, event, identity

from quillbank.cast import (
    BILLING,
    INTRUDER,
    K2,
    KEY_69AB,
    KEY_DAY,
    LEDGER,
    OSEI,
    PAYROLL,
    PROJECT,
    SPAN,
    SUBSCRIPTION,
    TENANT,
    VAULT,
    at,
)


def vault(story: Story) -> Told:
    """Tell how the application lets itself into the vault and reads it; returns the reading of one secret."""
    lost = story.tell(
        TENANT.sign_in("quillbank/u2", at("10:09:55.320180"), BILLING, key=K2, address=INTRUDER, target=ARM)
    )
    lost.delivered = False
    token = token_keys(lost.id)
    story.named_otherwise.add(token[1])
    story.session(
        token[0],
        "nonhuman",
        None,
        "unproven",
        "A token of billing-sync for Azure; the sign-in that issued it is in no file, though its category is there.",
    )
    resource = SUBSCRIPTION.resource("shared", "MICROSOFT.KEYVAULT/VAULTS", VAULT)
    story.tell(
        SUBSCRIPTION.activity(
            "quillbank/policy",
            at("10:11:20.410050"),
            BILLING,
            "MICROSOFT.KEYVAULT/VAULTS/ACCESSPOLICIES/WRITE",
            f"{resource}/ACCESSPOLICIES/ADD",
            request=lost.id,
            address=INTRUDER,
        )
    )
    story.link(
        identity(BILLING.id),
        credential(token[0]),
        "issued",
        "unproven",
        "ENT-2",
        "A sign-in must have issued this token; the row is missing.",
    )
    requests = [("SecretList", "secrets")] + [
        ("SecretGet", f"secrets/{name}/{ids.digest(name).hex()[:32]}")
        for name in ("smtp-relay", "gcp-ledger-export", "sql-reader")
    ]
    made = [
        SUBSCRIPTION.vault(
            f"quillbank/{number}",
            at("10:12:33.700320") + dt.timedelta(seconds=14 * number),
            BILLING,
            operation,
            VAULT,
            path,
            address=INTRUDER,
        )
        for number, (operation, path) in enumerate(requests)
    ]
    story.tell(*made)
    for each in made:
        story.link(
            credential(token[0]),
            event(each),
            "caused",
            "inferred",
            "GEN-1",
            "Same application and address minutes later; tokens for vaults are not named in this log.",
        )
    return made[2]


def other_cloud(story: Story, got: Told) -> None:
    """Tell the use of a service account key in the other cloud, and of a token that was made with it."""
    created = story.tell(
        PROJECT.create_key("quillbank/69ab", at("13:20:44.508112", KEY_DAY), OSEI, LEDGER, KEY_69AB)
    )
    story.link(
        event(created),
        credential(KEY_69AB),
        "issued",
        "proven",
        "GCP-1",
        "The answer names the key by the id that later entries give; the account stands there by number and by address.",
    )
    story.session(
        KEY_69AB,
        "nonhuman",
        event(created),
        "proven",
        "The key of ledger-export, made 40 days before by h.osei and used from 198.51.100.23.",
    )
    used = [
        PROJECT.object("quillbank/list", at("10:26:15.223140"), LEDGER, "quillbank-ledger-exports"),
        *(
            PROJECT.object(
                f"quillbank/get/{number}",
                at("10:26:40.114820") + dt.timedelta(seconds=4 * number),
                LEDGER,
                "quillbank-ledger-exports",
                f"2026/04/ledger-{number:02d}.csv",
            )
            for number in range(30)
        ),
    ]
    story.tell(*used)
    for each in (used[0], used[1], used[-1]):
        story.link(
            credential(KEY_69AB),
            event(each),
            "used",
            "proven",
            "GCP-1",
            "The entry names the key that was presented.",
        )
    story.link(
        event(got),
        credential(KEY_69AB),
        "secret_used",
        "unproven",
        "SEC-1",
        "A secret with a telling name was read before the key appeared; no log says what the secret held.",
    )
    target = f"projects/-/serviceAccounts/{PAYROLL.email}"
    minted = story.tell(
        PROJECT.call(
            "quillbank/mint",
            at("10:31:02.900450"),
            LEDGER,
            "iamcredentials",
            "GenerateAccessToken",
            target,
            permission="iam.serviceAccounts.getAccessToken",
            data=True,
            kind="service_account",
            labels={"email_id": PAYROLL.email, "unique_id": PAYROLL.number},
            request={
                "@type": "type.googleapis.com/google.iam.credentials.v1.GenerateAccessTokenRequest",
                "name": target,
            },
        )
    )
    taken = [
        PROJECT.object(
            f"quillbank/payroll/{number}",
            at("10:31:40.330170") + dt.timedelta(seconds=6 * number),
            PAYROLL,
            "quillbank-payroll",
            f"2026-04/run-{number}.json",
        )
        for number in range(8)
    ]
    story.tell(*taken)
    for each in taken:
        story.link(
            event(minted),
            event(each),
            "caused",
            "inferred",
            "GCP-2",
            "A token for this account was made shortly before; the entry's delegation is empty and names nobody.",
        )
    story.gap(
        "redacted",
        "gcp.audit",
        PAYROLL.email,
        taken[0].at,
        taken[-1].at,
        "Entries of impersonated calls have an empty delegation: who stood behind the account is not recorded.",
    )
    story.gap(
        "no_data_events",
        "gcp.audit",
        "data access of all services but storage and iamcredentials",
        SPAN.start,
        SPAN.end,
        "Data access is recorded for two services only.",
    )
    story.gap(
        "silence",
        "gcp.audit",
        "quillbank-ledger",
        at("13:20:44.508112", KEY_DAY),
        SPAN.start,
        "Of the weeks between the making of the key and the day of the incident no entry was handed over.",
    )
