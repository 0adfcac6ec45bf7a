"""The way between the places of a case: a trail of places that were followed, and the screen of each."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from workbench.tui.open_case import OpenCase
from workbench.tui.places import (
    ChangePlace,
    ChangesPlace,
    ComparePlace,
    ContentPlace,
    CoveragePlace,
    CredentialsPlace,
    EventPlace,
    FindingsPlace,
    HistoryPlace,
    IdentitiesPlace,
    JournalPlace,
    LeftBehindPlace,
    LineagePlace,
    NotesPlace,
    Place,
    SessionsPlace,
    TimelinePlace,
)
from workbench.tui.screens.section import Section

_SCREENS: dict[type[Place], tuple[str, str]] = {
    SessionsPlace: ("sessions", "SessionsScreen"),
    ContentPlace: ("content", "ContentScreen"),
    LineagePlace: ("lineage", "LineageScreen"),
    EventPlace: ("event", "EventScreen"),
    IdentitiesPlace: ("identities", "IdentitiesScreen"),
    CredentialsPlace: ("credentials", "CredentialsScreen"),
    ChangesPlace: ("resources", "ResourcesScreen"),
    ChangePlace: ("change", "ChangeScreen"),
    LeftBehindPlace: ("left_behind", "LeftBehindScreen"),
    ComparePlace: ("compare", "CompareScreen"),
    CoveragePlace: ("coverage", "CoverageScreen"),
    FindingsPlace: ("findings", "FindingsScreen"),
    NotesPlace: ("notes", "NotesScreen"),
    HistoryPlace: ("history", "HistoryScreen"),
    JournalPlace: ("journal", "JournalScreen"),
}
"""Module and name of the screen of each place but the timeline."""


class Navigator:
    """Implements ``places.Navigation`` over the stack of screens: the timeline, and at most one section over it.

    Args:
        home: The screen of the timeline, which lies under all others of the case.
        show_timeline: Applies what a place of the timeline asks for.
        case: The case.
    """

    def __init__(self, home: Section, show_timeline: Callable[[TimelinePlace], None], case: OpenCase) -> None:
        self._home = home
        self._show_timeline = show_timeline
        self._case = case
        self._trail: list[Place] = []

    def go(self, place: Place) -> None:
        """Follow a link to a place."""
        if not self._trail or self._trail[-1] != place:
            self._trail.append(place)
        self._show(place)

    def jump(self, place: Place) -> None:
        """Go to a section and forget the way."""
        self._trail = [] if isinstance(place, TimelinePlace) else [place]
        self._show(place)

    def back(self) -> bool:
        """Return to where one came from; false if one came from nowhere."""
        if not self._trail:
            return False
        self._trail.pop()
        # The filter and the cursor of the timeline are as they were left; they are not set a second time.
        before = self._trail[-1] if self._trail else TimelinePlace()
        self._show(TimelinePlace() if isinstance(before, TimelinePlace) else before)
        return True

    def _show(self, place: Place) -> None:
        app = self._home.app
        over = isinstance(app.screen, Section) and app.screen is not self._home
        if isinstance(place, TimelinePlace):
            if over:
                app.pop_screen()
            self._show_timeline(place)
        elif over:
            app.switch_screen(self._screen(place))
        else:
            app.push_screen(self._screen(place))

    def _screen(self, place: Place) -> Section:
        # Loaded when first needed, so that opening a case does not wait for screens that nobody has asked for.
        module, name = _SCREENS[type(place)]
        screen: Section = getattr(import_module(f"workbench.tui.screens.{module}"), name)(self._case, place)
        return screen
