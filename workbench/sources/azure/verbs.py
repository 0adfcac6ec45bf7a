"""What kind of act an operation of Azure Resource Manager is.

Operations are named ``Provider/types/…/verb`` with ``read``, ``write``, ``delete`` or ``…/action`` at the end, in any case
(Microsoft Learn, "Azure resource provider operations").
"""

from __future__ import annotations

from typing import NamedTuple

from workbench.model.event import Verb
from workbench.sources.interning import remembered


class Rule(NamedTuple):
    """A verb, the rule that decided it, and whether the act weakens logging."""

    verb: Verb
    rule: str
    tampers_logging: bool = False


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _table(*groups: tuple[Verb, str, str]) -> dict[str, tuple[Verb, str]]:
    return {name: (verb, rule) for verb, rule, names in groups for name in names.split()}


_GRANTS = "override: grants access"
_HANDS_OUT = "override: makes a credential"
_READS_SECRET = "override: hands out a secret"
_RUNS = "override: runs code"
_EFFECT = "override: an effect of Azure Policy"

_OVERRIDES = _table(
    (
        Verb.DELEGATE,
        _GRANTS,
        """
        microsoft.authorization/roleassignments/write microsoft.authorization/elevateaccess/action
        microsoft.authorization/roledefinitions/write microsoft.authorization/classicadministrators/write
        microsoft.authorization/roleassignmentschedulerequests/write
        microsoft.authorization/roleeligibilityschedulerequests/write
        microsoft.keyvault/vaults/accesspolicies/write
        microsoft.managedidentity/userassignedidentities/assign/action
        microsoft.managedidentity/userassignedidentities/federatedidentitycredentials/write
        microsoft.managedservices/registrationassignments/write microsoft.managedservices/registrationdefinitions/write
        microsoft.compute/galleries/share/action
        """,
    ),
    (
        Verb.ISSUE_CREDENTIAL,
        _HANDS_OUT,
        """
        microsoft.storage/storageaccounts/regeneratekey/action microsoft.storage/storageaccounts/listaccountsas/action
        microsoft.storage/storageaccounts/listservicesas/action
        microsoft.storage/storageaccounts/blobservices/generateuserdelegationkey/action
        microsoft.compute/disks/begingetaccess/action microsoft.compute/snapshots/begingetaccess/action
        microsoft.automation/automationaccounts/webhooks/action
        microsoft.automation/automationaccounts/webhooks/write
        microsoft.web/sites/newpassword/action
        """,
    ),
    (
        Verb.READ_SECRET,
        _READS_SECRET,
        """
        microsoft.keyvault/vaults/secrets/getsecret/action microsoft.keyvault/vaults/secrets/backup/action
        microsoft.keyvault/vaults/keys/backup/action microsoft.keyvault/vaults/keys/release/action
        microsoft.web/sites/publishxml/action microsoft.web/sites/slots/publishxml/action
        microsoft.web/sites/config/list/action microsoft.web/sites/slots/config/list/action
        microsoft.web/sites/hostruntime/host/_master/read
        """,
    ),
    (
        Verb.EXECUTE,
        _RUNS,
        """
        microsoft.compute/virtualmachines/runcommand/action microsoft.compute/virtualmachines/runcommands/write
        microsoft.compute/virtualmachinescalesets/virtualmachines/runcommand/action
        microsoft.compute/virtualmachinescalesets/virtualmachines/runcommands/write
        microsoft.compute/virtualmachines/extensions/write microsoft.compute/virtualmachinescalesets/extensions/write
        microsoft.compute/virtualmachinescalesets/virtualmachines/extensions/write
        microsoft.hybridcompute/machines/extensions/write microsoft.hybridcompute/machines/runcommands/write
        microsoft.automation/automationaccounts/jobs/write
        microsoft.automation/automationaccounts/runbooks/draft/testjob/write
        microsoft.resources/deploymentscripts/write microsoft.logic/workflows/triggers/run/action
        microsoft.containerservice/managedclusters/runcommand/action
        microsoft.containerinstance/containergroups/containers/exec/action
        microsoft.containerregistry/registries/schedulerun/action
        microsoft.serialconsole/serialports/connect/action microsoft.web/sites/extensions/write
        """,
    ),
    (
        Verb.UPDATE,
        "override: changes the state of a resource",
        """
        microsoft.compute/virtualmachines/start/action microsoft.compute/virtualmachines/restart/action
        microsoft.compute/virtualmachines/poweroff/action microsoft.compute/virtualmachines/deallocate/action
        microsoft.compute/virtualmachines/redeploy/action microsoft.compute/virtualmachines/reimage/action
        microsoft.compute/virtualmachines/generalize/action
        microsoft.web/sites/start/action microsoft.web/sites/stop/action microsoft.web/sites/restart/action
        microsoft.keyvault/vaults/secrets/recover/action microsoft.keyvault/vaults/keys/recover/action
        microsoft.resources/subscriptions/resourcegroups/moveresources/action
        """,
    ),
    (
        Verb.DELETE,
        "override: deletes for good",
        """
        microsoft.keyvault/locations/deletedvaults/purge/action microsoft.keyvault/vaults/purge/action
        microsoft.keyvault/vaults/secrets/purge/action microsoft.keyvault/vaults/keys/purge/action
        microsoft.operationalinsights/workspaces/purge/action
        """,
    ),
)

_TAMPERS_LOGGING = _names(
    """
    microsoft.insights/diagnosticsettings/write microsoft.insights/diagnosticsettings/delete
    microsoft.insights/logprofiles/write microsoft.insights/logprofiles/delete
    microsoft.insights/datacollectionrules/write microsoft.insights/datacollectionrules/delete
    microsoft.insights/datacollectionruleassociations/delete
    microsoft.operationalinsights/workspaces/write microsoft.operationalinsights/workspaces/delete
    microsoft.operationalinsights/workspaces/purge/action microsoft.operationalinsights/workspaces/tables/write
    microsoft.operationalinsights/workspaces/tables/delete
    microsoft.operationalinsights/workspaces/dataexports/delete
    microsoft.securityinsights/dataconnectors/delete
    microsoft.network/networkwatchers/delete microsoft.network/networkwatchers/flowlogs/delete
    microsoft.network/networkwatchers/flowlogs/write microsoft.network/networkwatchers/configureflowlog/action
    microsoft.sql/servers/auditingsettings/write microsoft.sql/servers/auditingsettings/delete
    microsoft.sql/servers/extendedauditingsettings/write microsoft.sql/servers/databases/auditingsettings/write
    microsoft.sql/servers/databases/extendedauditingsettings/write
    """
)
"""Operations that stop, delete or change what is recorded, whatever they change: a write may also switch it on."""

_SECRET_WORDS = ("key", "secret", "credential", "connectionstring", "password", "token", "sas")
_READING_WORDS = ("list", "get", "check", "validate", "whatif", "query", "search", "calculate", "export")
_POLICY = "microsoft.authorization/policies/"


def provider_operation(operation: str) -> str:
    """Return an operation in lower case, of the innermost provider.

    ``Microsoft.Network/networkSecurityGroups/providers/Microsoft.Insights/diagnosticSettings/write`` is the write of a
    diagnostic setting, on whatever resource it is set.
    """
    return operation.casefold().rpartition("/providers/")[2]


@remembered(4096)
def arm_rule(operation: str, made: bool | None) -> Rule:
    """Decide what kind of act an operation is.

    Args:
        operation: The operation's name.
        made: Whether the resource was made (HTTP status 201) or existed before (200); ``None`` if the record does not
            say.
    """
    name = provider_operation(operation)
    tampers = name in _TAMPERS_LOGGING
    verb, rule = _OVERRIDES.get(name) or _by_name(name, made)
    return Rule(verb, rule, tampers)


def _by_name(name: str, made: bool | None) -> tuple[Verb, str]:
    before, _, last = name.rpartition("/")
    if last == "read":
        return Verb.READ, "suffix /read"
    if last == "delete":
        return Verb.DELETE, "suffix /delete"
    if last == "write":
        if made is None:
            return Verb.UNCLASSIFIED, "suffix /write: creates or updates, the record does not say which"
        return (Verb.CREATE, "suffix /write, Created") if made else (Verb.UPDATE, "suffix /write, OK")
    if last != "action":
        return Verb.UNCLASSIFIED, "no rule"
    if name.startswith(_POLICY):
        return Verb.OTHER, _EFFECT
    return _by_action(before.rpartition("/")[2])


def _by_action(word: str) -> tuple[Verb, str]:
    if word.startswith("regenerate") and any(secret in word for secret in _SECRET_WORDS):
        return Verb.ISSUE_CREDENTIAL, "action regenerate… of a secret"
    if word.startswith("list") and any(secret in word for secret in _SECRET_WORDS):
        return Verb.READ_SECRET, "action list… of secrets"
    for prefix in _READING_WORDS:
        if word.startswith(prefix):
            return Verb.READ, f"action {prefix}…"
    return Verb.UNCLASSIFIED, "suffix /action: no rule"
