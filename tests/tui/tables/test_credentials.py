"""The table of credentials: when each was issued, and of a sign-in how well that is shown."""

from __future__ import annotations

import msgspec
import pytest
from rich.cells import cell_len

from tests.tui.fake_derived import Derivation
from workbench.model.session import KnownCredential, Strength
from workbench.tui.tables.credentials import CredentialRows
from workbench.tui.zones import UTC


def credential(**changes: object) -> KnownCredential:
    plain = next(one for one in Derivation().credentials if one.issued_by is not None)
    return msgspec.structs.replace(plain, **changes)


def shown(one: KnownCredential, width: int = 180) -> str:
    return "".join(cell.text for cell in CredentialRows([one], UTC).cells(0, width))


def test_a_sign_in_is_shown_with_how_well_it_is() -> None:
    issued = credential()
    assert issued.issued_at is not None
    when = UTC.text(issued.issued_at)
    assert f"{when}  " in shown(issued)
    none = {"issued_at": None, "issued_by": None}
    for strength in (Strength.INFERRED, Strength.PROVEN):
        opened = credential(**none, opened_at=issued.issued_at, opened_by=7, opened_strength=strength)
        assert f"{when} {strength.value}" in shown(opened)
    assert when not in shown(credential(**none))


@pytest.mark.parametrize("width", [80, 100, 120, 150, 200])
def test_cells_stand_under_their_titles(width: int) -> None:
    one = credential(
        issued_at=None,
        issued_by=None,
        opened_at=0,
        opened_by=7,
        opened_strength=Strength.INFERRED,
        warnings=(),
    )
    (title,) = CredentialRows([one], UTC).heading(width)
    row = shown(one, width)
    assert one.last is not None
    assert cell_len(row.partition(UTC.text(one.last))[0]) == cell_len(title.text.partition("last use")[0])
