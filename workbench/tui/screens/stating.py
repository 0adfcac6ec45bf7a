"""Stating a finding: the form, and what becomes of it."""

from __future__ import annotations

import contextlib
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from workbench.errors import WorkbenchError
from workbench.model.claim import Confidence, Likelihood
from workbench.model.finding import Authority, Effect, Impact
from workbench.tui.drafts import KEEP, FieldsKeeper, cannot_be_kept
from workbench.tui.screens import forms
from workbench.tui.screens.form import Form, FormScreen
from workbench.tui.screens.section import Section


class FindingForm(FormScreen):
    """The form of a finding: Esc leaves it as a draft, which survives the end of the program.

    Args:
        form: The form.
        keeper: Keeps what is typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "keep_draft", "Keep as draft")]
    ESC = "keep as draft"

    def __init__(self, form: Form, keeper: FieldsKeeper) -> None:
        super().__init__(form)
        self._keeper = keeper
        self._begun: dict[str, str] = {}
        self._unkept: dict[str, str] | None = None

    def on_mount(self) -> None:
        """Look now and then at what was typed."""
        self._begun = _typed(self.values)
        self.set_interval(KEEP, self._keep)

    async def _keep_now(self) -> None:
        typed = _typed(self.values)
        if typed != self._begun:
            self._begun = {}
            await self._keeper.keep(typed)

    @work(group="draft")
    async def _keep(self) -> None:
        if self.is_current:
            with contextlib.suppress(OSError):  # it is told when one leaves
                await self._keep_now()

    @work(group="leave", exclusive=True)
    async def action_keep_draft(self) -> None:
        """Close the form; what was typed comes back with it."""
        typed = self.values
        try:
            await self._keep_now()
        except OSError as error:
            if typed != self._unkept:
                self._unkept = typed
                self.tell(cannot_be_kept(error))
                return
        self.dismiss(None)

    def action_cancel(self) -> None:
        """Give the finding up, with its draft."""
        self._drop()

    @work(group="leave", exclusive=True)
    async def _drop(self) -> None:
        await self._keeper.drop()
        self.dismiss(None)


def _typed(said: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in said.items() if name != "examiner"}


async def state_finding(screen: Section, values: dict[str, str], about: str) -> str | None:
    """Ask for a finding and commit it; return its id. What was typed, or a rule refused, stays as a draft until then.

    Args:
        screen: Where it is asked.
        values: What is known of it.
        about: Reference or id of what it is about; empty if that is nothing.
    """
    case = screen.case
    try:
        drafts = await case.drafts()
    except WorkbenchError as error:
        screen.tell_problem(error)
        return None
    key = f"finding {about}"
    left = await drafts.kept_fields(key)
    keeper = FieldsKeeper(drafts, key, left)
    form = forms.new_finding(case.author, values | left, left=bool(left))
    said = await screen.app.push_screen_wait(FindingForm(form, keeper))
    if said is None:
        return None
    with contextlib.suppress(
        OSError
    ):  # it is lost only if it is refused, and the refusal says what was wrong
        await keeper.keep(_typed(said))
    try:
        name = await _commit(screen, said)
    except WorkbenchError as error:
        screen.tell_problem(error)
        return None
    await keeper.drop()
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
        shows=tuple(filter(None, [said["shows"].strip()])),
        gaps=tuple(said["gaps"].split()),
        coverage=said["coverage"] or None,
        authority=authority,
        basis=tuple(said["basis"].split()),
        likelihood=word("likelihood", Likelihood),  # type: ignore[arg-type]
        confidence=word("confidence", Confidence),  # type: ignore[arg-type]
        override=said["override"] or None,
    )
    return await screen.case.claims.commit_finding(wish, said["examiner"])
