"""What a record of the unified audit log acted upon, and what it says it changed.

Each workload names its objects in fields of its own; most also fill ``ObjectId``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from workbench.model.event import Identity, Resource, ResourceRole, StatedChange, Verb
from workbench.sources import parts
from workbench.sources.document import Document, member, names_of
from workbench.sources.microsoft.modified import taken_out

MOST_RESOURCES = 500
CUT = f"more than {MOST_RESOURCES} objects: the rest is in the record"

_MOST_CHANGES = 200
_NOT_GIVEN = frozenset({"not available", "unknown", "unknown (unknown)", "n/a", "none"})
_TYPES = {
    "exchange": "exchange:object",
    "sharepoint": "sharepoint:item",
    "onedrive": "sharepoint:item",
    "azureactivedirectory": "entra:object",
    "microsoftteams": "teams:object",
    "powerbi": "powerbi:artifact",
}
_ITEM_TYPES = {
    "file": "sharepoint:file",
    "folder": "sharepoint:folder",
    "web": "sharepoint:site",
    "site": "sharepoint:site",
    "list": "sharepoint:list",
    "listitem": "sharepoint:item",
    "page": "sharepoint:page",
    "document": "sharepoint:file",
}

_GROUPS = (("folders", "Folders", "FolderItems"), ("messages", "Messages", "MessageItems"))
"""Lists of lists of messages: folded name, name, name of the inner list."""

_TEAMS = (("teamguid", "TeamGuid", "teams:team"), ("channelguid", "ChannelGuid", "teams:channel"))
"""Places in Teams: folded name, name, type."""

_GRANTEES = ("user", "trustee", "member", "members", "securitygroup", "grantsendonbehalfto", "delegate")
"""Parameters of granting commands that name who gets the access."""

_NO_CHANGES = frozenset(
    {
        "identity",
        "domaincontroller",
        "force",
        "confirm",
        "whatif",
        "organization",
        "erroraction",
        "bypasssecuritygroupmanagercheck",
    }
)
"""Parameters that say which object, or how to run, and not what to change."""


def resources_of(
    fields: Document, verb: Verb, parameters: Mapping[str, object]
) -> tuple[tuple[Resource, ...], bool]:
    """Return what was acted upon, and whether there was more than is kept."""
    found: dict[str, Resource] = {}
    everything = _objects(fields, verb, parameters)
    for resource in islice(everything, MOST_RESOURCES):
        found.setdefault(resource.name, resource)
    return tuple(found.values()), next(everything, None) is not None


def _objects(fields: Document, verb: Verb, parameters: Mapping[str, object]) -> Iterator[Resource]:
    workload = (fields.text("Workload", "OfficeWorkload") or "").casefold()
    name = fields.text("ObjectId", "OfficeObjectId")
    if name and name.casefold() not in _NOT_GIVEN:
        kind = _ITEM_TYPES.get((fields.text("ItemType") or "").casefold())
        yield Resource(kind or _TYPES.get(workload), name)
    if workload == "exchange":
        yield from _mail(fields)
    elif workload == "azureactivedirectory":
        yield from _directory(fields, name)
    if verb is Verb.DELEGATE:
        for parameter in _GRANTEES:
            value = parameters.get(parameter)
            if isinstance(value, str) and value:
                yield Resource(None, value, ResourceRole.GRANTEE)
    names = names_of(fields.data)
    if "targetuserorgroupname" in names and (grantee := fields.text("TargetUserOrGroupName")):
        kind = fields.text("TargetUserOrGroupType")
        yield Resource(f"sharepoint:{kind}" if kind else None, grantee, ResourceRole.GRANTEE)
    for folded, path, kind in _TEAMS:
        if folded in names and (place := fields.text(path)):
            yield Resource(kind, place)
    if "members" in names:
        role = ResourceRole.GRANTEE if verb is Verb.DELEGATE else ResourceRole.TARGET
        for person in fields.objects_at("Members"):
            upn = member(person, "UPN")
            if isinstance(upn, str) and upn:
                yield Resource("entra:User", upn, role)


def _mail(fields: Document) -> Iterator[Resource]:
    """Yield a mailbox and the messages in it: by their id on the internet where there is one, as in both mailboxes."""
    mailbox = fields.text("MailboxOwnerUPN", "MailboxGuid")
    if mailbox:
        yield Resource("exchange:mailbox", mailbox)
    names = names_of(fields.data)
    items = [fields.object_at("Item")] if "item" in names else []
    if "affecteditems" in names:
        items += fields.objects_at("AffectedItems")
    # MailItemsAccessed groups messages by folder, AttachmentAccess by message.
    for folded, groups, members in _GROUPS:
        if folded in names:
            for group in fields.objects_at(groups):
                items += Document(group).objects_at(members)
    for item in items:
        message = member(item, "InternetMessageId")
        name = message or member(item, "Id")
        if isinstance(name, str) and name:
            yield Resource("exchange:message" if message else "exchange:item", name)
    # Of a folder's permissions the item is the folder, with the member that they are for.
    grantee = fields.text("Item.ParentFolder.MemberUpn") if "item" in names else None
    if grantee:
        yield Resource(None, grantee, ResourceRole.GRANTEE)


def _directory(fields: Document, name: str | None) -> Iterator[Resource]:
    """Yield the directory object: ``Target`` gives it as ``Kind_<id>``, as ``<id>`` and by names."""
    ids = [
        each
        for each in (member(target, "ID") for target in fields.objects_at("Target"))
        if isinstance(each, str)
    ]
    for each in ids:
        kind, bar, native = each.partition("_")
        if bar and native in ids:
            yield Resource(f"entra:{kind}", native)
            return
    for each in ids:
        if each != name and each.casefold() not in _NOT_GIVEN:
            yield Resource("entra:object", each)
            return


def parameter_changes(parameters: list[dict[str, object]], verb: Verb) -> tuple[StatedChange, ...]:
    """Return what a command that writes was told to set: the new values, as the log holds no old ones."""
    if verb in (Verb.READ, Verb.READ_SECRET, Verb.AUTHENTICATE):
        return ()
    changes = []
    for pair in parameters[:_MOST_CHANGES]:
        name = member(pair, "Name")
        if isinstance(name, str) and name.casefold() not in _NO_CHANGES:
            after = parts.json_text(taken_out(member(pair, "Value")))
            if after is not None:
                changes.append(StatedChange(name, None, after))
    return tuple(changes)


def on_behalf_of(fields: Document) -> Identity | None:
    """Return the mailbox in whose name a message was sent."""
    names = names_of(fields.data)
    if "sendasusersmtp" not in names and "sendonbehalfofusersmtp" not in names:
        return None
    return parts.identity(fields.text("SendAsUserSmtp", "SendOnBehalfOfUserSmtp"))
