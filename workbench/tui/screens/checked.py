"""Showing what the check behind the screens came to."""

from __future__ import annotations

from workbench.errors import WorkbenchError
from workbench.tui.checking import Outcome, Sureness
from workbench.tui.screens.section import Section
from workbench.tui.widgets.case_header import show_headers


def show_outcome(home: Section, outcome: Outcome) -> None:
    """Show it on every screen of a case; what is wrong stays on the one that is looked at until it is closed there.

    Args:
        home: The screen that lies under all others of the case.
        outcome: What came of the check.
    """
    case = home.case
    # Else the whole case was verified meanwhile, which says more.
    if case.checked.sureness is Sureness.CHECKING:
        case.checked = outcome
    show_headers(home.app, case)
    # A screen that is not laid out yet has no place for it.
    shown = [
        each
        for each in home.app.screen_stack
        if isinstance(each, Section) and each.case is case and each.query("#problem")
    ]
    problem = _problem(outcome)
    if problem is not None and shown:
        shown[-1].tell_problem(problem)


def _problem(outcome: Outcome) -> WorkbenchError | None:
    first, *more = outcome.wrong or ("",)
    if outcome.sureness is Sureness.UNSOUND:
        return WorkbenchError(
            f"THIS CASE FILE IS NOT SOUND: {first}" + (f" and {len(more):,} more" if more else ""),
            "rely on nothing it shows, keep it as it is and go on with a good copy; J, then V, says all that is wrong",
        )
    if outcome.sureness is Sureness.UNCHECKED:
        return WorkbenchError(f"the case file could not be checked: {first}", "J, then V, checks it again")
    return None
