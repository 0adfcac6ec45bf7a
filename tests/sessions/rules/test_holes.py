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
