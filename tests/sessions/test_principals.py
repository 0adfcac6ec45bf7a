"""One credential, two principals: told by unique ids alone. Second names, and acts in somebody's name, are none."""

from __future__ import annotations

import pytest

from tests.sessions.world_maker import AWS, MINUTE, Outcome, Story, Who, lasting, temporary, user
from workbench.clock import SECOND
from workbench.model.event import Credential, Identity, Issued
from workbench.model.session import Strength

ONE, OTHER = "6b1f7c0e-1d5a-4a0e-9b7c-2f3c4d5e6f70", "0c9d8e7f-6a5b-4c3d-8e2f-1a0b9c8d7e6f"
ALPHA_ID, BETA_ID = "AROA1K7WQ3ZN5XV2TBJ8G", "AROA3R9YH6FM4CD8LEU5S"
ACCOUNT = "111111111111"
SIGNED_IN_BY = Credential("gcp account of the key", "ci@p1.iam.gserviceaccount.com")
BY_NUMBER = Credential("gcp account of the key", "104000000000000000001")


def at(source: str, identity: Identity, key: Credential, *keys: Credential) -> Who:
    return Who(identity, key, keys, source=source, account=None)


def okta(unique: str, name: str) -> Who:
    return at("okta.system", Identity(unique, name, unique, None), Credential("okta session", "102AAA"))


def github(name: str, number: str | None) -> Who:
    return at("github.audit", Identity(name, name, number, None), Credential("github token", "h4sh3d1+="))


def vault(entity: str, name: str) -> Who:
    return at(
        "vault.audit", Identity(entity, name, None, None), Credential("vault accessor", "hmac-sha256:1")
    )


def google(account: str, *keys: Credential) -> Who:
    name = f"{account}@p1.iam.gserviceaccount.com"
    return at(
        "gcp.audit", Identity(name, name, None, None), Credential("gcp service account key", "69ab"), *keys
    )


def pod(name: str, uid: str | None) -> Who:
    name = f"system:serviceaccount:pay:{name}"
    return at("k8s.audit", Identity(name, name, uid, None), Credential("kubernetes credential", "JTI=a1"))


def entra(unique: str, name: str, tenant: str | None = None, kind: str = "entra session") -> Who:
    return at("entra.signin", Identity(unique, name, unique, tenant), Credential(kind, "s1d-1"))


def role(name: str, unique: str | None) -> Who:
    identity = Identity(f"arn:aws:iam::{ACCOUNT}:role/{name}", f"{name}/s", unique, ACCOUNT)
    return Who(identity, temporary("1"))


def cluster(name: str, unique: str | None, account: str = ACCOUNT) -> Who:
    """What a cluster of EKS writes of who presents a key of AWS: whatever the cluster calls him."""
    uid = None if unique is None else f"aws-iam-authenticator:{account}:{unique}"
    arn = Credential("aws principal", f"arn:aws:sts::{account}:assumed-role/{name}/s")
    return at("k8s.audit", Identity("kubernetes-admin", "kubernetes-admin", uid, None), temporary("1"), arn)


@pytest.mark.parametrize(
    ("one", "other", "named"),
    [
        (okta("00uA", "jdoe"), okta("00uB", "eve"), ("jdoe (00uA)", "eve (00uB)")),
        (github("dev-a", "501"), github("dev-c", "503"), ("dev-a (501)", "dev-c (503)")),
        (vault("ent1", "approle"), vault("ent2", "mallory"), ("approle (ent1)", "mallory (ent2)")),
        (google("ci"), google("other"), ("ci@p1.iam", "other@p1.iam")),
        (pod("runner", ONE), pod("runner", OTHER), (ONE, OTHER)),
        (entra(ONE, "ann"), entra(OTHER, "bob"), (f"ann ({ONE})", f"bob ({OTHER})")),
        (entra(ONE, "ann", "t1"), entra(OTHER, "bob", "t1"), ("ann", "bob")),
        (entra(ONE, "a", kind="entra token"), entra(OTHER, "b", kind="entra token"), (ONE, OTHER)),
        (role("ci", ALPHA_ID), cluster("ADMIN", BETA_ID), ("ci/s", "ADMIN/s")),
        (role("ci", ALPHA_ID), cluster("ADMIN", None), ("ci/s", "ADMIN/s")),
        (role("ci", ALPHA_ID), cluster("ci", BETA_ID), (ALPHA_ID, BETA_ID)),
        (role("ci", None), cluster("ci", None, "222222222222"), (ACCOUNT, "222222222222")),
    ],
)
@pytest.mark.parametrize("same_client", [True, False])
def test_a_credential_that_two_principals_present_proves_no_session(
    one: Who, other: Who, named: tuple[str, str], same_client: bool
) -> None:
    """Also where a key that is kept for long is parted by client, so that each of its sessions names one of them."""
    story = Story()
    first = story.does(one)
    second = story.does(other if same_client else other.at("203.0.113.9", "curl"), at=MINUTE)
    outcome = story.outcome()
    for done in (first, second):
        session = outcome.session(done)
        assert session.membership is Strength.INFERRED
        (said,) = [each for each in session.caveats if each.startswith("contradiction: one key")]
        assert all(name in said for name in named)
    assert said in outcome.session(first).caveats


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (okta("00uA", "jdoe"), okta("00uA", "jdoe@new.example")),
        (okta("00uA", "jdoe"), okta("system@okta.com", "Okta System")),
        (github("dev-a", "501"), github("dev-renamed", "501")),
        (github("dev-a", "501"), github("dev-c", None)),
        (github("dev-a", "501"), github("github-actions[bot]", "41898282")),
        (vault("ent1", "approle"), vault("ent1", "token")),
        (vault("ent1", "approle"), vault("approle", "approle")),
        (google("ci"), google("prod-deployer", SIGNED_IN_BY)),
        (google("ci"), google("prod-deployer", BY_NUMBER)),
        (pod("runner", ONE), pod("runner", None)),
        (entra(ONE, "ann"), entra(ONE.upper(), "ann@new.example")),
        (entra(ONE, "ann"), entra("ann@example.com", "ann@example.com")),
        (entra(ONE, "ann", "t1"), entra(OTHER, "ann", "t2")),
        (role("ci", ALPHA_ID), cluster("ci", ALPHA_ID)),
        (role("ci", ALPHA_ID), cluster("ci", None)),
        (role("ci", None), cluster("ci", BETA_ID)),
    ],
)
def test_second_names_of_one_principal_and_acts_in_his_name_contradict_nothing(one: Who, other: Who) -> None:
    story = Story()
    done = story.does(one)
    story.does(other, at=MINUTE)
    session = story.outcome().session(done)
    assert session.membership is Strength.PROVEN
    assert not session.caveats


def test_whoever_runs_a_workflow_again_acts_in_the_same_run() -> None:
    story = Story()
    run = Credential("github workflow run", "555")
    first, second = (
        at("github.audit", Identity(name, name, number, None), run)._replace(account="acme")
        for name, number in (("dev-a", "501"), ("dev-b", "502"))
    )
    done = story.does(first)
    story.does(second, at=MINUTE)
    assert story.outcome().session(done).membership is Strength.PROVEN


def test_a_host_session_goes_on_when_its_user_becomes_root() -> None:
    story = Story()
    session = Credential("linux session", "host 7")
    done = story.does(at("linux.auditd", Identity("ann", "ann", "1000", None), session))
    story.does(at("linux.auditd", Identity("root", "root", "0", None), session), at=MINUTE)
    assert not any("contradiction" in each for each in story.outcome().session(done).caveats)


def test_a_chain_is_no_better_than_a_credential_that_two_present() -> None:
    story = Story()
    story.does(
        Who(user("ops"), lasting("OPS")),
        "AssumeRole",
        issues=[Issued(temporary("1"), f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/s")],
        service="sts",
    )
    used = story.does(role("ci", ALPHA_ID), at=SECOND)
    story.does(cluster("ADMIN", BETA_ID), at=MINUTE)
    outcome: Outcome = story.outcome()
    (link,) = [each for each in outcome.into(used) if each.rule == "aws-key"]
    assert (link.strength, link.contradicted) == (Strength.INFERRED, True)
    assert outcome.session(used).chain is not Strength.PROVEN
    assert {trail.source for trail in outcome.facts.trails} == {AWS, "k8s.audit"}
