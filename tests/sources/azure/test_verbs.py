from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.model.event import Verb
from workbench.sources.azure.resource_ids import ARM_IDS
from workbench.sources.azure.verbs import arm_rule


@pytest.mark.parametrize(
    ("operation", "made", "verb"),
    [
        ("Microsoft.Compute/virtualMachines/read", None, Verb.READ),
        ("Microsoft.Compute/virtualMachines/delete", None, Verb.DELETE),
        ("Microsoft.Compute/virtualMachines/write", True, Verb.CREATE),
        ("Microsoft.Compute/virtualMachines/write", False, Verb.UPDATE),
        ("Microsoft.Compute/virtualMachines/write", None, Verb.UNCLASSIFIED),
        ("Microsoft.Compute/virtualMachines/runCommand/action", None, Verb.EXECUTE),
        ("Microsoft.Compute/virtualMachines/extensions/write", True, Verb.EXECUTE),
        ("Microsoft.Authorization/roleAssignments/write", True, Verb.DELEGATE),
        ("Microsoft.Authorization/roleAssignments/delete", None, Verb.DELETE),
        ("Microsoft.Authorization/elevateAccess/action", None, Verb.DELEGATE),
        ("Microsoft.Storage/storageAccounts/listKeys/action", None, Verb.READ_SECRET),
        ("Microsoft.Storage/storageAccounts/regenerateKey/action", None, Verb.ISSUE_CREDENTIAL),
        ("Microsoft.Storage/storageAccounts/listAccountSas/action", None, Verb.ISSUE_CREDENTIAL),
        (
            "Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action",
            None,
            Verb.READ_SECRET,
        ),
        ("Microsoft.DocumentDB/databaseAccounts/listConnectionStrings/action", None, Verb.READ_SECRET),
        ("Microsoft.Authorization/policies/audit/action", None, Verb.OTHER),
        ("Microsoft.Resources/deployments/validate/action", None, Verb.READ),
        ("Microsoft.Example/things/frobnicate/action", None, Verb.UNCLASSIFIED),
        ("nothing", None, Verb.UNCLASSIFIED),
    ],
)
def test_verbs(operation: str, made: bool | None, verb: Verb) -> None:
    for spelling in (operation, operation.upper(), operation.lower()):
        assert arm_rule(spelling, made).verb is verb
        assert arm_rule(spelling, made).rule


@pytest.mark.parametrize(
    "operation",
    [
        "Microsoft.Insights/diagnosticSettings/delete",
        "Microsoft.Storage/storageAccounts/providers/Microsoft.Insights/diagnosticSettings/write",
        "MICROSOFT.OPERATIONALINSIGHTS/WORKSPACES/DELETE",
        "Microsoft.Network/networkWatchers/flowLogs/delete",
    ],
)
def test_acts_that_weaken_logging(operation: str) -> None:
    assert arm_rule(operation, None).tampers_logging


def test_other_acts_do_not() -> None:
    assert not arm_rule("Microsoft.Storage/storageAccounts/delete", None).tampers_logging


@given(st.text(max_size=2000))
def test_any_text_has_a_verb_and_a_rule(text: str) -> None:
    rule = arm_rule(text, None)
    assert isinstance(rule.verb, Verb)
    assert rule.rule


def test_resource_ids() -> None:
    hung = ARM_IDS[
        "/subscriptions/S/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a/providers"
        "/Microsoft.Insights/diagnosticSettings/d"
    ]
    assert hung.type == "microsoft.insights:diagnosticsettings"
    assert hung.subscription == "S"
    nested = ARM_IDS["/SUBSCRIPTIONS/S/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.SQL/SERVERS/A/DATABASES/B"]
    assert nested.type == "microsoft.sql:servers/databases"
    assert ARM_IDS["/subscriptions/S/resourceGroups/g"].type == "microsoft.resources:resourcegroups"
    assert ARM_IDS["/subscriptions/S"].type == "microsoft.resources:subscriptions"
    assert ARM_IDS["/tenants/T/providers/Microsoft.aadiam"].tenant == "T"
    assert ARM_IDS[""].type is None


@given(
    st.text(max_size=100) | st.lists(st.sampled_from(["providers", "subscriptions", "a", ""])).map("/".join)
)
def test_any_text_can_be_asked_for_its_parts(text: str) -> None:
    assert ARM_IDS[text] == ARM_IDS[text]
