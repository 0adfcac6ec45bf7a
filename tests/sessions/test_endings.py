"""What ends a session: the source's own word, or that its key was taken back. Nothing else."""

from __future__ import annotations

import pytest

from tests.sessions.world_maker import HOUR, MINUTE, NOON, Story, Who, lasting, user
from workbench.model.event import Credential, Identity, Resource, Verb
from workbench.model.session import Basis

OPS = Who(user("ops"))
ADMIN = Who(user("admin"), lasting("ADMIN"))


def deleted(story: Story, key: Credential, at: int = HOUR, **more: object) -> None:
    resource = Resource(str(more.pop("type", "iam:access-key")), key.native_id)
    story.does(ADMIN, "DeleteAccessKey", at, verb=Verb.DELETE, on=[resource], **more)  # type: ignore[arg-type]


def test_the_first_removal_of_a_key_ends_its_sessions() -> None:
    story = Story()
    used = story.does(OPS.with_key(lasting("1")))
    deleted(story, lasting("1"), 2 * HOUR)
    deleted(story, lasting("1"), HOUR)
    outcome = story.outcome()
    assert (outcome.session(used).end, outcome.session(used).end_basis) == (NOON + HOUR, Basis.REVOKED)
    (known,) = [one for one in outcome.derived.credentials if one.native_id == lasting("1").native_id]
    assert known.revoked_at == NOON + HOUR
    assert known.revoked_by == outcome.row["aws.cloudtrail 2"]


@pytest.mark.parametrize("succeeded", [False, None])
def test_a_removal_that_is_not_known_to_have_worked_ends_nothing(succeeded: bool | None) -> None:
    story = Story()
    used = story.does(OPS.with_key(lasting("1")))
    deleted(story, lasting("1"), succeeded=succeeded)
    assert story.outcome().session(used).end_basis is not Basis.REVOKED


@pytest.mark.parametrize("kind", ["github:issue", "github:branch", "s3:bucket"])
def test_what_has_the_number_of_a_token_is_not_the_token(kind: str) -> None:
    """GitHub counts its issues as it counts its tokens."""
    story = Story()
    token = Credential("github token id", "7001")
    used = story.does(Who(Identity("dev", "dev"), token, source="github.audit"))
    deleted(story, token, type=kind)
    outcome = story.outcome()
    assert outcome.session(used).end_basis is not Basis.REVOKED
    assert all(one.revoked_at is None for one in outcome.derived.credentials)


def test_a_longer_id_is_another_key() -> None:
    story = Story()
    used = story.does(OPS.with_key(lasting("1")))
    deleted(story, lasting("10"))
    deleted(story, Credential("aws access key", "akia1"))
    assert story.outcome().session(used).end_basis is not Basis.REVOKED


def test_the_sources_own_end_goes_before_a_removal_and_the_last_counts() -> None:
    story = Story()
    okta = Who(Identity("00u1", "ann"), Credential("okta session", "1021"), source="okta.system")
    used = story.does(okta)
    story.does(okta, "user.session.end", HOUR, verb=Verb.OTHER)
    story.does(okta, "user.session.end", 2 * HOUR, verb=Verb.OTHER)
    deleted(story, Credential("okta session", "1021"), 3 * HOUR, type="okta:session")
    session = story.outcome().session(used)
    assert (session.end, session.end_basis) == (NOON + 2 * HOUR, Basis.ENDED)


def test_events_after_the_end_are_not_cut_off() -> None:
    """What a log shows goes on: the session then ends with its last event, which is where it says it does."""
    story = Story()
    okta = Who(Identity("00u1", "ann"), Credential("okta session", "1021"), source="okta.system")
    story.does(okta, "user.session.end", HOUR, verb=Verb.OTHER)
    late = story.does(okta, at=HOUR + MINUTE)
    session = story.outcome().session(late)
    assert (session.end, session.events) == (NOON + HOUR + MINUTE, 2)
    assert session.end_basis is not Basis.ENDED
