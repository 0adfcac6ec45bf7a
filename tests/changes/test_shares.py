"""Who has access to a thing: given, changed and taken away, user by user and link by link; and what of it is left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.changes.test_stated import changed, stated, text
from workbench.changes.chain import chained
from workbench.changes.exposure import exposures
from workbench.changes.shares import NO_LEVEL
from workbench.changes.values import text_of
from workbench.model.change import Basis, ExposureKind, Operation, Placed, Statement
from workbench.model.event import Act, OutcomeStatus, Resource, Verb

LEVELS = ("none", "freebusy", "read", "editor", "owner")


@given(st.lists(st.tuples(st.sampled_from(["eve", "bob"]), st.sampled_from(LEVELS)), max_size=8))
def test_access_to_a_calendar_is_followed_user_by_user(steps: list[tuple[str, str]]) -> None:
    act = Act("calendar", "change_calendar_acls", Verb.DELEGATE, "t")
    calendar = Resource("calendar:calendar", "ada@example.com")
    changes = changed(
        *(
            stated("workspace.activity", act, calendar, (f"access_level/{who}", None, level))
            for who, level in steps
        )
    )
    levels: dict[str, str] = {}
    for change, (who, level) in zip(changes, steps, strict=True):
        assert change.before == text(levels.get(who))
        assert change.before_basis is (Basis.RECONSTRUCTED if who in levels else Basis.UNKNOWN)
        assert change.after == text(level)
        levels[who] = level
    found = exposures(changes, accounts=frozenset(), tampering=frozenset())
    assert {each.kind for each in found} <= {ExposureKind.SHARED}
    still = [each for each in found if each.undone_by is None]
    assert {who for who in levels if any(f"access of {who}:" in each.what for each in still)} == {
        who for who, level in levels.items() if level != "none"
    }


FILE = Resource("sharepoint:file", "https://example.sharepoint.com/a.docx")


def shared(operation: str, path: str = "/", after: object = None) -> list[Statement]:
    act = Act("SharePoint", operation, Verb.DELEGATE, "t")
    return stated("m365.ual", act, FILE, (operation + path, None, after))


@pytest.mark.parametrize(
    ("operation", "after", "value", "remark"),
    [
        ("AnonymousLinkCreated", {"Type": "View"}, {"access": "View", "for": "anyone"}, None),
        ("AnonymousLinkUpdated", {"Type": "Edit"}, {"access": "Edit", "for": "anyone"}, None),
        ("CompanyLinkCreated", None, {"for": "organisation"}, NO_LEVEL),
        ("SecureLinkCreated", None, {"for": "named people"}, NO_LEVEL),
        ("SharingLinkCreated", {"SharingLinkScope": "Users", "Permission": "x"}, {"access": "x", "for": "named people"}, None),
        ("SharingLinkCreated", {"SharingLinkScope": "Unheard"}, {"for": "Unheard"}, NO_LEVEL),
        ("SharingLinkCreated", None, None, NO_LEVEL),
    ],
)  # fmt: skip
def test_whom_a_link_serves_and_how_far(
    operation: str, after: object, value: dict[str, str] | None, remark: str | None
) -> None:
    [statement] = shared(operation, "/u-1", after)
    assert (statement.field, statement.operation) == ("sharing link u-1", Operation.SET)
    assert statement.after == (None if value is None else text_of(value))
    assert statement.remark == remark


def test_a_link_and_access_by_it_are_made_and_end() -> None:
    steps = (
        shared("AnonymousLinkCreated", "/u-1", {"Type": "View"}),
        shared("AddedToSecureLink", "/u-2/out@example.net", {"Type": "Edit"}),
        shared("AddedToSecureLink", "/u-3/out@example.net"),
        shared("RemovedFromSecureLink", "/u-2/out@example.net"),
        shared("AnonymousLinkRemoved", "/u-1", {"Type": "View"}),
        shared("SharingSet", "/a/b", {"Permissions granted": "Read"}),
    )
    changes = changed(*steps)
    assert [(each.field, each.operation, each.before) for each in changes] == [
        ("sharing link u-1", Operation.SET, None),
        ("access of out@example.net by link u-2", Operation.SET, None),
        ("access of out@example.net by link u-3", Operation.SET, None),
        ("access of out@example.net by link u-2", Operation.CLEAR, '"Edit"'),
        ("sharing link u-1", Operation.CLEAR, '{"access":"View","for":"anyone"}'),
        ("access of b by link a", Operation.SET, None),
    ]
    assert changes[2].after is None
    assert NO_LEVEL in changes[2].caveats


def test_what_is_named_without_values_is_no_share() -> None:
    act = Act("AzureActiveDirectory", "Update user.", Verb.UPDATE, "t")
    [named] = stated("m365.ual", act, Resource("entra:User", "u"), ("UsageLocation", None, None))
    assert (named.field, named.operation, named.after) == ("UsageLocation", Operation.SET, None)
    assert named.remark == "the log names the field and no value"


@given(
    st.sampled_from(["Update user.", "SharingSet", "AnonymousLinkCreated", "Removedlink"]),
    st.text(alphabet="aSharingSet/", max_size=14) | st.sampled_from(["SharingSet//a", "AnonymousLinkCreated/"]),
    st.none() | st.sampled_from(["Type", "Permission", 7, ["Type"], {"Type": ["x"]}, {"Permission": None}]),
)  # fmt: skip
def test_only_an_operation_of_sharing_shares(action: str, field: str, value: object) -> None:
    [statement] = stated("m365.ual", Act("x", action, Verb.UPDATE, "t"), FILE, (field, None, value))
    of_sharing = field.startswith(f"{action}/") and action in ("SharingSet", "AnonymousLinkCreated")
    assert (statement.field == field) == (not of_sharing)


def test_what_came_at_one_instant_in_no_known_order_undoes_nothing() -> None:
    act = Act("calendar", "change_calendar_acls", Verb.DELEGATE, "t")
    calendar = Resource("calendar:calendar", "ada@example.com")
    for levels in (("read", "none"), ("none", "read")):
        placed = (
            Placed(event, 0, 1_000_000, False, OutcomeStatus.SUCCESS, f"m{event}", statement)
            for event, level in enumerate(levels, 1)
            for statement in stated("workspace.activity", act, calendar, ("access_level/eve", None, level))
        )
        [left] = exposures(chained(placed), accounts=frozenset(), tampering=frozenset())
        assert left.what.startswith("access of eve: read")
        assert left.undone_by is None
