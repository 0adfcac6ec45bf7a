"""What kind of act an operation of the Microsoft 365 unified audit log is, and whether it weakens logging.

Names are those of "Audit log activities" and the service schemas of the Office 365 Management Activity API
(learn.microsoft.com). Exchange administration writes its commands (``Set-Mailbox``), Entra its activities with a full
stop, SharePoint and others words run together (``FileDownloaded``, ``ViewReport``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from workbench.model.event import Verb
from workbench.sources.interning import Remembered
from workbench.sources.microsoft import entra_verbs


def _ops(names: str, verb: Verb, rule: str) -> dict[str, tuple[Verb, str]]:
    return dict.fromkeys(names.lower().split(), (verb, f"override: {rule}"))


_OVERRIDES: dict[str, tuple[Verb, str]] = {
    **_ops(
        "UserLoggedIn UserLoginFailed UserLoggedOff MailboxLogin TeamsSessionStarted SignInEvent",
        Verb.AUTHENTICATE,
        "sign-in",
    ),
    **_ops(
        "MailItemsAccessed MessageBind FolderBind AttachmentAccess SearchQueryInitiatedExchange "
        "SearchQueryInitiatedSharePoint SearchQueryPerformed FileAccessed FileAccessedExtended FileDownloaded "
        "FilePreviewed FileSyncDownloadedFull FileSyncDownloadedPartial FileVersionsAllViewed PageViewed "
        "PageViewedExtended ClientViewSignaled PagePrefetched ListViewed ListItemViewed MessagesListed MessageRead "
        "ChatRetrieved MessageHostedContentRead MessageHostedContentsListed TeamsImpersonation Search "
        "SearchStarted SearchPreviewed SearchExported SearchReport SearchResultsSentToZoom ViewedSearchExported "
        "ViewedSearchPreviewed SearchViewed PreviewItemDownloaded PreviewItemListed ExportSearchResults "
        "AnonymousLinkUsed SecureLinkUsed CompanyLinkUsed "
        "SharingLinkUsed AuditSearchCompleted AuditSearchExportResultsCompleted CopilotInteraction",
        Verb.READ,
        "reads content",
    ),
    **_ops(
        "Add-MailboxPermission Add-RecipientPermission Add-MailboxFolderPermission Set-MailboxFolderPermission "
        "Add-ADPermission Add-RoleGroupMember Update-RoleGroupMember New-ManagementRoleAssignment New-RoleGroup "
        "Add-ManagementRoleEntry Add-eDiscoveryCaseAdmin Add-ComplianceCaseMember Add-DistributionGroupMember "
        "Add-UnifiedGroupLinks Add-PublicFolderClientPermission New-ServicePrincipal New-PartnerApplication "
        "AddFolderPermissions UpdateFolderPermissions ModifyFolderPermissions UpdateCalendarDelegation "
        "SharingSet SharingInvitationCreated SharingInvitationAccepted AnonymousLinkCreated AnonymousLinkUpdated "
        "CompanyLinkCreated SecureLinkCreated AddedToSecureLink AddedToGroup AddedToSharingLink SharingLinkCreated "
        "SiteCollectionAdminAdded SiteAdminChangeRequest PermissionLevelAdded AccessRequestApproved "
        "AccessRequestAccepted AppPermissionGranted MemberAdded MemberRoleChanged BotAddedToTeam AppInstalled "
        "ShareReport ShareDashboard ShareDataset AddGroupMembers "
        "AddFolderAccess UpdateFolderAccess AddDatasourceToGateway AddUsersToGatewayDatasource",
        Verb.DELEGATE,
        "grants access",
    ),
    **_ops(
        "SoftDelete HardDelete MoveToDeletedItems RecordDelete FileRecycled FileDeletedFirstStageRecycleBin "
        "FileDeletedSecondStageRecycleBin FileVersionsAllDeleted FolderRecycled RemovedFromGroup "
        "RemovedFromSecureLink RemovedFromSiteCollection SharingRevoked",
        Verb.DELETE,
        "removes",
    ),
    **_ops(
        "Create Send SendAs SendOnBehalf Copy New-InboxRule FileUploaded FileUploadedPartial FileCopied FolderCopied "
        "FileSyncUploadedFull FileSyncUploadedPartial MessageSent ChatCreated Forward Reply",
        Verb.CREATE,
        "makes a message, file or copy",
    ),
    **_ops(
        "Update Move UpdateInboxRules Set-InboxRule Enable-InboxRule Disable-InboxRule FileModified "
        "FileModifiedExtended FileRenamed FileMoved FileRestored FileCheckedIn FileCheckedOut "
        "FileCheckOutDiscarded SensitivityLabelRemoved ApplyRecord UpdateComplianceTag SharingInheritanceBroken",
        Verb.UPDATE,
        "changes an object",
    ),
    **_ops("Start-MigrationBatch Invoke-Command New-ComplianceSearchAction", Verb.EXECUTE, "runs something"),
    **_ops("Undo-MailItem", Verb.UPDATE, "changes an object"),
}

_COMMANDS = {
    **dict.fromkeys(("get", "test", "search", "find", "export", "measure", "select"), Verb.READ),
    **dict.fromkeys(("new", "import", "install"), Verb.CREATE),
    **dict.fromkeys(
        ("set", "update", "enable", "disable", "rename", "move", "restore", "suspend", "resume", "upgrade"),
        Verb.UPDATE,
    ),
    **dict.fromkeys(("add", "clear", "complete", "confirm", "connect", "register"), Verb.UPDATE),
    **dict.fromkeys(("remove", "uninstall"), Verb.DELETE),
    **dict.fromkeys(("start", "invoke"), Verb.EXECUTE),
}
"""Approved verbs of PowerShell commands."""

_LAST_WORD = {
    **dict.fromkeys(
        ("accessed", "viewed", "downloaded", "previewed", "listed", "read", "exported"), Verb.READ
    ),
    **dict.fromkeys(("created", "uploaded", "added", "installed"), Verb.CREATE),
    **dict.fromkeys(
        (
            "modified",
            "updated",
            "changed",
            "renamed",
            "moved",
            "restored",
            "set",
            "enabled",
            "disabled",
            "edited",
        ),
        Verb.UPDATE,
    ),
    **dict.fromkeys(("deleted", "removed", "recycled", "uninstalled"), Verb.DELETE),
}
_FIRST_WORD = {
    **dict.fromkeys(("view", "get", "read", "export", "download", "list", "search", "analyze"), Verb.READ),
    **dict.fromkeys(("create", "add", "import", "post", "upload", "generate", "install"), Verb.CREATE),
    **dict.fromkeys(
        ("update", "edit", "change", "set", "rename", "move", "refresh", "enable", "disable"), Verb.UPDATE
    ),
    **dict.fromkeys(("delete", "remove", "uninstall"), Verb.DELETE),
    **dict.fromkeys(("run", "execute", "launch"), Verb.EXECUTE),
}
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+", re.ASCII)
_LONGEST = 200


def _verb(operation: str) -> tuple[Verb, str]:
    name = operation.strip()
    known = _OVERRIDES.get(name.lower())
    if known is not None:
        return known
    if " " in name or name.endswith("."):
        return entra_verbs.verb_of(name)
    command, dash, _ = name.partition("-")
    if dash:
        verb = _COMMANDS.get(command.lower())
        return (verb, f"command: {command}") if verb else (Verb.UNCLASSIFIED, "no rule")
    words = _WORDS.findall(name[:_LONGEST])
    if len(words) > 1:
        first, last = words[0].lower(), words[-1].lower()
        if last in _LAST_WORD:
            return _LAST_WORD[last], f"last word: {last}"
        if first in _FIRST_WORD:
            return _FIRST_WORD[first], f"first word: {first}"
    return Verb.UNCLASSIFIED, "no rule"


VERBS: Remembered[str, tuple[Verb, str]] = Remembered(_verb)
"""The kind of act and the rule that decided it, by operation, remembered."""

_WEAKENED: dict[str, tuple[str, frozenset[str]]] = {
    "set-adminauditlogconfig": (
        "false",
        frozenset({"unifiedauditlogingestionenabled", "adminauditlogenabled"}),
    ),
    "set-mailbox": ("false", frozenset({"auditenabled"})),
    "set-organizationconfig": ("true", frozenset({"auditdisabled"})),
    "set-mailboxauditbypassassociation": ("true", frozenset({"auditbypassenabled"})),
}
"""Commands that weaken logging if one of these parameters has this value."""

_FEWER_ACTIONS = frozenset({"auditowner", "auditdelegate", "auditadmin"})
_ALWAYS = frozenset({"remove-unifiedauditlogretentionpolicy", "remove-auditconfigurationpolicy"})


def tampers(operation: str, parameters: Mapping[str, object]) -> bool:
    """Tell whether a command weakens or stops the recording of what happens.

    Args:
        operation: The command.
        parameters: Its parameters, by folded name.
    """
    name = operation.strip().lower()
    if name in _ALWAYS:
        return True
    if name not in _WEAKENED:
        return False
    value, switches = _WEAKENED[name]
    states = {str(parameters.get(switch, "")).strip().lstrip("$").lower() for switch in switches}
    if value in states:
        return True
    # Which actions of a mailbox are recorded can be listed anew; what the list was before is not stated.
    return name == "set-mailbox" and not _FEWER_ACTIONS.isdisjoint(parameters)
