"""Where a chain cannot go on: every hole is shown once, and says what would close it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.sessions.stories import stories
from tests.sessions.world_maker import MINUTE, SERVICE, Story, Who, temporary, user
from workbench.model.event import Credential, Identity, Verb
from workbench.model.session import HOLE, Basis, Relation, Strength
from workbench.sessions.keys import METHODS

FEW = settings(max_examples=40)


@FEW
@given(stories())
def test_every_session_says_where_it_comes_from_or_has_a_hole(story: Story) -> None:
    outcome = story.outcome()
    origins = {Relation.ISSUED, Relation.SIGNED_IN, Relation.CAUSED}
    shown = {link.target.id for link in outcome.links if link.relation in origins}
    for session in outcome.derived.sessions:
        service = session.kind.kind is SERVICE.kind and session.anchor is None
        assert session.id in shown or session.opened_by is not None or service
    holes = [link.target.id for link in outcome.by_rule("origin")]
    assert len(holes) == len(set(holes))
    for hole in outcome.by_rule("origin"):
        session = outcome.sessions[hole.target.id]
        assert (hole.source, hole.strength, session.parent) == (HOLE, Strength.UNPROVEN, None)
        assert session.opened_by is None


@pytest.mark.parametrize("kind", sorted(kind for kind, method in METHODS.items() if method.key_class > 0))
def test_what_would_close_a_hole_fits_the_kind_of_key(kind: str) -> None:
    story = Story()
    used = story.does(Who(user("ops"), Credential(kind, "arn 2023-11-14T22:13:20Z")))
    (link,) = story.outcome().into(used)
    assert link.strength is Strength.UNPROVEN
    assert link.closes == METHODS[kind].birth


def test_records_without_a_key_ask_for_records_that_name_one() -> None:
    story = Story()
    used = story.does(Who(user("ops")))
    (link,) = story.outcome().into(used)
    assert link.closes is not None
    assert "name the credential" in link.closes


def test_a_providers_own_service_needs_no_credential() -> None:
    story = Story()
    used = story.does(Who(Identity("config.amazonaws.com", "config.amazonaws.com"), kind=SERVICE))
    assert story.outcome().into(used) == []


def test_secrets_that_were_read_leave_one_hole_a_session() -> None:
    story = Story()
    who = Who(user("ops"), temporary("1"))
    for minute in range(3):
        done = story.does(
            who, "GetSecretValue", minute * MINUTE, verb=Verb.READ_SECRET, succeeded=minute != 1
        )
    outcome = story.outcome()
    (link,) = outcome.by_rule("secret-read")
    assert (link.source.id, link.target, link.strength) == (outcome.session(done).id, HOLE, Strength.UNPROVEN)
    assert link.fields[0].endswith("read_secret: 3 acts, refused ones included")
    assert outcome.session(done).start_basis is Basis.FIRST_USE


@pytest.mark.parametrize("more", [False, True])
def test_a_key_that_somebody_without_a_key_asked_for_hangs_on_a_hole(more: bool) -> None:
    """The copy of another account: who called is a number, with what he called stands in the caller's own log."""
    story = Story()
    stranger = Who(Identity("222222222222", "222222222222"))
    issue = story.issues(stranger, temporary("1"))
    if more:  # another record of the stranger makes a session of both, which has a hole of its own
        story.does(stranger, at=MINUTE)
    used = story.does(Who(user("ops"), temporary("1")), at=MINUTE)
    outcome = story.outcome()
    session = outcome.session(used)
    assert session.chain is Strength.UNPROVEN
    (link,) = outcome.into(used)
    assert link.source.id == issue.mark
    holes = outcome.by_rule("issuer-origin")
    assert [hole.target.id for hole in holes] == ([] if more else [issue.mark])


@pytest.mark.parametrize(
    "who",
    [
        Who(Identity("ec2.amazonaws.com", "ec2.amazonaws.com"), kind=SERVICE),
        Who(Identity("runner", "runner"), Credential("jwt subject", "repo:acme/deploy:ref:refs/heads/main")),
    ],
    ids=["a service", "a token of another system"],
)
def test_a_service_and_a_token_of_another_system_begin_a_chain(who: Who) -> None:
    story = Story()
    story.issues(who, temporary("1"))
    used = story.does(Who(user("ops"), temporary("1")), at=MINUTE)
    outcome = story.outcome()
    assert outcome.by_rule("issuer-origin") == []
    assert outcome.session(used).chain is Strength.PROVEN
