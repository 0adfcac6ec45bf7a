"""Showing the secrets of a record, after a confirmation that is journalled."""

from __future__ import annotations

import asyncio

from workbench.errors import WorkbenchError
from workbench.tui.screens import forms
from workbench.tui.screens.form import FormScreen
from workbench.tui.screens.section import Section
from workbench.tui.widgets.event_detail import EventDetail


async def reveal(screen: Section, detail: EventDetail) -> bool:
    """Ask, journal and show the record in the details with its secrets; return whether the journal has a new entry."""
    stored, record, case = detail.event, detail.record, screen.case
    if stored is None or record is None or not record.secrets:
        return False
    values = await screen.app.push_screen_wait(FormScreen(forms.reveal(record.secrets, case.examiner)))
    if values is None:
        return False
    case.examiner = values["examiner"]
    try:
        data = await asyncio.to_thread(case.cases.reveal, case.path, stored.ref, case.examiner)
    except WorkbenchError as error:
        screen.tell_problem(error)
        return False
    await detail.show_revealed(stored, data)
    return True
