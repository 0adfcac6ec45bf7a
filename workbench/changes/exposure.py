"""What acts leave behind: credentials, trusts, grants, persistence, logging switched off; and whether a later act undid each.

Every rule looks at what a change added to a field and says later, of every change of the same resource, whether that took it
away again. "Nothing undid it" is said of the evidence: what is not in the case may have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from workbench.changes.aws_openings import opened_in_aws, opens, version_gone
from workbench.changes.covering import covering
from workbench.changes.denials import ATTACHED, Denial, against
from workbench.changes.directory_openings import opened_in_directories, permissions_lost
from workbench.changes.openings import Opened, cleared, first_of, never, set_without, stated, words_of
from workbench.changes.policy import Grant, Policy, account_of, in_words, joined, read_policy
from workbench.changes.shares import ACCESS
from workbench.changes.stated import MADE
from workbench.changes.undoing import Back, Gone, Kept, Paused, outcome
from workbench.changes.values import members_of, value_of
from workbench.clock import SECOND
from workbench.model.change import Basis, Change, Exposure, ExposureKind, Operation
from workbench.model.event import OutcomeStatus

_RESOURCE_POLICIES = ("bucket policy", "key policy", "resource policy", "repository policy")
_LASTING = {
    "iam:user": "a new user",
    "okta:user": "a new user",
    "entra:User": "a new user",
    "iam:oidc-provider": "a new identity provider whose tokens are trusted",
    "iam:saml-provider": "a new identity provider whose assertions are trusted",
    "rolesanywhere:trust-anchor": "a new certificate authority whose certificates are trusted",
    "rolesanywhere:profile": "a new profile by which certificates give roles",
    "kubernetes:serviceaccounts": "a new service account",
    "kubernetes:clusterrolebindings.rbac.authorization.k8s.io": "a new binding of a cluster role",
    "kubernetes:rolebindings.rbac.authorization.k8s.io": "a new binding of a role",
}
"""Kinds of which a new one lets somebody come back."""

_CONSENTS = (
    "AppRole.Value",
    "DelegatedPermissionGrant.Scope",
    "ConsentAction.Permissions",
    "ConsentContext.IsAdminConsent",
)
KEYS = "access keys"
"""The field of a user that holds the ids of its access keys."""

_KEY_FIELDS = ("KeyDescription", "FederatedIdentityCredentials")

LOOKED_FOR = (
    "access keys, console passwords, pushed SSH keys, key pairs, federation tokens, MFA devices taken away (AWS); MFA"
    " factors taken away (Okta, Entra); keys and federated credentials of applications (Entra); lasting tokens and keys that"
    " a log says were issued; trust and resource policies and grants of keys to outsiders; policies attached, written inline"
    " or put in force as a version, boundaries taken away (AWS); members of groups (AWS, Entra, Okta, Google Workspace,"
    " GitHub); members of and eligibility for roles, owners of applications and groups, app roles, delegated permissions,"
    " consents (Entra); admin roles (Okta); role bindings (Google Cloud, Kubernetes); new users (AWS, Entra, Okta), identity"
    " providers and certificate authorities (AWS), service accounts (Kubernetes); function code and layers replaced, user"
    " data changed; snapshots, images, buckets, files and calendars shared, public access no longer blocked, public function"
    " URLs; rules open to every address, serial consoles; recording switched off, narrowed or deleted, records that expire"
    " in the bucket of a trail"
)
"""What the rules know to look for, in words."""

NOT_JUDGED = "kinds of act not in this list are not judged"


def exposures(
    changes: Iterable[Change],
    *,
    accounts: frozenset[str],
    tampering: frozenset[int],
    elsewhere: Mapping[str, Sequence[Change]] | None = None,
    log_buckets: frozenset[str] = frozenset(),
    denied: Callable[[], Sequence[Denial]] = lambda: (),
) -> list[Exposure]:
    """Return what the changes of one resource left behind.

    Args:
        changes: All changes of the resource, in order.
        accounts: The accounts of the case: others are outside.
        tampering: Events whose act weakens the recording of what happens.
        elsewhere: By access key (as JSON text), the changes of other resources that are about it: its user may be renamed.
        log_buckets: Names of the buckets that trails of the case deliver to.
        denied: Returns what the policies of the resource deny at the end; called only if that matters.
    """
    done = [each for each in changes if each.outcome is OutcomeStatus.SUCCESS]
    found = []
    for index, change in enumerate(done):
        if change.event < 0:
            continue
        all_opened = [
            *_opened(change, accounts, change.event in tampering),
            *opened_in_directories(change),
            *opened_in_aws(change, done[:index], done[index + 1 :], accounts, log_buckets),
        ]
        for opened in all_opened:
            if opened.ends is not None and change.time is not None:
                found.append(_ended(change, opened, change.time + opened.ends))
                continue
            also = () if elsewhere is None or change.field != KEYS else elsewhere.get(change.member or "", ())
            became = outcome(change, done, also, opened.gone)
            undone, about = became.undone_by, became.remark_by
            weighed = opened.grant is not None or change.field == ATTACHED
            open_still = undone is None and not became.gone
            stands = against(opened.grant, change.field, denied()) if weighed and open_still else ()
            found.append(
                Exposure(
                    event=change.event,
                    time=change.time,
                    kind=opened.kind,
                    resource=change.resource,
                    title=change.title,
                    what=opened.what,
                    rule=opened.rule,
                    undone_by=None if undone is None else undone.event,
                    undone_at=None if undone is None else undone.time,
                    undone_how=became.how,
                    untold=undone is None and opened.untold,
                    remark=became.remark,
                    remark_event=None if about is None else about.event,
                    perhaps=became.perhaps,
                    gone=became.gone,
                    inactive=became.inactive is not None,
                    against=stands,
                )
            )
    return found


def _ended(change: Change, opened: Opened, end: int) -> Exposure:
    """Return an exposure that ended by itself: its own event is what says so."""
    return Exposure(
        event=change.event,
        time=change.time,
        kind=opened.kind,
        resource=change.resource,
        title=change.title,
        what=opened.what,
        rule=opened.rule,
        undone_by=change.event,
        undone_at=end,
        undone_how=f"expired {(opened.ends or 0) // SECOND} s later",
    )


def _opened(change: Change, accounts: frozenset[str], tampers: bool) -> Iterator[Opened]:
    operation, field = change.operation, change.field
    if operation is Operation.CREATE and change.resource.kind in _LASTING:
        yield Opened(ExposureKind.PERSISTENCE, _LASTING[change.resource.kind], "lasting resource", never)
    if tampers:
        yield from _logging(change)
    if operation is Operation.ADD and change.member is not None and change.before is None:
        yield from _added(change, change.member)
    if operation is not Operation.SET:
        return
    if MADE in change.caveats and change.resource.kind in _LASTING:
        what = (
            f"{_LASTING[change.resource.kind]}; the record does not name it, so what undid it cannot be told"
        )
        yield Opened(ExposureKind.PERSISTENCE, what, "lasting resource", never, untold=True)
    if field == "console password":
        yield Opened(
            ExposureKind.CREDENTIAL, "a console password was set", "console password", cleared(field)
        )
    elif field == "trust policy":
        yield from _outside(change, accounts, ExposureKind.TRUST, "trust")
    elif field in _RESOURCE_POLICIES or field.startswith("permission "):
        yield from _outside(change, accounts, ExposureKind.SHARED, "access for outsiders")
    elif field.startswith("inline policy "):
        for grant in _new_grants(change):
            if grant.effect == "allow":
                yield Opened(
                    ExposureKind.GRANT,
                    stated(change, in_words(grant)),
                    "inline policy",
                    _policy_without(field, grant),
                    grant=grant,
                )
    elif field in _KEY_FIELDS:
        for member in _new_members(change):
            yield Opened(
                ExposureKind.CREDENTIAL,
                stated(change, words_of(member)),
                "application key",
                set_without(field, member),
            )
    elif field.startswith(ACCESS) and not _no_access(change.after):
        words = stated(change, f"{field}: {words_of(change.after or '')}")
        yield Opened(ExposureKind.SHARED, words, "access given", _access_gone(field))
    elif field in _CONSENTS and change.after is not None and words_of(change.after):
        yield Opened(
            ExposureKind.GRANT,
            f"{field} {words_of(change.after)}",
            "consent or role of an application",
            first_of(set_without(field, change.after), permissions_lost),
        )
    elif field == "/subjects":
        for member in _new_members(change):
            yield Opened(
                ExposureKind.GRANT,
                stated(change, f"bound {words_of(member)}"),
                "role binding",
                set_without(field, member),
            )


def _added(change: Change, member: str) -> Iterator[Opened]:
    field, words = change.field, stated(change, words_of(member))
    gone = set_without(field, member)
    if field == KEYS:
        # A key is new whenever one is made: there is nothing that it could have been before.
        what = f"access key {words_of(member)}"
        yield Opened(ExposureKind.CREDENTIAL, what, "access key", _key_gone(field, member))
    elif field == "attached policies":
        yield Opened(ExposureKind.GRANT, f"policy {words}", "attached policy", gone)
    elif field == "shared with":
        yield Opened(ExposureKind.SHARED, f"shared with {words}", "shared with an account", gone)
    elif field == "inbound rules" and opens(words):
        yield Opened(ExposureKind.NETWORK, f"{opens(words)}: {words}", "open to every address", gone)
    elif field.startswith("bindings "):
        yield Opened(ExposureKind.GRANT, f"{field[len('bindings ') :]} for {words}", "role binding", gone)


def _logging(change: Change) -> Iterator[Opened]:
    field, kind = change.field, ExposureKind.LOGGING
    if change.operation is Operation.DELETE:
        what = f"{change.resource.kind or 'recording'} was deleted"
        yield Opened(kind, what, "recording deleted", _made_again)
    elif field in ("logging", "recording", "enabled") and change.after == "false":
        yield Opened(kind, f"{field} was switched off", "recording off", _set_to(field, "true"))
    elif field == "event selectors" and change.after is not None:
        narrow = _narrowing(change.after)
        if narrow:
            yield Opened(kind, narrow, "recording narrowed", _selectors_whole)
    elif change.operation in (Operation.SET, Operation.CLEAR, Operation.REMOVE) and field not in (
        "logging",
        "recording",
        "enabled",
    ):
        yield Opened(kind, f"{field} was changed: what is recorded may be less", "recording changed", never)


def _narrowing(selectors: str) -> str | None:
    """Return in words what event selectors leave out (CloudTrail API, EventSelector); ``None`` if nothing."""
    listed = value_of(selectors)
    told = []
    for each in listed if isinstance(listed, list) else []:
        if not isinstance(each, dict):
            continue
        fields = {str(key).lower(): value for key, value in each.items()}
        if fields.get("includemanagementevents") in (False, "false"):
            told.append("management events are no longer recorded")
        kind = fields.get("readwritetype")
        if isinstance(kind, str) and kind != "All":
            told.append(f"only {kind} is recorded")
    return "; ".join(dict.fromkeys(told)) or None


def _records_management(selectors: str) -> bool:
    """Whether selectors record all management events. Of advanced ones, one must ask for that category and nothing else."""
    listed = [each for each in value_of(selectors) or () if isinstance(each, dict)]
    folded = [{str(key).lower(): value for key, value in each.items()} for each in listed]
    advanced = [each["fieldselectors"] for each in folded if isinstance(each.get("fieldselectors"), list)]
    if not advanced:
        return True
    return any(
        len(each) == 1
        and isinstance(each[0], dict)
        and {str(key).lower(): value for key, value in each[0].items() if value}
        == {"field": "eventCategory", "equals": ["Management"]}
        for each in advanced
    )


def _selectors_whole(change: Change) -> str | None:
    if change.field != "event selectors" or change.after is None or _narrowing(change.after):
        return None
    if not _records_management(change.after):
        return None
    return "event selectors record everything again"


def _outside(change: Change, accounts: frozenset[str], kind: ExposureKind, rule: str) -> Iterator[Opened]:
    for grant in _new_grants(change):
        if grant.effect != "allow":
            continue
        whom = _outsiders(grant, accounts)
        if whom:
            said = in_words(grant)
            words = stated(change, said if said.endswith(f" to {whom}") else f"{said} ({whom})")
            gone = first_of(
                _policy_without(change.field, _to_outsiders(grant, accounts)), version_gone(change.field)
            )
            yield Opened(kind, words, rule, gone, grant=grant)


def _to_outsiders(grant: Grant, accounts: frozenset[str]) -> Grant:
    """Return what of a grant lets outsiders in: that others are let in as before leaves nothing behind."""
    if grant.not_principals:
        return grant
    outside = (each for each in grant.principals if _outsiders(grant._replace(principals=(each,)), accounts))
    return grant._replace(principals=tuple(outside))


def _outsiders(grant: Grant, accounts: frozenset[str]) -> str | None:
    """Return in words why a grant reaches beyond the accounts of the case; ``None`` if it does not."""
    if grant.not_principals:
        return "everybody but those named"
    told = []
    for principal in grant.principals:
        kind, _, value = principal.partition(":")
        account = account_of(principal)
        if value == "*":
            told.append("anyone")
        elif account is not None and account not in accounts:
            told.append(f"account {account} is outside: not among the accounts of this case")
        elif kind == "federated":
            told.append("identities of another issuer")
    return "; ".join(dict.fromkeys(told)) or None


def _new_grants(change: Change) -> list[Grant]:
    after = read_policy(change.after)
    if change.after is None or after is None:
        return []
    before: Policy | None = frozenset()
    if change.before_basis is not Basis.UNKNOWN:
        before = read_policy(change.before)
    return joined(after - (before or frozenset()))


def _new_members(change: Change) -> list[str]:
    known = set(members_of(change.before)) if change.before_basis is not Basis.UNKNOWN else set()
    return [each for each in members_of(change.after) if each not in known]


# What undoes


def _made_again(change: Change) -> str | None:
    return "it was made again" if change.operation is Operation.CREATE else None


def _set_to(field: str, value: str) -> Gone:
    return lambda change: (
        f"{field} was switched on again" if change.field == field and change.after == value else None
    )


def _no_access(level: str | None) -> bool:
    """Whether a level of access says that there is none, as Google Workspace writes it."""
    return level is None or value_of(level) in ("none", ["none"])


def _access_gone(field: str) -> Gone:
    def gone(change: Change) -> str | None:
        if change.field != field or change.operation not in (Operation.SET, Operation.CLEAR):
            return None
        told = change.operation is Operation.CLEAR or change.after is not None
        return "access taken away" if told and _no_access(change.after) else None

    return gone


def _key_gone(field: str, member: str) -> Gone:
    taken = set_without(field, member)
    status = f"access key {words_of(member)} status"

    def gone(change: Change) -> str | None:
        if change.field == status and change.after in ('"Inactive"', '"Active"'):
            return Paused("made inactive") if change.after == '"Inactive"' else Back("active again")
        return taken(change)

    return gone


def _policy_without(field: str, grant: Grant) -> Gone:
    parts = set(_atoms(grant))

    def gone(change: Change) -> str | None:
        if change.field != field:
            return None
        if change.operation is Operation.CLEAR:
            return "taken away"
        if change.operation is not Operation.SET or change.after is None:
            return None
        policy = read_policy(change.after)
        if policy is None or parts & policy:
            return None
        wider = next(filter(None, (covering(each, policy) for each in sorted(parts))), None)
        if wider is not None:
            return Kept(f"replaced by a policy that still allows it: now covered by {in_words(wider)}")
        return "set to a policy without it"

    return gone


def _atoms(grant: Grant) -> Iterator[Grant]:
    """Yield the grants that a joined one stands for, as :func:`read_policy` has them."""
    principals = _ways(grant.principals, grant.not_principals)
    actions = _ways(grant.actions, grant.not_actions)
    resources = _ways(grant.resources, grant.not_resources)
    for who in principals:
        for what in actions:
            for where in resources:
                yield grant._replace(principals=who, actions=what, resources=where)


def _ways(values: tuple[str, ...], negated: bool) -> list[tuple[str, ...]]:
    return [values] if negated or not values else [(each,) for each in values]
