"""Workloads that enter another system with a signed token (rules K8S-3 and GH-3): the subject is proven, the run is not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.clock import SECOND
from workbench.model.event import Credential
from workbench.model.session import HOLE, End, EndKind, Link, Relation, Strength
from workbench.sessions.assemble import Draft
from workbench.sessions.facts import Notable
from workbench.sessions.world import NOT_CHECKED, Rule, World, event_end, make_link, session_end

SUBJECT = Rule(
    "workload-subject",
    3,
    "the subject of the token that was presented is the workload that the other log names",
)
RUN = Rule(
    "ci-run",
    1,
    "a workflow run on this repository and ref was under way when the token was presented; the token names no run",
)

_REPO = re.compile(r"repo:([^:]+)(?::ref:(.+)|:environment:(.+)|:pull_request)?\Z")
_GITHUB = re.compile(
    r"(?:arn:[^:/]*:iam::\d*:)?oidc-provider/token\.actions\.githubusercontent\.com(?=[:/]|\Z)"
)
"""How ``principalId`` of the entry names GitHub as the provider that AWS checked the signature of (AWS "CloudTrail userIdentity
element"). An account's administrator can make a provider of his own that signs any subject, whose path or audience can hold
GitHub's name: only the beginning tells."""

_RUN_WINDOW = 6 * 3600 * SECOND
"""Microseconds that a workflow job may last (GitHub Actions, usage limits: six hours on hosted runners)."""

_RUNS_CITED = 10
"""Runs under way that the link of a subject cites."""

_ACCOUNT = "system:serviceaccount:"


def workload_subjects(world: World) -> Iterator[Link]:
    """Link entries by a signed token with the workload that its subject names."""
    runs = _runs(world)
    accounts = {
        trail.identity.canonical: trail.source
        for trail in world.facts.trails
        if trail.identity is not None and trail.identity.canonical.startswith(_ACCOUNT)
    }
    for notable in world.facts.notables:
        if not notable.issued or notable.succeeded is False:
            continue
        for key in world.trails[notable.trail].keys:
            if key.type != "jwt subject":
                continue
            if key.native_id in accounts:
                yield _service_account(world, notable, key)
            match = _REPO.match(key.native_id)
            if match:
                yield from _run(world, notable, key, runs.get(match[1].casefold(), []), match[2])


def _service_account(world: World, notable: Notable, key: Credential) -> Link:
    return make_link(
        SUBJECT,
        Relation.SAME_SUBJECT,
        Strength.INFERRED,
        End(EndKind.IDENTITY, key.native_id),
        event_end(notable),
        fields=(f"user.username = subject of the token: {key.native_id}",),
        evidence=(notable.event,),
        caveats=(
            "every cluster has service accounts of these names: that the token's issuer is this cluster is not checked",
            "which pod presented it is not recorded",
        ),
    )


def _runs(world: World) -> dict[str, list[tuple[Notable, str | None, Draft | None]]]:
    """Return the workflow runs of the case by repository, with the ref each ran on."""
    found: dict[str, list[tuple[Notable, str | None, Draft | None]]] = {}
    for notable in world.facts.notables:
        runs = [one.credential for one in notable.issued if one.credential.type == "github workflow run"]
        repository = _repository(notable)
        if not runs or repository is None:
            continue
        branch = next((each.name for each in notable.resources if each.type == "github:branch"), None)
        draft = next(iter(world.assembly.by_anchor.get(runs[0], ())), None)
        found.setdefault(repository.casefold(), []).append((notable, branch, draft))
    return found


def _run(
    world: World,
    notable: Notable,
    key: Credential,
    runs: list[tuple[Notable, str | None, Draft | None]],
    ref: str | None,
) -> Iterator[Link]:
    fitting = [
        (run, draft)
        for run, branch, draft in runs
        if run.time is not None
        and notable.time is not None
        and 0 <= notable.time - run.time <= _RUN_WINDOW
        and (branch is None or ref is None or _branch(branch) == _branch(ref))
        and not (draft is not None and draft.ended_at is not None and draft.ended_at < notable.time)
    ]
    if runs:
        on_ref = {each.event for each, branch, _ in runs if ref is not None and branch is not None}
        yield _subject(world, notable, key, [each for each, _ in fitting if each.event in on_ref], runs[0][0])
    target = world.home(notable)
    end = session_end(target) if target else event_end(notable)
    if not fitting:
        yield make_link(
            RUN,
            Relation.CAUSED,
            Strength.UNPROVEN,
            HOLE,
            end,
            fields=(f"subject of the token: {key.native_id}",),
            evidence=(notable.event,),
            closes="the audit log of GitHub with the workflow runs of this repository (kept 180 days), and the run's own log",
        )
        return
    several = len(fitting) > 1
    for run, draft in sorted(fitting, key=lambda each: each[0].mark):
        yield make_link(
            RUN,
            Relation.CAUSED,
            Strength.INFERRED,
            session_end(draft) if draft else event_end(run),
            end,
            fields=(f"repository and ref = subject of the token: {key.native_id}",),
            evidence=(run.event, notable.event),
            delta=None if run.time is None or notable.time is None else notable.time - run.time,
            rivals=[
                session_end(one) if one else event_end(other) for other, one in fitting if other is not run
            ],
            caveats=(
                "the token's subject names no run, and several were under way"
                if several
                else "the token's subject names no run",
            ),
        )


def _subject(world: World, notable: Notable, key: Credential, running: list[Notable], other: Notable) -> Link:
    """Link a token's subject with the repository that GitHub's log names.

    The repository alone is a name, which can be given up and taken anew. Only where both records hold the repository and the
    ref, and a run was under way on them, does GitHub's log show that it could have signed this subject then.

    Args:
        world: Everything.
        notable: The entry by the token.
        key: The token's subject.
        running: The runs on its repository and ref that were under way.
        other: Some run on its repository.
    """
    shown = sorted(running, key=lambda each: each.mark)
    match = _REPO.match(key.native_id)
    exactly = [each for each in shown if match is not None and _repository(each) == match[1]]
    in_case = bool(shown) and not exactly
    shown = exactly or shown
    entered, ran = world.trails[notable.trail], world.trails[(shown or [other])[0].trail]
    signer = "" if entered.identity is None else entered.identity.native_id or ""
    caveats = ["proves the repository and ref that GitHub signed, not the run and not who started it"]
    strength = Strength.PROVEN
    if not shown:
        strength = Strength.INFERRED
        caveats = ["a fit of names: no run on this repository and ref is shown to have been under way"]
    if in_case:
        strength = Strength.INFERRED
        caveats = [
            f"the names differ in case ({_repository(shown[0])}): GitHub takes them for one, the records hold two values"
        ]
    if not _GITHUB.match(signer):
        strength = Strength.INFERRED
        caveats = [
            *([] if shown and not in_case else caveats),
            "the record does not say that GitHub signed the token: any provider can name such a subject",
        ]
    if world.unverified(entered.source, ran.source):
        strength = Strength.INFERRED
        caveats.append(NOT_CHECKED)
    field = "repository and ref" if shown else "repository"
    joint = "differs in case only from" if in_case else "="
    return make_link(
        SUBJECT,
        Relation.SAME_SUBJECT,
        strength,
        End(EndKind.IDENTITY, key.native_id),
        event_end(notable),
        fields=(f"{field} {joint} {field} in the subject of the token: {key.native_id}",),
        evidence=(notable.event, *(each.event for each in shown[:_RUNS_CITED])),
        caveats=caveats,
    )


PUSH = Rule(
    "push-run", 1, "this actor pushed to the repository within ten minutes before the run was created"
)
_PUSH_WINDOW = 600 * SECOND


def pushes(world: World) -> Iterator[Link]:
    """Link workflow runs with the pushes that can have started them (rule GH-2)."""
    pushed: dict[tuple[str, str], list[Notable]] = {}
    for notable in world.facts.notables:
        if notable.act.action == "git.push":
            place = _actor_and_repository(world, notable)
            if place is not None:
                pushed.setdefault(place, []).append(notable)
    if not pushed:
        return
    for notable in world.facts.notables:
        runs = [one.credential for one in notable.issued if one.credential.type == "github workflow run"]
        place = _actor_and_repository(world, notable)
        if not runs or place is None or notable.time is None:
            continue
        found = [
            each
            for each in pushed.get(place, ())
            if each.time is not None and 0 <= notable.time - each.time <= _PUSH_WINDOW
        ]
        draft = next(iter(world.assembly.by_anchor.get(runs[0], ())), None)
        for each in found:
            yield make_link(
                PUSH,
                Relation.CAUSED,
                Strength.INFERRED,
                event_end(each),
                session_end(draft) if draft else event_end(notable),
                fields=(f"actor and repository: {place[0]}, {place[1]}",),
                evidence=(each.event, notable.event),
                delta=notable.time - (each.time or 0),
                rivals=[event_end(one) for one in found if one is not each],
                caveats=("the log does not say by which push a run was started",),
            )


def _repository(notable: Notable) -> str | None:
    return next((each.name for each in notable.resources if each.type == "github:repository"), None)


def _actor_and_repository(world: World, notable: Notable) -> tuple[str, str] | None:
    identity = world.trails[notable.trail].identity
    repository = _repository(notable)
    return None if identity is None or repository is None else (identity.canonical, repository)


def _branch(ref: str) -> str:
    return ref.removeprefix("refs/heads/")
