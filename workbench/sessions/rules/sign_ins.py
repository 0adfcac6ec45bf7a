"""Which sign-in opened a session whose records name no login (rule AWS-3, and the fallback of AWS-1).

A console session is known by the ARN of its user and its creation date. The login that fits both was made in the same
second: two logins can be, so this never proves, and the absence of a rival raises nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.clock import SECOND
from workbench.model.event import IdentityKind, Verb
from workbench.model.session import HOLE, Basis, Link, Relation, Strength
from workbench.sessions.assemble import Draft
from workbench.sessions.facts import ENDINGS, Notable
from workbench.sessions.keys import SIGN_IN, KeyClass, method_of
from workbench.sessions.times import micros_of
from workbench.sessions.unique_ids import differ
from workbench.sessions.world import Rule, World, event_end, make_link, session_end

CONSOLE = Rule(
    "aws-console",
    1,
    "the ConsoleLogin event names the same principal and was made in the second in which the session was created",
)
ROLE_CONSOLE = Rule(
    "aws-role-session",
    1,
    "the STS event issued a session of this name in the second in which the session was created",
)
_BEGUN_BY_SIGN_IN = frozenset({"entra session"})
"""Native sessions that no record begins but the sign-in itself, which names the session."""

_CLOSES = re.compile(
    r"log.?o(?:ut|ff)|sign.?out|clos|(?:\bslo|end(?:ed)?)\Z|removed|revoke|CRED_DISP", re.IGNORECASE
)
"""Acts that are counted among sign-ins and end a session."""

HUMAN = "a ConsoleLogin fits the session (inferred): this is an interactive sign-in"


def sign_ins(world: World) -> Iterator[Link]:
    """Link console sessions with their logins; where there is none, say what is missing."""
    logins: dict[tuple[str, str, int], list[Notable]] = {}
    issues: dict[tuple[str, int], list[Notable]] = {}
    for notable in world.facts.notables:
        if notable.time is None or notable.succeeded is False:
            continue
        if (
            notable.act.action == "ConsoleLogin"
            and notable.act.verb is Verb.AUTHENTICATE
            and notable.succeeded
        ):
            identity = world.trails[notable.trail].identity
            if identity is not None:
                logins.setdefault((identity.canonical, identity.name, notable.time), []).append(notable)
        for one in notable.issued:
            if one.to is not None:
                issues.setdefault((one.to, notable.time), []).append(notable)
    for key, drafts in world.assembly.by_anchor.items():
        if key.type != SIGN_IN:
            continue
        arn, _, created = key.native_id.rpartition(" ")
        moment = micros_of(created)
        for draft in drafts:
            identity = draft.identity
            found: list[Notable] = []
            if identity is not None and moment is not None:
                found = [
                    each
                    for each in logins.get((identity.canonical, identity.name, moment), [])
                    if (other := world.trails[each.trail].identity) is None
                    or not differ("aws", identity, other)
                ]
            issuers = issues.get((arn, moment), []) if moment is not None else []
            if found:
                yield from _signed_in(CONSOLE, draft, found, created)
            if issuers:
                yield from _signed_in(ROLE_CONSOLE, draft, issuers, created)
            if draft.opened_by is None and moment is not None:
                # Whoever signed in, the records themselves tell when.
                draft.opened_at, draft.start_basis = moment, Basis.NATIVE
            if not found and not issuers:
                yield missing_login(draft, created)


def _signed_in(rule: Rule, draft: Draft, found: list[Notable], created: str) -> Iterator[Link]:
    """Yield a link for every sign-in that fits; where several do, each is the others' rival and none opened the session."""
    if len(found) == 1 and draft.opened_by is None:
        draft.opened_by, draft.opened_at = found[0].event, found[0].time
        draft.start_basis = Basis.SIGNED_IN if rule is CONSOLE else Basis.ISSUED
    if rule is CONSOLE:
        draft.human = HUMAN
    for each in sorted(found, key=lambda one: one.mark):
        yield make_link(
            rule,
            Relation.SIGNED_IN if rule is CONSOLE else Relation.ISSUED,
            Strength.INFERRED,
            event_end(each),
            session_end(draft),
            fields=(
                f"{each.act.action} eventTime = sessionContext.attributes.creationDate: {created}",
                "the same principal on both",
            ),
            evidence=(each.event, draft.first_event),
            delta=None if draft.first is None or each.time is None else draft.first - each.time,
            rivals=[event_end(one) for one in found if one is not each],
            caveats=("times of whole seconds: another sign-in in the same second would fit as well",),
        )


def name_sign_ins(world: World) -> None:
    """Note in native sessions the interactive sign-in whose own record names them (rules ENT-3, OKT-1).

    Where a log has a record of its own of the beginning of a session, a sign-in inside of it (another factor, another
    application) shows who was there, not that it began with that; and a sign-out opens nothing.
    """
    earliest: dict[str, tuple[Draft, Notable]] = {}
    for notable in world.facts.notables:
        if notable.act.verb is not Verb.AUTHENTICATE or not notable.succeeded or notable.time is None:
            continue
        if notable.act.action in ENDINGS or _CLOSES.search(notable.act.action):
            continue
        trail = world.trails[notable.trail]
        draft = world.home(notable)
        if draft is None or draft.anchor is None or trail.kind.kind is not IdentityKind.HUMAN:
            continue
        if method_of(draft.anchor.type).key_class is not KeyClass.SESSION or draft.anchor.type == SIGN_IN:
            continue
        if draft.anchor in world.issued:
            continue  # the record that began it is there
        known = earliest.get(draft.id)
        if known is None or (notable.time, notable.mark) < (known[1].time or 0, known[1].mark):
            earliest[draft.id] = draft, notable
    for draft, notable in earliest.values():
        strength, against = world.opening(draft, notable)
        if draft.anchor is None or draft.anchor.type not in _BEGUN_BY_SIGN_IN:
            strength = Strength.INFERRED
            against.append("no record of its beginning: its earliest sign-in is taken for it")
        draft.opened_by, draft.opened_at = notable.event, notable.time
        draft.start_basis = Basis.SIGNED_IN
        draft.strength = draft.chain = strength
        draft.caveats += against


def missing_login(draft: Draft, created: str) -> Link:
    """Return the hole in place of the sign-in of a session."""
    return make_link(
        CONSOLE,
        Relation.SIGNED_IN,
        Strength.UNPROVEN,
        HOLE,
        session_end(draft),
        fields=(f"sessionContext.attributes.creationDate: {created}",),
        evidence=(draft.first_event,),
        caveats=("no sign-in of this principal in that second is in the evidence",),
        closes=method_of(SIGN_IN).birth,
    )


OKTA_SSO = Rule(
    "sso",
    1,
    "a sign-on to an application at the identity provider, and within a minute an entry by the same name there",
)
_SSO_WINDOW = 60 * SECOND
_SSO = {"user.authentication.sso"}
_ENTRIES = {"AssumeRoleWithSAML", "UserLoggedIn", "org.sso_response", "business.sso_response"}


def sso(world: World) -> Iterator[Link]:
    """Link single sign-on at the identity provider with the entry that followed at the service (rule OKT-3)."""
    sent: dict[str, list[Notable]] = {}
    for notable in world.facts.notables:
        identity = world.trails[notable.trail].identity
        if notable.act.action in _SSO and notable.time is not None and notable.succeeded and identity:
            for name in {_short(identity.name), _short(identity.canonical)}:
                sent.setdefault(name, []).append(notable)
    for notable in world.facts.notables:
        if notable.act.action not in _ENTRIES or notable.time is None or not notable.succeeded:
            continue
        names = _names(world, notable)
        found = {
            each.event: each
            for name in names
            for each in sent.get(name, ())
            if each.time is not None and 0 <= notable.time - each.time <= _SSO_WINDOW
        }
        if not found:
            continue
        # Several sign-ons of one session are no rivals: the nearest is cited.
        by_home: dict[str, Notable] = {}
        for each in sorted(found.values(), key=lambda one: (-(one.time or 0), one.mark)):
            home = world.home(each)
            by_home.setdefault(home.id if home else each.mark, each)
        entered = world.home(notable)
        for place, each in by_home.items():
            home = world.home(each)
            yield make_link(
                OKTA_SSO,
                Relation.SIGNED_IN,
                Strength.INFERRED,
                session_end(home) if home else event_end(each),
                session_end(entered) if entered else event_end(notable),
                fields=(f"name = name: {sorted(names)[0]}",),
                evidence=(each.event, notable.event),
                delta=notable.time - (each.time or 0),
                rivals=[event_end(one) for other, one in by_home.items() if other != place],
                caveats=("no id is shared: the name and the time are all that joins them",),
            )


def _names(world: World, notable: Notable) -> set[str]:
    found = {_short(one.to) for one in notable.issued if one.to}
    identity = world.trails[notable.trail].identity
    if identity is not None:
        found |= {_short(identity.name), _short(identity.canonical)}
    for key in world.trails[notable.trail].keys:
        if key.type in ("aws source identity", "external identity"):
            found.add(_short(key.native_id))
    return found - {""}


def _short(name: str) -> str:
    """Return what is left of a name without its directory: the part before ``@``, after the last ``/``."""
    return name.rpartition("/")[2].partition("@")[0].casefold()
