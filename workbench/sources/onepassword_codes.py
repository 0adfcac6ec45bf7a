"""What the codes of 1Password's Events API stand for (1Password Events API reference: item usage, audit events)."""

from __future__ import annotations

from workbench.model.event import Verb

OBJECTS: dict[str, str] = {
    "account": "account",
    "card": "card",
    "cred": "passkey",
    "device": "device",
    "dlgdsess": "delegated session",
    "ec": "email change",
    "famchild": "family child",
    "file": "file",
    "gm": "group membership",
    "group": "group",
    "gva": "group vault access",
    "invite": "invite",
    "item": "item",
    "itemhist": "item history",
    "items": "items",
    "miguser": "migrated user",
    "mngdacc": "managed account",
    "pm": "payment method",
    "report": "report",
    "sa": "service account",
    "satoken": "service account token",
    "slackapp": "slack app",
    "sso": "sso",
    "ssotkn": "sso token",
    "sub": "subscription",
    "template": "template",
    "user": "user",
    "uva": "user vault access",
    "vault": "vault",
    "vaultkey": "vault key",
}
"""Types of objects, written out."""

_USES: dict[str, Verb] = {
    **dict.fromkeys(("fill", "reveal", "secure-copy", "export", "server-fetch"), Verb.READ_SECRET),
    **dict.fromkeys(("select-sso-provider", "enter-item-edit-mode", "other"), Verb.READ_SECRET),
    "share": Verb.DELEGATE,
    "server-create": Verb.CREATE,
    "server-update": Verb.UPDATE,
}

_ACCESS_OBJECTS = frozenset({"gm", "uva", "gva", "invite", "vaultkey"})
"""Objects that are themselves a grant: making or changing one gives access."""

_ACTIONS: dict[str, Verb] = {
    **dict.fromkeys(("create", "begin", "propose", "provsn"), Verb.CREATE),
    **dict.fromkeys(
        ("activate", "reactive", "complete", "completr", "update", "updatea", "replace"), Verb.UPDATE
    ),
    **dict.fromkeys(("patch", "convert", "hide", "unhide", "suspend", "chngpsso", "chngasso"), Verb.UPDATE),
    **dict.fromkeys(
        ("chngdsso", "updatduo", "updatmfa", "updatfw", "enblduo", "enblmfa", "disblduo"), Verb.UPDATE
    ),
    **dict.fromkeys(
        ("disblmfa", "disblsso", "changeks", "changemp", "changesk", "changenm", "changela"), Verb.UPDATE
    ),
    **dict.fromkeys(
        ("trename", "trvlaway", "trvlback", "unlink", "vrfydmn", "uvrfydmn", "dvrfydmn"), Verb.UPDATE
    ),
    **dict.fromkeys(
        ("delete", "purge", "revoke", "trevoke", "delshare", "leave", "cancel", "cancelr"), Verb.DELETE
    ),
    **dict.fromkeys(("deolddev", "dealldev", "delgsso", "detchild", "expire"), Verb.DELETE),
    **dict.fromkeys(
        ("grant", "join", "role", "share", "upguest", "addgsso", "musercom", "enblsso"), Verb.DELEGATE
    ),
    **dict.fromkeys(("view", "export"), Verb.READ),
    **dict.fromkeys(
        ("reauth", "verify", "tverify", "dlgsess", "ssotknv", "tdvcsso", "sdvcsso"), Verb.AUTHENTICATE
    ),
    **dict.fromkeys(("sendpkg", "sendts", "resendts", "prsndall"), Verb.OTHER),
    # Of beginr and muserdec the reference gives no more than the name; they stay unclassified.
}


def usage_verb(action: str | None) -> tuple[Verb, str]:
    """Tell what a use of an item is. Versions before the field ``action`` record uses without saying which."""
    if action is None:
        return Verb.READ_SECRET, "a use of an item, without action"
    verb = _USES.get(action)
    return (Verb.UNCLASSIFIED, "no rule") if verb is None else (verb, f"action {action}")


def audit_verb(action: str, kind: str) -> tuple[Verb, str]:
    """Tell what an audited action is, from its code and the type of its object."""
    if kind == "satoken" and action == "create":
        return Verb.ISSUE_CREDENTIAL, "override: creates a token of a service account"
    if kind == "cred" and action == "create":
        return Verb.ISSUE_CREDENTIAL, "override: enrols a passkey"
    if action == "uisas":
        return Verb.DELEGATE, "override: changes what a service account may reach"
    verb = _ACTIONS.get(action)
    if verb is None:
        return Verb.UNCLASSIFIED, "no rule"
    if kind in _ACCESS_OBJECTS and verb in (Verb.CREATE, Verb.UPDATE):
        return Verb.DELEGATE, f"action {action} on a grant ({OBJECTS[kind]})"
    return verb, f"action {action}"
