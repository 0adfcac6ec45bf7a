"""What the screens say of identities that bear one name, and of credentials that no event issued."""

from __future__ import annotations

import msgspec

from tests.tui.fake_derived import Derivation
from workbench.model.session import KnownCredential, KnownIdentity, Strength
from workbench.search import parse
from workbench.tui.glyphs import UNICODE
from workbench.tui.lines.document import Line
from workbench.tui.lines.identities import identity_lines
from workbench.tui.lines.links import Naming
from workbench.tui.reading.derived import Named
from workbench.tui.tables.credentials import credential_lines
from workbench.tui.tables.identities import IdentityRows, events_of
from workbench.tui.zones import UTC

OLD, NEW = "AIDA2ZQ7KXN4VBT6MWPCD", "AIDA5HJ3RLY8GFS9TQXEU"


def text(lines: list[Line]) -> str:
    return "\n".join("".join(span.text for span in line.spans) for line in lines)


def bearers() -> list[KnownIdentity]:
    """One name, borne by two unique ids and by records that hold none."""
    first = Derivation().identities[0]
    made = [
        msgspec.structs.replace(first, id=f"I-{number}", unique_id=unique)
        for number, unique in enumerate((OLD, NEW, None))
    ]
    ids = [one.id for one in made]
    return [
        msgspec.structs.replace(one, namesakes=tuple(each for each in ids if each != one.id)) for one in made
    ]


def test_those_who_bear_one_name_are_told_apart_in_the_list_and_in_the_details() -> None:
    found = bearers()
    rows = IdentityRows(found, [], UTC)
    shown = ["".join(cell.text for cell in rows.cells(row, 160)) for row in range(3)]
    assert all(mark in line for mark, line in zip((OLD, NEW, "no unique id"), shown, strict=True))
    old = text(identity_lines(found[0], [], UTC, UNICODE, found[1:]))
    assert NEW in old
    assert "the unique ids differ" in old
    open_one = text(identity_lines(found[2], [], UTC, UNICODE, found[:2]))
    assert "which of 2 identities of this name they mean is not known" in open_one
    alone = text(identity_lines(Derivation().identities[0], [], UTC, UNICODE))
    assert "namesakes" not in alone


def test_the_events_of_an_identity_are_asked_for_by_what_only_it_has() -> None:
    first, *_, nameless = bearers()
    assert events_of(first) == f'identity:"{OLD}"'
    assert OLD not in events_of(nameless)
    alone = msgspec.structs.replace(first, namesakes=())
    assert first.canonical in events_of(alone)
    assert OLD in events_of(alone)
    assert parse(events_of(alone)) is not None


def test_a_sign_in_that_opened_a_session_stands_with_its_strength() -> None:
    unissued = next(one for one in Derivation().credentials if one.issued_by is None)

    def shown(one: KnownCredential) -> str:
        return text(credential_lines(one, Naming(Named({}, {}, {}), UTC, UNICODE)))

    assert "issue not in the evidence" in shown(unissued)
    opened = msgspec.structs.replace(
        unissued,
        type="aws sign-in session",
        opened_by=4,
        opened_at=1_688_989_338_000_000,
        opened_strength=Strength.INFERRED,
    )
    assert "signed in" in shown(opened)
    assert "inferred" in shown(opened)
    assert "not in the evidence" not in shown(opened)
    assert "which sign-in opened it is not shown" in shown(msgspec.structs.replace(opened, opened_by=None))
