"""Random stories out of few names that are nearly equal: what an opponent would write if he could choose every id."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.sessions.world_maker import (
    AWS,
    HOUR,
    HUMAN,
    MACHINE,
    MINUTE,
    NOON,
    SERVICE,
    UNDECIDED,
    Story,
    Who,
)
from workbench.clock import SECOND
from workbench.model.event import (
    Address,
    AddressKind,
    Credential,
    Identity,
    Issued,
    Resource,
    UserAgent,
    Verb,
)

IDS = ("ASIA5HQ3TESTA1", "ASIA5HQ3TESTA10", "asia5hq3testa1", "ASIA5HQ3TESTA1 ", "ASIA5HQ3TESTА1", "7001")
"""Cut short, in other case, with a blank, with a Cyrillic letter, a bare number: each names another credential."""

KINDS = (
    "aws temporary key",
    "aws access key",
    "okta session",
    "okta api token",
    "entra token",
    "kubernetes credential",
    "github token",
    "github token id",
    "vault accessor",
    "ssh key",
    "jwt subject",
    "oauth client",
)
"""Of every class; the last two make no session whatever they are equal to."""

SIGN_INS = (
    "arn:aws:iam::111111111111:user/ops 2023-11-14T22:13:20Z",
    "arn:aws:iam::222222222222:user/ops 2023-11-14T22:13:20Z",
    "arn:aws:iam::111111111111:user/ops 2023-11-14T22:13:21Z",
)

IDENTITIES = (
    None,
    Identity("arn:aws:iam::111111111111:user/ops", "ops", "AIDAOPS1K7WQ3ZN5XV2TB", "111111111111"),
    Identity("arn:aws:iam::111111111111:user/ops", "ops", "AIDAOPS3R9YH6FM4CD8LE", "111111111111"),
    Identity("arn:aws:iam::222222222222:user/ops", "ops", "AIDAOPS2J8GT4SP6UA3QC", "222222222222"),
    Identity("arn:aws:iam::111111111111:user/Ops", "Ops", None, "111111111111"),
    Identity("system:serviceaccount:pay:ops", "ops", None, None),
)

TIMES = (
    None,
    0,
    SECOND,
    2 * SECOND,
    3 * SECOND,
    MINUTE,
    6 * MINUTE,
    50 * MINUTE,
    HOUR,
    2 * HOUR + SECOND,
    30 * HOUR,
)

keys = st.one_of(
    st.builds(Credential, st.sampled_from(KINDS), st.sampled_from(IDS)),
    st.builds(Credential, st.just("aws sign-in session"), st.sampled_from(SIGN_INS)),
    st.builds(
        Credential,
        st.just("jwt subject"),
        st.sampled_from(["repo:acme/deploy:ref:refs/heads/main", "system:serviceaccount:pay:ops"]),
    ),
)

_ADDRESSES = (
    None,
    Address("203.0.113.5", AddressKind.IP, "203.0.113.5"),
    Address("203.0.113.50", AddressKind.IP, "203.0.113.50"),
)

_AGENTS = (None, UserAgent("aws-cli/2", "aws-cli"), UserAgent("python-requests/2", None))

_SERVICE = Address("secretsmanager.amazonaws.com", AddressKind.SERVICE)

_RESOURCES = (
    Resource("secretsmanager:secret", "prod/db"),
    Resource("ec2:instance", "i-0abc"),
    Resource("github:repository", "acme/deploy"),
    Resource("iam:access-key", IDS[0]),
    Resource("iam:user", "ops"),
)

_ACTS = (
    ("DescribeInstances", Verb.READ),
    ("GetSecretValue", Verb.READ_SECRET),
    ("AssumeRole", Verb.ISSUE_CREDENTIAL),
    ("ConsoleLogin", Verb.AUTHENTICATE),
    ("user.session.start", Verb.AUTHENTICATE),
    ("user.session.end", Verb.OTHER),
    ("user.authentication.sso", Verb.AUTHENTICATE),
    ("AssumeRoleWithSAML", Verb.ISSUE_CREDENTIAL),
    ("workflows.created_workflow_run", Verb.CREATE),
    ("SendCommand", Verb.EXECUTE),
    ("GenerateAccessToken", Verb.ISSUE_CREDENTIAL),
    ("DeleteAccessKey", Verb.DELETE),
    ("UpdateAccessKey", Verb.UPDATE),
    ("DeleteUser", Verb.DELETE),
)
_HANDS_OUT = (Verb.ISSUE_CREDENTIAL, Verb.AUTHENTICATE, Verb.CREATE)

_pools = st.lists(keys, min_size=1, max_size=4, unique=True)


@st.composite
def _cast(draw: st.DrawFn, pool: list[Credential]) -> Who:
    one_of = st.sampled_from(pool)
    if draw(st.integers(0, 4)) == 0:
        return Who(
            draw(st.sampled_from(IDENTITIES[1:])), draw(one_of), address=_SERVICE, agent=None, kind=SERVICE
        )
    return Who(
        identity=draw(st.sampled_from(IDENTITIES)),
        key=draw(st.none() | one_of),
        keys=tuple(draw(st.lists(one_of, max_size=1))),
        source=draw(st.sampled_from([AWS, AWS, "okta.system", "k8s.audit"])),
        address=draw(st.sampled_from(_ADDRESSES)),
        agent=draw(st.sampled_from(_AGENTS)),
        kind=draw(st.sampled_from([UNDECIDED, HUMAN, MACHINE])),
        account=draw(st.sampled_from([None, "111111111111", "222222222222"])),
    )


@st.composite
def stories(draw: st.DrawFn, most: int = 10) -> Story:
    """Draw a story in which anybody may present, hand out and take back anything at any time."""
    story = Story()
    pool = draw(_pools)
    cast = draw(st.lists(_cast(pool), min_size=1, max_size=5))
    for _ in range(draw(st.integers(1, most))):
        who = draw(st.sampled_from(cast))
        action, verb = draw(st.sampled_from(_ACTS))
        issues = []
        if verb in _HANDS_OUT:
            for key in draw(st.lists(st.sampled_from(pool), max_size=2, unique=True)):
                if key.type == "aws sign-in session":
                    continue  # no record hands one out
                to = draw(st.sampled_from([None, IDENTITIES[1].canonical]))
                issues.append(Issued(key, to, draw(st.sampled_from([None, NOON + HOUR]))))
        story.does(
            who,
            action,
            draw(st.sampled_from(TIMES)),
            verb=verb,
            service="iam" if action in ("UpdateAccessKey", "DeleteUser") else "ec2",
            active=draw(st.sampled_from([True, False, None])) if action == "UpdateAccessKey" else None,
            issues=issues,
            on=draw(st.sampled_from([(), *((one,) for one in _RESOURCES)])),
            succeeded=draw(st.sampled_from([True, True, None, False])),
            shared=draw(st.sampled_from([None, None, "shared-1", "shared-2"])) if who.source == AWS else None,
        )
    return story
