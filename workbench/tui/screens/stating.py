"""Stating a finding: the form, and what becomes of it."""

from __future__ import annotations

from workbench.errors import WorkbenchError
from workbench.model.claim import Confidence, Likelihood
from workbench.model.finding import Authority, Effect, Impact
from workbench.tui.screens import forms
from workbench.tui.screens.form import FormScreen
from workbench.tui.screens.section import Section


async def state_finding(screen: Section, values: dict[str, str], draft: str) -> str | None:
    """Ask for a finding and commit it; return its id. What a rule refuses stays as a draft.

    Args:
        screen: Where it is asked.
        values: What is known of it.
        draft: Key under which what was typed is kept.
    """
    case = screen.case
    given = values | case.drafts.get(draft, {})
    said = await screen.app.push_screen_wait(FormScreen(forms.new_finding(case.author, given)))
    if said is None:
        return None
    case.drafts[draft] = {name: text for name, text in said.items() if name != "examiner"}
    try:
        name = await _commit(screen, said)
    except WorkbenchError as error:
        screen.tell_problem(error)
        return None
    case.drafts.pop(draft, None)
    case.acting = said["examiner"]
    screen.notify(f"finding {name} is in the journal", markup=False, timeout=4)
    return name


async def _commit(screen: Section, said: dict[str, str]) -> str:
    from workbench.casework.finding import FindingWish

    def word(name: str, kind: type[Impact] | type[Likelihood] | type[Confidence]) -> object:
        text = said[name].casefold()
        if not text:
            return None
        found = [each for each in kind if each.value.startswith(text)]
        if not found:
            raise WorkbenchError(f"{name} is one of {', '.join(each.value for each in kind)}")
        return found[0]

    authority = next(
        (
            each
            for each in Authority
            if said["authority"] and each.value.startswith(said["authority"].casefold())
        ),
        Authority.UNDETERMINED,
    )
    wish = FindingWish(
        subject=said["subject"],
        verb=said["verb"],
        objects=tuple(said["objects"].split()),
        effect=Effect(said["effect"].upper()),
        start=said["start"] or None,
        end=said["end"] or None,
        impact=word("impact", Impact),  # type: ignore[arg-type]
        text=said["text"],
        cites=tuple(said["cites"].split()),
        gaps=tuple(said["gaps"].split()),
        coverage=said["coverage"] or None,
        authority=authority,
        basis=tuple(said["basis"].split()),
        likelihood=word("likelihood", Likelihood),  # type: ignore[arg-type]
        confidence=word("confidence", Confidence),  # type: ignore[arg-type]
        override=said["override"] or None,
    )
    return await screen.case.claims.commit_finding(wish, said["examiner"])
