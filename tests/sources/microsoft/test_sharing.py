"""Sharing in SharePoint and OneDrive: the operation, the link, who, and how far, each under the record's own names."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.model.event import StatedChange
from workbench.sources.document import Document
from workbench.sources.microsoft.sharing import sharing_changes

ITEM = "https://example.sharepoint.com/a.docx"


def told(operation: str, **fields: object) -> tuple[StatedChange, ...]:
    return sharing_changes(Document({"ObjectId": ITEM, "Operation": operation, **fields}), operation)


@pytest.mark.parametrize(
    ("operation", "fields", "expected"),
    [
        ("AnonymousLinkCreated", {"EventData": "<Type>View</Type><X>1</X>"}, {"Type": "View"}),
        ("SharingLinkCreated", *[{"SharingLinkScope": "Users", "Permission": "View"}] * 2),
        ("CompanyLinkCreated", {}, None),
        ("SharingLinkDeleted", {}, None),
    ],
)  # fmt: skip
def test_links(operation: str, fields: dict[str, object], expected: object) -> None:
    [change] = told(operation, UniqueSharingId="u-1", **fields)
    assert (change.field, change.before) == (f"{operation}/u-1", None)
    assert (None if change.after is None else json.loads(change.after)) == expected


def test_access_by_a_link_and_without_one() -> None:
    [member] = told("AddedToSecureLink", UniqueSharingId="u-1", TargetUserOrGroupName="out@example.net")
    assert member == StatedChange("AddedToSecureLink/u-1/out@example.net")
    data = "<Permissions granted>Contribute</Permissions granted>"
    [change] = told("SharingSet", TargetUserOrGroupName="Site Members", EventData=data)
    assert change == StatedChange("SharingSet//Site Members", None, '{"Permissions granted":"Contribute"}')


def test_what_names_no_item_or_nobody_states_nothing() -> None:
    assert told("AddedToSecureLink") == ()
    assert told("FileAccessed", EventData="<Type>View</Type>") == ()
    assert told("SharingLinkUsed") == ()
    assert sharing_changes(Document({"Operation": "AnonymousLinkCreated"}), "AnonymousLinkCreated") == ()


@given(st.text(alphabet="<>/TypeEdit &;\n", max_size=60) | st.none() | st.integers())
def test_no_text_beside_an_event_raises(data: object) -> None:
    [change] = told("AnonymousLinkCreated", EventData=data)
    assert change.field == "AnonymousLinkCreated/"
    assert change.after is None or set(json.loads(change.after)) == {"Type"}
