"""Workloads that enter with a signed token: who signed it is what makes its subject worth something."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sessions.world_maker import HOUR, MINUTE, Done, Story, Who, cited, temporary
from workbench.clock import SECOND
from workbench.model.event import Credential, Identity, Resource, Verb
from workbench.model.session import Relation, Strength

GITHUB = "arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com"
SUBJECT = "repo:acme/deploy:ref:refs/heads/main"


def run(
    story: Story,
    number: int,
    at: int,
    *,
    repository: str = "acme/deploy",
    branch: str | None = "refs/heads/main",
) -> Done:
    on = [Resource("github:repository", repository)]
    if branch is not None:
        on.append(Resource("github:branch", branch))
    bot = Who(Identity("dev", "dev"), source="github.audit", account="acme")
    key = Credential("github workflow run", str(number))
    return story.does(bot, "workflows.created_workflow_run", at, verb=Verb.CREATE, issues=[key], on=on)


def enters(
    story: Story,
    at: int,
    *,
    subject: str = SUBJECT,
    signer: str | None = f"{GITHUB}:sts.amazonaws.com:{SUBJECT}",
) -> Done:
    who = Who(Identity(subject, subject, signer), keys=(Credential("jwt subject", subject),))
    return story.does(who, "AssumeRoleWithWebIdentity", at, issues=[temporary("1")], service="sts")


@given(st.lists(st.integers(-600, 7 * 3600), max_size=4))
def test_a_run_is_never_proven_and_others_that_fit_are_rivals(ages: list[int]) -> None:
    story = Story()
    for number, age in enumerate(ages):
        run(story, number, -age * SECOND)
    enters(story, 0)
    links = story.outcome().by_rule("ci-run")
    fitting = sum(0 <= age <= 6 * 3600 for age in ages)
    assert len(links) == max(fitting, 1)
    assert {link.strength for link in links} == {Strength.INFERRED if fitting else Strength.UNPROVEN}
    assert all(link.rival_count == max(fitting - 1, 0) for link in links)
    assert (not fitting) == all(link.closes is not None for link in links)


@pytest.mark.parametrize(
    ("repository", "branch", "fits"),
    [
        ("acme/deploy", "main", True),
        ("Acme/Deploy", "refs/heads/main", True),
        ("acme/deploy", None, True),
        ("acme/deploy", "refs/heads/main2", False),
        ("acme/deploy2", "main", False),
        ("umbrella/deploy", "main", False),
    ],
)
def test_only_runs_of_this_repository_and_ref_fit(repository: str, branch: str | None, fits: bool) -> None:
    story = Story()
    run(story, 1, -MINUTE, repository=repository, branch=branch)
    enters(story, 0)
    (link,) = story.outcome().by_rule("ci-run")
    assert link.strength is (Strength.INFERRED if fits else Strength.UNPROVEN)


def test_a_run_that_had_ended_does_not_fit() -> None:
    story = Story()
    run(story, 1, -HOUR)
    bot = Who(
        Identity("dev", "dev"), Credential("github workflow run", "1"), source="github.audit", account="acme"
    )
    story.does(bot, "workflows.completed_workflow_run", -MINUTE, verb=Verb.OTHER)
    enters(story, 0)
    (link,) = story.outcome().by_rule("ci-run")
    assert link.strength is Strength.UNPROVEN


@pytest.mark.parametrize(
    ("signer", "proven"),
    [
        (f"{GITHUB}:sts.amazonaws.com:{SUBJECT}", True),
        (f"{GITHUB}/acme:sts.amazonaws.com:{SUBJECT}", True),
        (GITHUB, True),
        (f"{GITHUB}.evil.test:sts.amazonaws.com:{SUBJECT}", False),
        (
            f"arn:aws:iam::222222222222:oidc-provider/evil.test/token.actions.githubusercontent.com:x:{SUBJECT}",
            False,
        ),
        (f"arn:aws:iam::222222222222:oidc-provider/gitlab.evil.test:x:{SUBJECT}", False),
        (
            "arn:aws:iam::222222222222:oidc-provider/evil.test/oidc-provider/token.actions.githubusercontent.com"
            f":sts.amazonaws.com:{SUBJECT}",
            False,
        ),
        (
            "arn:aws:iam::222222222222:oidc-provider/evil.test:oidc-provider/token.actions.githubusercontent.com"
            f":{SUBJECT}",
            False,
        ),
        (None, False),
    ],
)
def test_a_subject_proves_the_repository_only_where_github_signed_it(
    signer: str | None, proven: bool
) -> None:
    """Whoever administers an account can make a provider of his own that signs whatever he likes."""
    story = Story()
    run(story, 1, -MINUTE)
    enters(story, 0, signer=signer)
    (link,) = [each for each in story.outcome().links if each.relation is Relation.SAME_SUBJECT]
    assert (link.strength is Strength.PROVEN) is proven


@pytest.mark.parametrize(
    ("at", "branch", "subject", "ended", "proven"),
    [
        (-MINUTE, "main", SUBJECT, False, True),
        (-MINUTE, "fix-0", SUBJECT, False, False),
        (-MINUTE, None, SUBJECT, False, False),
        (-MINUTE, "main", "repo:acme/deploy:environment:prod", False, False),
        (-MINUTE, "main", SUBJECT, True, False),
        (HOUR, "main", SUBJECT, False, False),
        (-7 * HOUR, "main", SUBJECT, False, False),
    ],
)
def test_a_subject_is_proven_by_a_run_under_way_on_its_repository_and_ref_and_by_nothing_else(
    at: int, branch: str | None, subject: str, ended: bool, proven: bool
) -> None:
    """That a repository of this name is in GitHub's log at some time says nothing of who was given a token then."""
    story = Story()
    other = run(story, 2, -2 * MINUTE, branch="other")
    ran = run(story, 1, at, branch=branch)
    if ended:
        bot = Who(Identity("dev", "dev"), Credential("github workflow run", "1"), source="github.audit")
        story.does(bot, "workflows.completed_workflow_run", -SECOND, verb=Verb.OTHER)
    entry = enters(story, 0, subject=subject, signer=f"{GITHUB}:sts.amazonaws.com:{subject}")
    outcome = story.outcome()
    (link,) = [each for each in outcome.links if each.relation is Relation.SAME_SUBJECT]
    assert link.strength is (Strength.PROVEN if proven else Strength.INFERRED)
    assert cited(link, outcome) == ([entry, ran] if proven else [entry])
    assert other not in cited(link, outcome)


def test_a_service_account_of_that_name_is_in_every_cluster() -> None:
    story = Story()
    subject = "system:serviceaccount:pay:runner"
    for number in range(2):
        story.does(Who(Identity(subject, "runner"), source="k8s.audit", account=f"cluster-{number}"))
    enters(story, MINUTE, subject=subject)
    (link,) = [each for each in story.outcome().links if each.relation is Relation.SAME_SUBJECT]
    assert link.strength is Strength.INFERRED


@given(st.lists(st.integers(-60, 1200), max_size=4))
def test_pushes_before_a_run_are_inferred_and_rivals_of_each_other(ages: list[int]) -> None:
    story = Story()
    run(story, 1, 0)
    for age in ages:
        dev = Who(Identity("dev", "dev"), source="github.audit", account="acme")
        story.does(
            dev,
            "git.push",
            -age * SECOND,
            verb=Verb.UPDATE,
            on=[Resource("github:repository", "acme/deploy")],
        )
    links = story.outcome().by_rule("push-run")
    fitting = sum(0 <= age <= 600 for age in ages)
    assert len(links) == fitting
    assert all((link.strength, link.rival_count) == (Strength.INFERRED, fitting - 1) for link in links)


@pytest.mark.parametrize(
    ("repositories", "proven"),
    [(["acme/deploy"], True), (["Acme/Deploy"], False), (["Acme/Deploy", "acme/deploy"], True)],
)
def test_a_subject_is_compared_exactly(repositories: list[str], proven: bool) -> None:
    """GitHub takes names that differ in case for one, so they fit; two records that do not hold one value prove nothing."""
    story = Story()
    runs = [run(story, n, -MINUTE, repository=each) for n, each in enumerate(repositories)]
    enters(story, 0)
    outcome = story.outcome()
    (link,) = outcome.by_rule("workload-subject")
    assert link.strength is (Strength.PROVEN if proven else Strength.INFERRED)
    assert any("differ in case" in each for each in link.caveats) is not proven
    exactly = [done for done, name in zip(runs, repositories, strict=True) if name == "acme/deploy"]
    assert [done for done in cited(link, outcome) if done in runs] == (exactly or runs)
