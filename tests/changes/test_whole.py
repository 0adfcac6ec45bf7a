"""To take a part off an object never ends it, whatever the source: only what deletes the object itself does."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.changes.chain import chained
from workbench.changes.exposure import exposures
from workbench.changes.stated import statements_of
from workbench.changes.whole import whole
from workbench.clock import SECOND
from workbench.model.change import Change, Fate, Operation, Placed, Statement
from workbench.model.event import Act, OutcomeStatus, Place, Resource, StatedChange, Verb

ENTRA, OKTA, GOOGLE, GITLAB = "entra.audit", "okta.system", "gcp.audit", "gitlab.audit"
ROLE_ASSIGNMENT = "Microsoft.Authorization/roleAssignments"

PARTS = [
    (ENTRA, "Remove service principal credentials", "entra:ServicePrincipal", "sp"),
    (ENTRA, "Remove app role assignment from service principal", "entra:ServicePrincipal", "sp"),
    (ENTRA, "Remove owner from service principal", "entra:ServicePrincipal", "sp"),
    (ENTRA, "Remove delegated permission grant", "entra:ServicePrincipal", "sp"),
    (ENTRA, "Remove federated identity credential", "entra:Application", "app"),
    (ENTRA, "Remove member from role", "entra:User", "u"),
    (ENTRA, "Remove member from group", "entra:User", "u"),
    (ENTRA, "Remove eligible member from role in PIM completed (permanent)", "entra:User", "u"),
    (ENTRA, "Remove policy from service principal", "entra:Policy", "p"),
    (ENTRA, "Delete application password for user", "entra:User", "u"),
    (ENTRA, "User deleted security info", "entra:User", "u"),
    (OKTA, "user.mfa.factor.deactivate", "okta:user", "u"),
    (OKTA, "group.user_membership.remove", "okta:user", "u"),
    (OKTA, "application.user_membership.remove", "okta:user", "u"),
    (OKTA, "user.account.privilege.revoke", "okta:user", "u"),
    (OKTA, "user.lifecycle.deactivate", "okta:user", "u"),
    (OKTA, "user.lifecycle.delete.initiated", "okta:user", "u"),
    (OKTA, "app.oauth2.credentials.lifecycle.delete", "okta:appinstance", "a"),
    (OKTA, "system.mfa.factor.deactivate", "okta:user", "u"),
    (GOOGLE, "google.iam.admin.v1.DeleteServiceAccountKey", "iam:service_account", "projects/-/serviceAccounts/a"),
    (GOOGLE, "google.iam.admin.v1.DeleteServiceAccountKey", "iam:project", "projects/p"),
    (GOOGLE, "v1.compute.instances.deleteAccessConfig", "compute:gce_instance", "projects/p/zones/z/instances/i"),
    (GOOGLE, "google.admin.AdminService.removeGroupMember", "workspace:user_email", "u@x"),
    (GOOGLE, "google.longrunning.Operations.CancelOperation", "x:y", "projects/p/clusters/c"),
    (GITLAB, "member_removed", "gitlab:user", "u"),
    (GITLAB, "remove_ssh_key", "gitlab:user", "u"),
    (GITLAB, "protected_branch_removed", "gitlab:project", "g/p"),
    ("azure.activity", "Microsoft.OperationalInsights/workspaces/purge/action", "microsoft.operationalinsights:workspaces", "/w"),
    ("azure.activity", "Microsoft.KeyVault/vaults/accessPolicies/delete", "microsoft.keyvault:vaults", "/v"),
    ("k8s.audit", "delete pods/eviction", "kubernetes:pods", "namespaces/n/pods/p"),
    ("vault.audit", "update auth/token/revoke-self", "vault:token", "auth/token/revoke-self"),
    ("vault.audit", "delete kv/data", "vault:kv", "secret/data/app"),
]  # fmt: skip

WHOLES = [
    (ENTRA, "Delete user", "entra:User", "u"),
    (ENTRA, "Hard Delete application", "entra:Application", "a"),
    (ENTRA, "Remove service principal.", "entra:ServicePrincipal", "sp"),
    (ENTRA, "Delete conditional access policy", "entra:Policy", "p"),
    (OKTA, "user.lifecycle.delete.completed", "okta:user", "u"),
    (OKTA, "group.lifecycle.delete", "okta:usergroup", "g"),
    (OKTA, "policy.rule.delete", "okta:policyrule", "r"),
    (GOOGLE, "google.iam.admin.v1.DeleteServiceAccount", "iam:service_account", "projects/-/serviceAccounts/a"),
    (GOOGLE, "google.iam.admin.v1.DeleteServiceAccountKey", "iam:key", "projects/-/serviceAccounts/a/keys/k"),
    (GOOGLE, "storage.objects.delete", "storage:gcs_bucket", "projects/_/buckets/b/objects/a/b.pdf"),
    (GOOGLE, "google.cloud.secretmanager.v1.SecretManagerService.DeleteSecret", "x:y", "projects/1/secrets/s"),
    (GOOGLE, "google.logging.v2.ConfigServiceV2.DeleteSink", "logging:logging_sink", "projects/p/sinks/s"),
    (GITLAB, "project_destroyed", "gitlab:project", "g/p"),
    (GITLAB, "deploy_token_revoked", "gitlab:deploytoken", "t"),
    ("azure.activity", f"{ROLE_ASSIGNMENT}/delete", "microsoft.authorization:roleassignments", "/ra"),
    ("azure.activity", "Microsoft.Resources/subscriptions/resourceGroups/delete", "microsoft.resources:resourcegroups", "/rg"),
    ("k8s.audit", "delete secrets", "kubernetes:secrets", "namespaces/n/secrets/s"),
    ("vault.audit", "delete sys/policies", "vault:path", "sys/policies/acl/p"),
]  # fmt: skip


def stated(source: str, action: str, kind: str, name: str, verb: Verb = Verb.DELETE) -> list[Statement]:
    act = Act("s", action, verb, "t")
    return statements_of(source, act, (Resource(kind, name),), Place("acc"), ())


@pytest.mark.parametrize(("source", "action", "kind", "name"), PARTS)
def test_what_takes_a_part_off_does_not_end_the_whole(source: str, action: str, kind: str, name: str) -> None:
    for verb in (Verb.DELETE, Verb.UPDATE, Verb.CREATE):
        found = stated(source, action, kind, name, verb)
        assert not {each.operation for each in found} & {Operation.CREATE, Operation.DELETE}, found
        assert all(each.field for each in found)


@pytest.mark.parametrize(("source", "action", "kind", "name"), WHOLES)
def test_what_deletes_the_whole_ends_it(source: str, action: str, kind: str, name: str) -> None:
    (found,) = stated(source, action, kind, name)
    assert (found.operation, found.field, found.resource.name) == (Operation.DELETE, "", name)


@pytest.mark.parametrize(
    ("source", "action", "kind"),
    [
        (ENTRA, "Add registered users to device", "entra:Device"),
        (OKTA, "user.lifecycle.activate", "okta:user"),
        (OKTA, "device.enrollment.create", "okta:user"),
        (GOOGLE, "google.iam.admin.v1.CreateServiceAccount", "cloudresourcemanager:project"),
    ],
)
def test_what_puts_a_part_on_does_not_make_the_whole(source: str, action: str, kind: str) -> None:
    found = stated(source, action, kind, "projects/p", Verb.CREATE)
    assert Operation.CREATE not in {each.operation for each in found}


def test_a_trial_run_deletes_nothing() -> None:
    assert (
        stated("k8s.audit", "delete secrets", "kubernetes:secrets", "namespaces/n/secrets/s", Verb.OTHER)
        == []
    )


WORDS = st.sampled_from(
    (
        *(
            "member",
            "owner",
            "credentials",
            "credential",
            "factor",
            "consent",
            "grant",
            "label",
            "tag",
            "licence",
            "policy",
        ),
        *(
            "assignment",
            "password",
            "key",
            "user",
            "group",
            "application",
            "service",
            "principal",
            "role",
            "device",
            "app",
        ),
        *("security", "info", "eligible", "registered"),
    )
)
KINDS = st.sampled_from(("User", "Group", "Application", "ServicePrincipal", "Role", "Device", "Policy"))


def chain_of(*steps: list[Statement]) -> list[Change]:
    return chained(
        Placed(event, position, event * SECOND, False, OutcomeStatus.SUCCESS, f"m{event}", each)
        for event, statements in enumerate(steps, 1)
        for position, each in enumerate(statements)
    )


@given(
    part=st.lists(WORDS, min_size=1, max_size=3),
    word=st.sampled_from(("Remove", "Delete", "Hard delete")),
    link=st.sampled_from(("from", "for", "of", "to", "on")),
    kinds=st.lists(KINDS, min_size=1, max_size=3),
    whose=WORDS,
)
def test_no_removal_of_a_part_undoes_anything_else(
    part: list[str], word: str, link: str, kinds: list[str], whose: str
) -> None:
    targets = [Resource(f"entra:{kind}", "x") for kind in kinds]
    keys = StatedChange("KeyDescription", "[]", json.dumps(["k3"]), None)
    made = Act("s", "Add service principal credentials", Verb.ISSUE_CREDENTIAL, "t")
    gone = Act("s", f"{word} {' '.join(part)} {link} {whose}", Verb.DELETE, "t")
    removed = statements_of(ENTRA, gone, targets, Place("acc"), ())
    for target in targets:
        added = statements_of(ENTRA, made, (target,), Place("acc"), (keys,))
        on_it = [each for each in removed if each.resource == added[0].resource]
        (found,) = exposures(
            [each for each in chain_of(added, on_it) if each.field != "MFA factors"],
            accounts=frozenset(),
            tampering=frozenset(),
        )
        assert (found.fate, found.undone_how) == (Fate.STANDING, None)


def test_what_is_restored_stands_again() -> None:
    application = Resource("entra:Application", "app")
    keys = StatedChange("KeyDescription", "[]", json.dumps(["k3"]), None)
    steps = [
        statements_of(ENTRA, Act("s", action, verb, "t"), (application,), Place("acc"), changes)
        for action, verb, changes in (
            ("Update application - Certificates and secrets management", Verb.ISSUE_CREDENTIAL, (keys,)),
            ("Delete application", Verb.DELETE, ()),
            ("Restore application", Verb.UPDATE, ()),
        )
    ]
    for until, fate in ((2, Fate.UNDONE), (3, Fate.STANDING)):
        (found,) = exposures(chain_of(*steps[:until]), accounts=frozenset(), tampering=frozenset())
        assert found.fate is fate
    assert "restored" in (found.remark or "")


def test_the_whole_is_told_by_its_kind_and_not_by_its_place() -> None:
    both = (Resource("okta:policyentity", "p"), Resource("okta:policyrule", "r"))
    found = whole(OKTA, Act("okta", "policy.rule.delete", Verb.DELETE, "t"), both)
    assert found is not None
    assert found.resource.name == "r"
