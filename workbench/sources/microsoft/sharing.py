"""What a record of sharing in SharePoint and OneDrive says: the operation on which link, for whom, and how far access goes.

Links for anybody and for the organisation give access by themselves; who may use a link for named people is told by a record of
its own for each of them, as its making names none (Microsoft Purview, "Use sharing auditing in the audit log"). What stood before
is not in the log.
"""

from __future__ import annotations

import re

from workbench.model.event import StatedChange
from workbench.sources import parts
from workbench.sources.document import Document

_LINK = re.compile(r"(?:Anonymous|Company|Secure|Sharing)Link(?:Created|Updated|Removed|Deleted)", re.I)
_MEMBER = re.compile(r"(?:AddedTo|RemovedFrom)(?:Secure|Sharing)Link|Sharing(?:Set|Revoked)", re.IGNORECASE)

_LEVEL = re.compile(r"<(Type|Permissions granted)>([^<]{1,200})</\1>")
"""How far access goes, in ``EventData``: elements in a text, some with names that XML does not allow."""

_FIELDS = ("Permission", "SharingLinkScope")


def sharing_changes(fields: Document, operation: str) -> tuple[StatedChange, ...]:
    """Return what a record of sharing states; nothing of other operations, or where it names no item.

    The field is the operation, the link's number where there is one, and of operations about somebody who it is, with slashes
    between them. The value holds what the record says of how far access goes and for whom, under the record's own names.
    """
    link = _LINK.fullmatch(operation)
    if not (link or _MEMBER.fullmatch(operation)) or not fields.text("ObjectId", "OfficeObjectId"):
        return ()
    path = [operation, fields.text("UniqueSharingId") or ""]
    if link is None:
        who = fields.text("TargetUserOrGroupName")
        if who is None:
            return ()
        path.append(who)
    told = {name: text for name in _FIELDS if (text := fields.text(name))}
    level = _LEVEL.search(fields.text("EventData") or "")
    if level:
        told[level[1]] = level[2]
    return (StatedChange("/".join(path), None, parts.json_text(told) if told else None),)
