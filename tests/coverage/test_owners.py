"""Whose a thing, a principal, a token and a log is, by the names that records give."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.coverage.owners import (
    Owner,
    World,
    cluster_of,
    of_identity,
    of_resource,
    of_stream,
    of_subject,
    on_hand,
    worlds_on_hand,
)
from workbench.model.gap import StreamKey

SUBSCRIPTION = "1794b216-5b5b-4176-bf9f-992330fcd6a8"
TENANT = "7f74acdc-314a-4ebf-9dca-bcc8a702d885"
AKS = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/pay"
)


@pytest.mark.parametrize(
    ("kind", "name", "account", "owners"),
    [
        ("aws:account", "111122223333", None, {(World.AWS, "111122223333")}),
        ("s3:bucket", "b", "111122223333", {(World.AWS, "111122223333")}),
        ("iam:role", "arn:aws:iam::111122223333:role/r", None, {(World.AWS, "111122223333")}),
        ("iam:policy", "arn:aws:iam::aws:policy/ReadOnlyAccess", None, set()),
        (
            "eks:cluster", "arn:aws:eks:eu-west-1:111122223333:cluster/pay", None,
            {(World.AWS, "111122223333"), (World.CLUSTER, "pay (EKS, account 111122223333)")},
        ),
        ("microsoft.sql:servers", f"/SUBSCRIPTIONS/{SUBSCRIPTION.upper()}/x", None, {(World.AZURE, SUBSCRIPTION)}),
        (None, AKS, None, {(World.AZURE, SUBSCRIPTION), (World.CLUSTER, AKS.lower())}),
        (None, "/subscriptions/not-an-id/resourceGroups/g", None, set()),
        ("entra:tenant", TENANT.upper(), None, {(World.ENTRA, TENANT)}),
        ("storage:gcs_bucket", "projects/_/buckets/b", None, set()),
        ("iam:service_account", "projects/-/serviceAccounts/1", None, set()),
        ("cloudresourcemanager:project", "projects/ledger-prod", None, {(World.PROJECT, "ledger-prod")}),
        ("cloudresourcemanager:project", "projects/123456789012", None, set()),
        ("x", "//cloudresourcemanager.googleapis.com/organizations/77", None, {(World.ORGANISATION, "77")}),
        (
            "container:gke_cluster", "projects/ledger-prod/zones/z/clusters/c", None,
            {(World.PROJECT, "ledger-prod"), (World.CLUSTER, "projects/ledger-prod/locations/z/clusters/c")},
        ),
        ("iam:member", "serviceAccount:a@other-prod.iam.gserviceaccount.com", None, {(World.PROJECT, "other-prod")}),
        ("iam:member", "serviceAccount:service-7@gcp-sa-logging.iam.gserviceaccount.com", None, set()),
        ("iam:member", "serviceAccount:service-7@compute-system.iam.gserviceaccount.com", None, set()),
        ("github:repository", "Rival-Org/payroll", "acme", {(World.GITHUB, "rival-org")}),
        ("github:branch", "fix/projects/abcdef", "acme", set()),
        ("kubernetes:secrets", "namespaces/pay/secrets/db", None, set()),
        ("jwt:subject", "repo:acme@12/web@34:ref:refs/heads/main", None, {(World.GITHUB, "acme")}),
    ],
)  # fmt: skip
def test_whose_a_thing_is(
    kind: str | None, name: str, account: str | None, owners: set[tuple[World, str]]
) -> None:
    assert set(of_resource(kind, name, account)) == {Owner(*each) for each in owners}


@given(
    st.one_of(st.none(), st.text(max_size=30)),
    st.text(max_size=200),
    st.one_of(st.none(), st.text(max_size=12)),
)
def test_any_name_of_a_record_can_be_asked(kind: str | None, name: str, account: str | None) -> None:
    """What is told of it stands in it: no owner is made up."""
    for owner in of_resource(kind, name, account):
        assert owner.name.lower() in f"{name} {account}".lower() or owner.world is World.CLUSTER


def test_whose_a_principal_and_a_token_are() -> None:
    assert of_identity("entra.signin", TENANT, "u") == (Owner(World.ENTRA, TENANT),)
    assert of_identity("entra.signin", "not a tenant", "u") == ()
    assert of_identity("aws.cloudtrail", "111122223333", "x") == (Owner(World.AWS, "111122223333"),)
    assert of_identity("gcp.audit", "ledger-prod", "a@ledger-prod.iam.gserviceaccount.com") == (
        Owner(World.PROJECT, "ledger-prod"),
    )
    assert of_identity("github.audit", "acme", "u") == ()
    assert of_subject("system:serviceaccount:pay:api") == ()


def test_a_token_in_a_resource_log_names_a_tenant_and_is_no_log_of_it() -> None:
    activity = StreamKey("azure.activity", SUBSCRIPTION.upper(), None, TENANT, "Administrative")
    assert of_stream(activity) == (Owner(World.ENTRA, TENANT),)
    assert on_hand([activity]) == {Owner(World.AZURE, SUBSCRIPTION)}
    assert worlds_on_hand([activity]) == {World.AZURE}
    signin = StreamKey("entra.signin", None, None, TENANT, None)
    assert of_stream(signin) == ()
    assert on_hand([signin]) == {Owner(World.ENTRA, TENANT)}


def test_a_cluster_has_one_name_in_its_own_log_and_in_others() -> None:
    assert cluster_of(AKS.upper()) == Owner(World.CLUSTER, AKS.lower())
    assert cluster_of("projects/ledger-prod/locations/z/clusters/c") in of_resource(
        "container:gke_cluster", "projects/ledger-prod/zones/z/clusters/c", None
    )
