"""What ends a session: the source's own word, or that its key was taken back. Nothing else."""

from __future__ import annotations

import pytest

from tests.sessions.world_maker import HOUR, MINUTE, NOON, Story, Who, cited, lasting, user
from workbench.model.event import Credential, Identity, Resource, Verb
from workbench.model.session import Basis, Strength

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


def late_use(
    who: Who, action: str, *, on: list[Resource] | None = None, by: Who = ADMIN, **more: object
) -> Story:
    """A key that is used at noon, taken away after an hour, and used an hour later."""
    story = Story()
    story.does(who)
    resources = [Resource("iam:access-key", lasting("1").native_id)] if on is None else on
    story.does(by, action, HOUR, on=resources, **{"verb": Verb.UPDATE, "service": "iam", **more})  # type: ignore[arg-type]
    story.does(who, at=2 * HOUR)
    return story


ANN = Who(Identity("00u1", "ann"), Credential("okta session", "1021"), source="okta.system", account=None)
BOT = Who(
    Identity("ci@p1.iam.gserviceaccount.com", "ci@p1.iam.gserviceaccount.com"),
    Credential("gcp service account key", "ab12"),
    source="gcp.audit",
)
POD = Who(
    Identity("system:serviceaccount:pay:ci", "ci"),
    Credential("kubernetes credential", "JTI=1"),
    source="k8s.audit",
)
APP = Who(Identity("ent1", "app"), Credential("vault accessor", "hmac-sha256:ab"), source="vault.audit")
KEY_USER = OPS.with_key(lasting("1"))
OKTA_USER = [Resource("okta:user", "00u1")]
GCP_ADMIN = Who(Identity("dev@x", "dev@x"), source="gcp.audit")
GCP_KEY = [Resource("iam:service_account", "projects/-/serviceAccounts/77/keys/ab12")]
GCP_ACCOUNT = [Resource("iam:project", "projects/-/serviceAccounts/ci@p1.iam.gserviceaccount.com")]
POD_ACCOUNT = [Resource("kubernetes:serviceaccounts", "namespaces/pay/serviceaccounts/ci")]
ENDS = {
    "made inactive": late_use(KEY_USER, "UpdateAccessKey", active=False),
    "user deleted": late_use(KEY_USER, "DeleteUser", on=[Resource("iam:user", "OPS")], verb=Verb.DELETE),
    "gcp key deleted": late_use(BOT, "google.iam.admin.v1.DeleteServiceAccountKey", on=GCP_KEY, by=GCP_ADMIN),
    "gcp key disabled": late_use(
        BOT, "google.iam.admin.v1.DisableServiceAccountKey", on=GCP_KEY, by=GCP_ADMIN
    ),
    "account disabled": late_use(
        BOT, "google.iam.admin.v1.DisableServiceAccount", on=GCP_ACCOUNT, by=GCP_ADMIN
    ),
    "account deleted": late_use(
        BOT, "google.iam.admin.v1.DeleteServiceAccount", on=GCP_ACCOUNT, by=GCP_ADMIN
    ),
    "signed out": late_use(ANN, "user.session.end", on=[], by=ANN, service="okta"),
    "sessions cleared": late_use(ANN, "user.session.clear", on=OKTA_USER, service="okta"),
    "suspended": late_use(ANN, "user.lifecycle.suspend", on=OKTA_USER, service="okta"),
    "pod's account deleted": late_use(POD, "delete serviceaccounts", on=POD_ACCOUNT, service="kubernetes"),
    "revoked by itself": late_use(APP, "update auth/token/revoke-self", on=[], by=APP, service="vault"),
    "revoked by its accessor": late_use(
        APP,
        "update auth/token/revoke-accessor",
        on=[Resource("vault:accessor", "hmac-sha256:ab")],
        verb=Verb.DELETE,
    ),
}


@pytest.mark.parametrize("story", ENDS.values(), ids=ENDS)
def test_whoever_uses_a_key_that_was_taken_away_is_not_proven(story: Story) -> None:
    outcome = story.outcome()
    session = outcome.session(story.events[2])
    assert session.membership is Strength.INFERRED
    assert any(each.startswith("contradiction: its key was used") for each in session.caveats), (
        session.caveats
    )
    assert session.chain is not Strength.PROVEN


@pytest.mark.parametrize("story", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("outcome", [False, None], ids=["denied", "unknown"])
def test_an_act_that_is_not_known_to_have_taken_a_key_away_contradicts_nothing(
    story: Story, outcome: bool | None
) -> None:
    other = Story()
    other.events = [*story.events]
    other.events[1] = other.events[1]._replace(succeeded=outcome)
    session = other.outcome().session(other.events[2])
    assert (session.membership, session.caveats) == (Strength.PROVEN, ())


@pytest.mark.parametrize("story", ENDS.values(), ids=ENDS)
def test_what_was_refused_after_the_end_contradicts_nothing(story: Story) -> None:
    other = Story()
    other.events = [*story.events]
    other.events[2] = other.events[2]._replace(succeeded=False)
    session = other.outcome().session(other.events[2])
    assert session.membership is Strength.PROVEN
    assert not any(each.startswith("contradiction") for each in session.caveats)


def test_a_key_that_is_made_active_again_is_good_again_and_was_not_between() -> None:
    story = late_use(KEY_USER, "UpdateAccessKey", active=False)
    resource = [Resource("iam:access-key", lasting("1").native_id)]
    story.does(ADMIN, "UpdateAccessKey", 3 * HOUR, verb=Verb.UPDATE, service="iam", on=resource, active=True)
    after = story.does(KEY_USER, at=5 * HOUR)
    outcome = story.outcome()
    assert outcome.session(story.events[2]).membership is Strength.INFERRED
    assert outcome.session(after).membership is Strength.PROVEN
    assert all(one.revoked_at is None for one in outcome.derived.credentials)


@pytest.mark.parametrize("active", [True, None])
def test_a_switch_that_is_not_known_to_be_off_takes_nothing_away(active: bool | None) -> None:
    story = late_use(KEY_USER, "UpdateAccessKey", active=active)
    assert story.outcome().session(story.events[2]).membership is Strength.PROVEN


def test_what_a_principal_was_given_after_its_end_is_another_key() -> None:
    """A user of the same name that was made anew, a session after the one that was cleared."""
    story = Story()
    story.does(ADMIN, "DeleteUser", verb=Verb.DELETE, service="iam", on=[Resource("iam:user", "ops")])
    story.does(ADMIN, "user.session.clear", verb=Verb.OTHER, service="okta", on=OKTA_USER)
    used = [story.does(KEY_USER, at=HOUR), story.does(ANN, at=HOUR)]
    assert all(story.outcome().session(each).membership is Strength.PROVEN for each in used)


def test_a_user_of_another_account_is_not_the_one_deleted() -> None:
    story = late_use(
        Who(user("ops", "222222222222"), lasting("1"), account="222222222222"),
        "DeleteUser",
        on=[Resource("iam:user", "ops")],
        verb=Verb.DELETE,
    )
    assert story.outcome().session(story.events[2]).membership is Strength.PROVEN


def test_a_service_account_of_another_cluster_is_not_the_one_deleted() -> None:
    by = ADMIN._replace(source="k8s.audit", account="other-cluster")
    story = late_use(POD, "delete serviceaccounts", on=POD_ACCOUNT, by=by, service="kubernetes")
    assert story.outcome().session(story.events[2]).membership is Strength.PROVEN


def test_the_link_to_a_key_used_after_its_end_cites_both() -> None:
    story = Story()
    made = story.does(ADMIN, "CreateAccessKey", -HOUR, service="iam", issues=[lasting("1")])
    story.does(KEY_USER)
    resource = [Resource("iam:access-key", lasting("1").native_id)]
    off = story.does(
        ADMIN, "UpdateAccessKey", HOUR, verb=Verb.UPDATE, service="iam", on=resource, active=False
    )
    late = story.does(KEY_USER, at=HOUR + 10 * MINUTE)
    outcome = story.outcome()
    (link,) = [each for each in outcome.into(late) if each.rule == "aws-key"]
    assert link.contradicted
    assert {made.mark, off.mark, late.mark} <= {each.mark for each in cited(link, outcome)}
    assert "contradiction: used 600 s after it was made inactive" in link.caveats


def test_within_the_time_that_a_removal_takes_nothing_is_contradicted() -> None:
    story = Story()
    story.does(KEY_USER)
    resource = [Resource("iam:access-key", lasting("1").native_id)]
    story.does(ADMIN, "UpdateAccessKey", HOUR, verb=Verb.UPDATE, service="iam", on=resource, active=False)
    late = story.does(KEY_USER, at=HOUR + 5 * MINUTE)
    session = story.outcome().session(late)
    assert session.membership is Strength.PROVEN
    assert session.caveats == (
        "its key was used 300 s after it was made inactive: within the 300 s that this may take",
    )


def test_refused_attempts_do_not_move_the_end() -> None:
    story = Story()
    first = story.does(KEY_USER)
    resource = [Resource("iam:access-key", lasting("1").native_id)]
    story.does(
        ADMIN, "UpdateAccessKey", 20 * MINUTE, verb=Verb.UPDATE, service="iam", on=resource, active=False
    )
    story.does(KEY_USER, at=40 * MINUTE, succeeded=False)
    session = story.outcome().session(first)
    assert (session.end, session.end_basis) == (NOON + 20 * MINUTE, Basis.REVOKED)
