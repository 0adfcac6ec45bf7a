from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.aws_cloudtrail.records import ROLE, USER
from workbench.model.event import Identity, IdentityKind
from workbench.sources.aws_cloudtrail import warnings
from workbench.sources.aws_cloudtrail.identity import who


def read(element: dict[str, Any], *, from_console: bool = False, signed_in: bool = False) -> Any:
    return who(element, from_console=from_console, signed_in=signed_in)


def role(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(ROLE) | changes


def context(**changes: Any) -> dict[str, Any]:
    result = copy.deepcopy(ROLE)
    result["sessionContext"] |= changes
    return result


PRINCIPALS = [
    (USER, Identity(USER["arn"], "alice", USER["principalId"], "111122223333")),  # type: ignore[arg-type]
    (
        ROLE,
        Identity(
            "arn:aws:iam::111122223333:role/ci/Deploy",
            "Deploy/deploy-42",
            "AROAEXAMPLEEXAMPLE001",
            "111122223333",
        ),
    ),
    (
        {"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/Deploy/run"},
        Identity("arn:aws:sts::111122223333:assumed-role/Deploy", "Deploy/run", None, None),
    ),
    (
        {"type": "AssumedRole", "principalId": "AROAX:run", "accountId": "1"},
        Identity("AROAX", "AROAX/run", "AROAX", "1"),
    ),
    ({"type": "AssumedRole"}, None),
    (
        {"type": "Root", "principalId": "1", "arn": "arn:aws:iam::1:root", "accountId": "1"},
        Identity("arn:aws:iam::1:root", "root", "1", "1"),
    ),
    ({"type": "Root", "userName": "root"}, Identity("root", "root", None, None)),
    (
        {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"},
        Identity("ec2.amazonaws.com", "ec2.amazonaws.com", None, None),
    ),
    (
        {"accountId": "1", "invokedBy": "ec2.amazonaws.com"},
        Identity("ec2.amazonaws.com", "ec2.amazonaws.com", None, None),
    ),
    (
        {
            "type": "FederatedUser",
            "principalId": "1:bob",
            "arn": "arn:aws:sts::1:federated-user/bob",
            "accountId": "1",
        },
        Identity("arn:aws:sts::1:federated-user/bob", "bob", "1:bob", "1"),
    ),
    (
        {
            "type": "WebIdentityUser",
            "principalId": "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com:sts:repo:o/r",
            "userName": "repo:o/r:ref:refs/heads/main",
            "identityProvider": "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com",
        },
        Identity(
            "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com:sts:repo:o/r",
            "repo:o/r:ref:refs/heads/main",
            "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com:sts:repo:o/r",
            None,
        ),
    ),
    (
        {"type": "SAMLUser", "principalId": "Qm9i:bob@example.com", "userName": "bob@example.com"},
        Identity("Qm9i:bob@example.com", "bob@example.com", "Qm9i:bob@example.com", None),
    ),
    (
        {
            "type": "IdentityCenterUser",
            "accountId": "1",
            "onBehalfOf": {
                "userId": "5448-94e8",
                "identityStoreArn": "arn:aws:identitystore::1:identitystore/d-1",
            },
            "credentialId": "90e2-92de",
        },
        Identity("5448-94e8", "5448-94e8", "5448-94e8", "1"),
    ),
    ({"type": "AWSAccount", "accountId": "2"}, Identity("2", "2", None, "2")),
    (
        {"type": "AWSAccount", "accountId": "2", "principalId": "AROAX:run"},
        Identity("AROAX", "AROAX/run", "AROAX", "2"),
    ),
    (
        {"type": "Unknown", "principalId": "94-1", "accountId": "1", "userName": "carol"},
        Identity("94-1", "carol", "94-1", "1"),
    ),
    ({"type": "Directory", "userName": "dora"}, Identity("dora", "dora", None, None)),
    ({"accountId": "1"}, None),
    ({}, None),
]


@pytest.mark.parametrize(("element", "identity"), PRINCIPALS)
def test_each_type_names_its_principal(element: dict[str, Any], identity: Identity | None) -> None:
    result = read(element)
    assert result.identity == identity
    lowered = {key.lower(): value for key, value in element.items()}
    assert read(lowered).identity == identity


def test_sessions_of_one_role_share_its_canonical_name() -> None:
    other = read(
        role(principalId="AROAEXAMPLEEXAMPLE001:x", arn="arn:aws:sts::111122223333:assumed-role/Deploy/x")
    )
    assert other.identity.canonical == read(ROLE).identity.canonical
    assert other.identity.native_id == read(ROLE).identity.native_id
    assert other.identity != read(ROLE).identity


KINDS = [
    ({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}, "service", "userIdentity.type AWSService"),
    (USER | {"invokedBy": "secretsmanager.amazonaws.com"}, "service", "invokedBy"),
    (role(invokedBy="AWS Internal"), "service", "invokedBy"),
    ({"type": "SAMLUser", "userName": "bob"}, "human", "SAMLUser"),
    ({"type": "IdentityCenterUser", "onBehalfOf": {"userId": "u"}}, "human", "IdentityCenterUser"),
    (context(attributes={"mfaAuthenticated": "true"}), "human", "mfaAuthenticated"),
    (context(attributes={"mfaAuthenticated": "TRUE"}), "human", "mfaAuthenticated"),
    (context(attributes={"mfaAuthenticated": True}), "human", "mfaAuthenticated"),
    (context(attributes={"mfaAuthenticated": "false"}), "undecided", "no field"),
    (
        context(sessionIssuer={"arn": "arn:aws:iam::1:role/aws-reserved/sso.amazonaws.com/eu/AWSReservedSSO_A_1"}),
        "human",
        "aws-reserved",
    ),
    # The name alone shows nothing: only the path is reserved.
    (role(arn="arn:aws:sts::1:assumed-role/AWSReservedSSO_Admin/bob"), "undecided", "no field"),
    (role(inScopeOf={"issuerType": "AWS::Lambda::Function"}), "nonhuman", "inScopeOf"),
    (context(ec2RoleDelivery="2.0"), "nonhuman", "ec2RoleDelivery"),
    (role(arn="arn:aws:sts::1:assumed-role/web/i-0dbc91f429e48eeed"), "nonhuman", "session name"),
    (role(arn="arn:aws:sts::1:assumed-role/web/i-am-a-person"), "undecided", "no field"),
    (
        context(sessionIssuer={"arn": "arn:aws:iam::1:role/aws-service-role/x.amazonaws.com/R"}),
        "nonhuman",
        "aws-service-role",
    ),
    (
        {"type": "WebIdentityUser", "userName": "system:serviceaccount:pay:runner"},
        "nonhuman",
        "web identity",
    ),
    (
        context(webIdFederationData={"federatedProvider": "arn:aws:iam::1:oidc-provider/oidc.eks.eu/id/A"}),
        "nonhuman",
        "web identity",
    ),
    ({"type": "WebIdentityUser", "userName": "1054", "identityProvider": "accounts.google.com"}, "undecided", "no field"),
    (USER, "undecided", "long-term access key"),
    (USER | {"accessKeyId": "ASIAIOSFODNN7EXAMPLE"}, "undecided", "no field"),
    ({"type": "AWSAccount", "accountId": "2"}, "undecided", "AWSAccount"),
    ({}, "undecided", "names no identity"),
]  # fmt: skip


@pytest.mark.parametrize(("element", "kind", "reason"), KINDS)
def test_human_or_machine(element: dict[str, Any], kind: str, reason: str) -> None:
    result = read(element)
    assert result.kind.kind == kind
    assert reason in result.kind.reason


def test_the_console_and_a_sign_in_make_a_human_but_a_service_stays_one() -> None:
    assert read(USER, from_console=True).kind.kind is IdentityKind.HUMAN
    assert read(USER, signed_in=True).kind.kind is IdentityKind.HUMAN
    called = USER | {"invokedBy": "cloudformation.amazonaws.com"}
    assert read(called, from_console=True).kind.kind is IdentityKind.SERVICE


def test_credentials() -> None:
    assert read(USER).credential.native_id == USER["accessKeyId"]
    assert read(USER | {"accessKeyId": ""}).credential is None
    center = read({"type": "IdentityCenterUser", "credentialId": "90e2"}).credential
    assert (center.type, center.native_id) == ("identity center credential", "90e2")


def test_a_key_of_another_account_is_noted_without_its_value() -> None:
    result = read(USER | {"accessKeyId": "ASIATFQR7NSC36DZQP7P"})
    assert result.warnings == (warnings.KEY_ACCOUNT,)
    assert read(USER | {"accessKeyId": "ASIATFQR7NSC36DZQP7P", "accountId": "218007301253"}).warnings == ()


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["type", "arn", "principalId", "accountId", "userName", "accessKeyId", "invokedBy", "sessionContext",
     "sessionIssuer", "attributes", "mfaAuthenticated", "onBehalfOf", "userId", "inScopeOf", "ARN", "webIdFederationData"]
)  # fmt: skip
ELEMENTS = st.dictionaries(KEYS, st.one_of(JSON, st.dictionaries(KEYS, JSON, max_size=4)), max_size=10)


@given(ELEMENTS, st.booleans(), st.booleans())
def test_no_element_raises(element: dict[str, Any], from_console: bool, signed_in: bool) -> None:
    result = read(element, from_console=from_console, signed_in=signed_in)
    assert result.kind.reason
    if result.identity is not None:
        assert result.identity.canonical
