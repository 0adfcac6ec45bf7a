"""A key that one record hands out is the one that others present: when that proves, and when it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sessions.world_maker import (
    AWS,
    HOUR,
    MINUTE,
    NOON,
    Outcome,
    Story,
    Who,
    cited,
    lasting,
    temporary,
    user,
)
from workbench.clock import SECOND
from workbench.model.event import Credential, Identity, Issued, Verb
from workbench.model.session import Basis, EndKind, Link, Relation, Strength
from workbench.sessions.keys import METHODS
from workbench.sessions.rules.issued_keys import CLOCK_SLACK, SAME_CLOCK_SLACK

OPS = Who(user("ops"), lasting("OPS"))
ROLE = Who(Identity("arn:aws:iam::222222222222:role/deploy", "deploy/ci"))


def into(outcome: Outcome, rule: str = "aws-key") -> Link:
    (link,) = [
        each
        for each in outcome.by_rule(rule)
        if each.relation is Relation.ISSUED and each.target.kind is EndKind.SESSION
    ]
    return link


@given(
    st.integers(-HOUR, HOUR),
    st.none() | st.integers(0, 2 * HOUR),
    st.integers(0, 2 * HOUR),
    st.sampled_from([AWS, "k8s.audit"]),
)
def test_use_outside_of_issue_and_expiry_is_listed_and_proves_nothing(
    first: int, life: int | None, lasts: int, source: str
) -> None:
    story = Story()
    expires = None if life is None else NOON + life
    act = story.issues(OPS, temporary("1"), 0, expires)
    who = ROLE.with_key(temporary("1"))._replace(source=source)
    story.does(who, at=first)
    story.does(who, at=first + lasts)
    outcome = story.outcome()
    link = into(outcome)
    slack = SAME_CLOCK_SLACK if source == AWS else CLOCK_SLACK
    early = first < -slack
    late = life is not None and first + lasts > life + slack
    assert link.contradicted is (early or late)
    assert link.strength is (Strength.INFERRED if early or late else Strength.PROVEN)
    assert sum(each.startswith("contradiction: ") for each in link.caveats) == early + late
    assert outcome.row[act.mark] in link.evidence
    assert link.delta == first


@pytest.mark.parametrize(
    "kind",
    sorted(
        kind for kind, method in METHODS.items() if method.key_class > 0 and kind != "aws sign-in session"
    ),
)
@given(st.sampled_from(["x1", "X1", "x1 ", "x10", "1x", "х1"]))
def test_only_the_same_kind_and_the_same_letters_join(kind: str, presented: str) -> None:
    story = Story()
    act = story.issues(OPS, Credential(kind, "x1"))
    used = story.does(ROLE.with_key(Credential(kind, presented))._replace(account="111111111111"), at=SECOND)
    other = "aws credential" if kind != "aws credential" else "gitlab token"
    story.does(ROLE.with_key(Credential(other, "x1")), at=2 * SECOND)
    outcome = story.outcome()
    joined = [
        link for link in outcome.links if link.source.id == act.mark and link.target.kind is EndKind.SESSION
    ]
    assert [link.target.id for link in joined] == ([outcome.session(used).id] if presented == "x1" else [])


def test_every_long_lived_session_of_a_key_hangs_on_its_creation() -> None:
    story = Story()
    story.does(OPS, "CreateAccessKey", issues=[lasting("1")])
    uses = [
        story.does(ROLE.with_key(lasting("1")).at(f"203.0.113.{n}"), at=n * 3 * HOUR) for n in range(1, 4)
    ]
    outcome = story.outcome()
    for used in uses:
        session = outcome.session(used)
        assert (session.strength, session.start_basis) == (Strength.PROVEN, Basis.FIRST_USE)
        assert session.parent == outcome.session(story.events[0]).id


def test_copies_of_one_act_in_two_accounts_are_no_rivals_and_the_one_with_the_key_leads_back() -> None:
    story = Story()
    caller = story.issues(OPS, temporary("1"), shared="s1")
    copy = story.issues(
        Who(Identity("111111111111", "111111111111"), account="222222222222"), temporary("1"), shared="s1"
    )
    story.does(ROLE.with_key(temporary("1")), at=SECOND)
    outcome = story.outcome()
    link = into(outcome)
    assert (link.strength, link.rival_count, link.source.id) == (Strength.PROVEN, 0, caller.mark)
    assert copy in cited(link, outcome)


BOB = Who(user("bob"), lasting("BOB"))


@pytest.mark.parametrize(
    ("who", "apart", "source", "asked", "acts"),
    [
        (OPS, 0, AWS, "r1", 1),
        (OPS, SECOND, AWS, "r1", 1),
        (OPS, MINUTE, "siem.export", "r1", 1),
        (OPS._replace(key=None), 0, AWS, "r1", 1),
        (OPS, 0, AWS, "r2", 2),
        (OPS, 0, AWS, None, 2),
        (OPS, MINUTE, AWS, "r1", 2),
        (OPS, HOUR, "siem.export", "r1", 2),
        (BOB, 0, AWS, "r1", 2),
        (BOB, 0, AWS, "r2", 2),
        (BOB, SECOND, AWS, None, 2),
        (BOB, MINUTE, "siem.export", None, 2),
        (BOB, 5 * HOUR, AWS, None, 2),
    ],
)
@pytest.mark.parametrize("key", [temporary("1"), lasting("1")])
def test_two_acts_that_hand_out_one_key_are_rivals_and_only_an_id_makes_them_one(
    who: Who, apart: int, source: str, asked: str | None, acts: int, key: Credential
) -> None:
    """That they fall into one second shows nothing: an id that is made once and was handed out twice marks neither act."""
    story = Story()
    story.issues(OPS, key, request="r1")
    story.issues(who._replace(source=source), key, apart, request=asked)
    used = story.does(ROLE.with_key(key), at=2 * HOUR)
    outcome = story.outcome()
    link = into(outcome)
    assert link.rival_count == acts - 1
    assert link.strength is (Strength.INFERRED if acts > 1 else Strength.PROVEN)
    session = outcome.session(used)
    assert (session.parent is None) is (acts > 1)
    assert session.strength is link.strength
    (known,) = [each for each in outcome.derived.credentials if each.native_id == key.native_id]
    assert any("handed out by 2 acts" in each for each in known.warnings) is (acts > 1)


def test_a_key_that_two_acts_handed_out_and_nobody_used_is_of_neither() -> None:
    story = Story()
    story.issues(OPS, temporary("1"))
    other = story.issues(BOB, temporary("1"))
    (link,) = story.outcome().by_rule("aws-key")
    assert (link.strength, link.rival_count) == (Strength.INFERRED, 1)
    assert other in cited(link, story.outcome())


def test_public_keys_put_on_several_hosts_are_acts_of_their_own() -> None:
    story = Story()
    key = Credential("ssh key", "SHA256:abcdef")
    for _ in range(3):
        story.does(OPS, "SendSSHPublicKey", issues=[key])
    (link,) = [each for each in story.outcome().links if each.rule == "ssh-key"]
    assert link.rival_count == 0


@pytest.mark.parametrize("differ", ["principal", "credential issued"])
def test_a_record_that_stands_in_two_versions_proves_nothing(differ: str) -> None:
    """The same id and other content: either may be what the source wrote."""
    story = Story()
    one = story.issues(OPS, temporary("1"))
    other = story.issues(BOB, temporary("1" if differ == "principal" else "2"))
    story.one_id(one, other, differ=(differ,))
    used = story.does(ROLE.with_key(temporary("1")), at=MINUTE)
    outcome = story.outcome()
    link = into(outcome)
    assert (link.strength, link.contradicted) == (Strength.INFERRED, True)
    assert any(differ in each and "2 versions" in each for each in link.caveats)
    assert {one, other} <= set(cited(link, outcome))
    assert outcome.session(used).strength is Strength.INFERRED


def test_a_use_that_stands_in_two_versions_proves_nothing_of_its_session() -> None:
    story = Story()
    story.issues(OPS, temporary("1"))
    one = story.does(ROLE.with_key(temporary("1")), at=MINUTE)
    other = story.does(ROLE.with_key(temporary("2")), at=MINUTE)
    story.one_id(one, other, differ=("credential",))
    outcome = story.outcome()
    session = outcome.session(one)
    assert session.membership is session.strength is Strength.INFERRED
    assert any("another version of the same id" in each for each in session.caveats)
    assert into(outcome).contradicted


def test_versions_of_a_later_use_are_named_in_its_session() -> None:
    story = Story()
    story.issues(OPS, temporary("1"))
    story.does(ROLE.with_key(temporary("1")), at=SECOND)
    one = story.does(ROLE.with_key(temporary("1")), at=MINUTE)
    other = story.does(ROLE.with_key(temporary("2")), at=MINUTE)
    story.one_id(one, other, differ=("credential",))
    outcome = story.outcome()
    session = outcome.session(one)
    assert session.membership is session.strength is Strength.PROVEN
    assert any("1 of its records" in each for each in session.caveats)


def test_a_reader_that_no_sample_checked_proves_nothing() -> None:
    story = Story()
    story.issues(OPS, temporary("1"))
    story.does(ROLE.with_key(temporary("1"))._replace(source="vault.audit"), at=SECOND)
    story.unverified.add("vault.audit")
    assert into(story.outcome()).strength is Strength.INFERRED


def test_what_was_issued_and_not_used_is_told() -> None:
    story = Story()
    act = story.issues(OPS, temporary("1"))
    (link,) = [each for each in story.outcome().links if each.target.kind is EndKind.CREDENTIAL]
    assert link.source.id == act.mark
    assert link.caveats == ("no use of it was seen in the evidence",)
    story.unverified.add("aws.cloudtrail")
    (link,) = [each for each in story.outcome().links if each.target.kind is EndKind.CREDENTIAL]
    assert link.strength is Strength.INFERRED
    assert link.caveats[1] == "read by a reader that no sample of its log has checked"


def test_a_login_that_names_its_session_opens_it() -> None:
    story = Story()
    okta = Credential("okta session", "102a")
    start = story.does(
        Who(Identity("00u1", "ann"), okta, source="okta.system"),
        "user.session.start",
        verb=Verb.AUTHENTICATE,
        issues=[okta],
    )
    outcome = story.outcome()
    session = outcome.session(start)
    assert (session.start_basis, session.strength, session.chain) == (
        Basis.SIGNED_IN,
        Strength.PROVEN,
        Strength.PROVEN,
    )
    assert session.opened_by == outcome.row[start.mark]
    assert outcome.links == []


def test_a_login_hours_after_the_first_use_of_its_session_is_not_proven_to_open_it() -> None:
    story = Story()
    okta = Credential("okta session", "102a")
    ann = Who(Identity("00u1", "ann"), okta, source="okta.system")
    story.does(ann, "user.mfa.okta_verify", verb=Verb.AUTHENTICATE)
    start = story.does(ann, "user.session.start", HOUR, verb=Verb.AUTHENTICATE, issues=[okta])
    session = story.outcome().session(start)
    assert (session.strength, session.chain) == (Strength.INFERRED, Strength.INFERRED)
    assert "it was in use 3,600 s before the event that is taken to have opened it" in session.caveats
    story.unverified.add("okta.system")
    assert len(story.outcome().session(start).caveats) == 2


# Ids that are not the mark of one thing --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["github token id", "gitlab token", "github workflow run"])
@pytest.mark.parametrize(
    ("account", "who", "proven"),
    [("acme", "dev", True), ("umbrella", "ann", True), ("umbrella", "dev", False)],
)
def test_numbers_join_two_records_only_where_server_or_holder_agree(
    kind: str, account: str, who: str, proven: bool
) -> None:
    story = Story()
    key = Credential(kind, "7001")
    story.does(
        Who(Identity("ann", "ann"), source="github.audit", account="acme"),
        "create",
        verb=Verb.CREATE,
        issues=[key],
    )
    story.does(Who(Identity(who, who), key, source="github.audit", account=account), at=SECOND)
    (link,) = [
        each for each in story.outcome().links if each.target.kind is EndKind.SESSION and each.source.event
    ]
    assert (link.strength is Strength.PROVEN) is proven
    assert any("counts these ids anew" in each for each in link.caveats) is not proven


def test_a_public_key_that_somebody_pushes_is_not_proven_to_be_the_one_that_let_him_in() -> None:
    """Public keys are public: anybody can push the key of anybody else, who then logs in elsewhere."""
    story = Story()
    key = Credential("ssh key", "SHA256:xq6092IJhV")
    story.does(OPS, "SendSSHPublicKey", issues=[key], service="ec2-instance-connect")
    login = story.does(Who(Identity("root@web1", "root"), key, source="linux.sshd"), at=20 * SECOND)
    outcome = story.outcome()
    assert into(outcome, "ssh-key").strength is Strength.INFERRED
    assert outcome.session(login).strength is Strength.INFERRED


def test_of_several_pushes_of_a_public_key_the_latest_that_still_held_is_cited() -> None:
    story = Story()
    key = Credential("ssh key", "SHA256:xq6092IJhV")
    pushes = [story.does(OPS, "SendSSHPublicKey", at=hour * HOUR, issues=[key]) for hour in (0, 3, 6)]
    logins = [
        story.does(Who(Identity("root@web1", "root"), key, source="linux.sshd"), at=hour * HOUR + 20 * SECOND)
        for hour in (0, 3, 6)
    ]
    outcome = story.outcome()
    for push, login in zip(pushes, logins, strict=True):
        (link,) = [each for each in outcome.into(login) if each.rule == "ssh-key"]
        assert (link.source.id, link.rival_count, link.contradicted) == (push.mark, 0, False)


@pytest.mark.parametrize(
    ("kind", "made_for", "proven"),
    [
        ("kubernetes credential", "system:serviceaccount:pay:runner", True),
        ("kubernetes credential", "system:serviceaccount:pay:other", False),
        ("entra application key", "sp-1", False),
        ("vault accessor", "somebody-else", True),
    ],
)
def test_a_key_made_for_one_and_presented_by_another_is_doubted_where_both_are_named_alike(
    kind: str, made_for: str, proven: bool
) -> None:
    """Whoever adds a key to an Entra application chooses its id, that of another's key if he likes."""
    story = Story()
    key = Credential(kind, "0a7b")
    story.does(OPS, "issue", issues=[Issued(key, made_for)])
    story.does(Who(Identity("system:serviceaccount:pay:runner", "runner"), key), at=SECOND)
    link = into(story.outcome(), METHODS[kind].rule)
    assert (link.strength is Strength.PROVEN) is proven


@pytest.mark.parametrize(
    ("second", "asked", "proven"),
    [("adm", "c1", True), ("adm", "c2", False), ("adm", None, False), ("eve", "c1", False)],
)
def test_two_who_add_a_key_of_one_id_in_one_second_are_two_acts(
    second: str, asked: str | None, proven: bool
) -> None:
    """Whoever adds a key chooses its id: the log's two rows are of one act only if one and the same asked, once."""
    story = Story()
    key = Credential("entra application key", "k1")
    for at, (name, request) in enumerate((("adm", "c1"), (second, asked))):
        who = Who(Identity(name, name), source="entra.audit")
        added = [Issued(key, "sp-1")]
        story.does(who, "Add service principal credentials", at * SECOND, issues=added, request=request)
    story.does(Who(Identity("sp-1", "sp-1"), key, source="entra.signin"), at=MINUTE)
    link = into(story.outcome(), "entra-app-key")
    assert (link.strength is Strength.PROVEN) is proven
    assert link.rival_count == (0 if proven else 1)


def test_a_login_number_that_the_kernel_gave_again_after_a_restart() -> None:
    story = Story()
    key = Credential("linux session", "web1/auid=1000/ses=3")
    host = Who(Identity("ann@web1", "ann"), key, source="linux.auditd", account="web1")
    for at in (0, 48 * HOUR):
        login = story.does(host, "LOGIN", at=at, verb=Verb.AUTHENTICATE, issues=[key])
    session = story.outcome().session(login)
    assert session.membership is Strength.INFERRED
    assert session.strength is Strength.INFERRED
    assert "this number was given 2 times: it may be several sessions" in session.caveats


def test_two_keys_between_two_sessions_say_what_is_against_either() -> None:
    """One console session used two keys of one act; one of them after it had expired."""
    story = Story()
    sign_in = Credential("okta session", "102")
    story.does(
        OPS,
        "AssumeRole",
        issues=[Issued(temporary("1"), None, NOON + HOUR), Issued(temporary("2"), None, NOON + 9 * HOUR)],
    )
    for key, at in (("1", 2 * HOUR), ("2", 3 * HOUR)):
        story.does(ROLE.with_key(temporary(key), sign_in), at=at)
    link = into(story.outcome())
    assert len(link.fields) == 2
    assert link.contradicted
    assert link.strength is Strength.INFERRED
    assert any("after it expired" in each for each in link.caveats)


@given(st.integers(-HOUR, HOUR))
def test_a_session_starts_with_what_came_first_and_says_which_of_the_two_it_was(first: int) -> None:
    story = Story()
    story.issues(OPS, temporary("1"))
    used = story.does(ROLE.with_key(temporary("1")), at=first)
    session = story.outcome().session(used)
    assert session.start == NOON + min(first, 0)
    assert session.start_basis is (Basis.FIRST_USE if first < 0 else Basis.ISSUED)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (-SECOND, HOUR, "used 1 s before it was issued: within the 2 s that clocks may differ by"),
        (0, HOUR + 2 * SECOND, "used 2 s after it expired: within the 2 s that clocks may differ by"),
    ],
)
def test_what_only_the_slack_of_clocks_excuses_is_said(first: int, last: int, words: str) -> None:
    story = Story()
    story.issues(OPS, temporary("1"), 0, NOON + HOUR)
    for at in (first, last):
        story.does(ROLE.with_key(temporary("1")), at=at)
    link = into(story.outcome())
    assert (link.strength, link.contradicted, link.caveats) == (Strength.PROVEN, False, (words,))


@pytest.mark.parametrize(
    "off", [-18 * MINUTE, -3 * SECOND, -2 * SECOND, 0, 2 * SECOND, 3 * SECOND, 18 * MINUTE]
)
def test_a_key_that_says_it_was_made_at_another_time_contradicts_its_issue(off: int) -> None:
    story = Story()
    story.issues(OPS, temporary("1"))
    who = ROLE.with_key(temporary("1"))
    used = story.does(who, at=20 * MINUTE)
    story.events[-1] = used._replace(made=NOON + off)
    link = into(story.outcome())
    against = abs(off) > SAME_CLOCK_SLACK
    assert link.contradicted is against
    assert link.strength is (Strength.INFERRED if against else Strength.PROVEN)
    assert any("its records say that it was made" in each for each in link.caveats) is against
