"""The command palette: everything a case screen can do, by name."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

from workbench.tui.screens.case import CaseScreen
from workbench.tui.screens.picker import PickerScreen
from workbench.tui.screens.section import Section


class Command(NamedTuple):
    """A line of the palette: ``area: verb``, what it does, how."""

    name: str
    help: str
    run: IgnoreReturnCallbackType


class WorkbenchCommands(Provider):
    """Offers what the screen below the palette can do."""

    def _commands(self) -> list[Command]:
        screen = self.screen
        if isinstance(screen, PickerScreen):
            return [
                Command("case: new", "Make a case file", screen.action_new_case),
                Command(
                    "case: open a path", "Type the path of a case file or a folder", screen.action_focus_path
                ),
                Command("case: look again", "Read the folder again", screen.action_look_again),
            ]
        if not isinstance(screen, Section):
            return []
        return [*self._of_screen(screen), *_sections(screen)]

    def _of_screen(self, screen: Section) -> list[Command]:
        # Loaded when the palette is first opened: no case waits for screens that nobody has asked for.
        from workbench.tui.screens.coverage import CoverageScreen
        from workbench.tui.screens.identities import IdentitiesScreen
        from workbench.tui.screens.sessions import SessionsScreen

        if isinstance(screen, SessionsScreen):
            return [
                Command(
                    "sessions: filter", "Words in identity, session, key or id", screen.action_edit_filter
                ),
                Command(
                    "sessions: those of the timeline",
                    "Only with events that pass its filter",
                    screen.action_narrow,
                ),
                Command("sessions: order", "By start or by events", screen.action_turn_order),
                Command("session: lineage", "What led to it, what came of it", screen.action_show_lineage),
                Command("session: in the timeline", "Its events", screen.action_show_in_timeline),
                Command("session: copy id", "For a filter or a command", screen.action_copy_id),
                Command("session: against before", "What is new in it", screen.action_compare),
                Command("session: mark", "To put another one beside it", screen.action_mark),
                Command("session: left behind", "And whether it was undone", screen.action_show_left_behind),
                Command("lanes: show or hide", "Sessions over time, or words", screen.action_turn_lanes),
                Command("lanes: all", "All sessions over time", screen.action_fit),
                Command("sessions: derive anew", "From all evidence", screen.action_derive),
            ]
        if isinstance(screen, IdentitiesScreen):
            return [
                Command("identities: filter", "Words in names and ids", screen.action_edit_filter),
                Command(
                    "identities: accept", "Two are one; journalled", partial(screen.action_decide, "merge")
                ),
                Command(
                    "identities: keep apart",
                    "Two are not one; journalled",
                    partial(screen.action_decide, "apart"),
                ),
                Command(
                    "identities: open again",
                    "Takes a decision back; journalled",
                    partial(screen.action_decide, "undecided"),
                ),
                Command("identity: in the timeline", "Its events", screen.action_show_in_timeline),
                Command("sessions: derive anew", "From all evidence", screen.action_derive),
            ]
        if isinstance(screen, CoverageScreen):
            return [
                Command("coverage: filter", "Words in logs and gaps", screen.action_edit_filter),
                Command(
                    "coverage: in the timeline", "The records of the cell", screen.action_show_in_timeline
                ),
                Command("gap: dispute", "It is none; journalled", partial(screen.action_say, "disputed")),
                Command("gap: accept", "It stands; journalled", partial(screen.action_say, "accepted")),
                Command("gap: close", "It was closed; journalled", partial(screen.action_say, "closed")),
                Command("gap: letter", "Ask the custodian for what closes it", screen.action_write_letter),
                Command("gap: copy letter", "For a mail or a document", screen.action_copy_letter),
            ]
        if not isinstance(screen, CaseScreen):
            return []
        only = screen.action_apply_filter
        return [
            Command("filter: edit", "Narrow the timeline by a query", screen.action_edit_filter),
            Command("filter: clear", "Show all events", screen.action_clear_filter),
            Command(
                "filter: tampering with logs",
                "Acts that weaken or stop logging",
                partial(only, "tampers:true"),
            ),
            Command(
                "filter: credentials and grants",
                "Acts that issue credentials, delegate rights or sign in",
                partial(only, "verb:(issue_credential OR delegate OR authenticate)"),
            ),
            Command("filter: secrets read", "Acts that read secrets", partial(only, "verb:read_secret")),
            Command("filter: denied", "Acts that were refused", partial(only, "outcome:denied")),
            Command(
                "filter: changes",
                "Acts that change something",
                partial(only, "verb:(create OR update OR delete)"),
            ),
            Command("time: go to", "Go to an instant", screen.action_go_to_time),
            Command("time: bars", "Zoom, pan, select a stretch of time", screen.action_focus_time),
            Command("view: detail", "Everything about the event under the cursor", screen.action_open_detail),
            Command("event: session", "The session of the event", screen.action_show_session),
            Command("event: diff", "What it changed, before and after", screen.action_show_change),
            Command("event: lineage", "What led to it, what came of it", screen.action_show_lineage),
            Command("tag: attributed", "Whose act it was, proven", partial(screen.action_tag, "attributed")),
            Command("tag: inferred", "Better than the alternatives", partial(screen.action_tag, "inferred")),
            Command("tag: unproven", "Considered, and left open", partial(screen.action_tag, "unproven")),
            Command("tag: excluded", "Whose act it was not", partial(screen.action_tag, "excluded")),
            Command("filter: untagged", "What nobody has tagged", partial(only, "tag:untagged")),
            Command("finding: state", "Of the event under the cursor", screen.action_state_finding),
            Command("copy: reference", "The full reference of the event", screen.action_copy_reference),
            Command("record: reveal secrets", "Show masked secrets; journalled", screen.action_reveal),
            Command("evidence: list", "Every file with its accounting", screen.action_show_evidence),
            Command("evidence: add", "Add files, folders or archives of logs", screen.action_add_evidence),
            Command("case: leave", "Back to the list of cases", screen.action_leave),
        ]

    async def discover(self) -> Hits:
        """Offer all commands before anything is typed."""
        for command in self._commands():
            yield DiscoveryHit(command.name, command.run, help=command.help)

    async def search(self, query: str) -> Hits:
        """Offer the commands whose name or help fits."""
        matcher = self.matcher(query)
        for command in self._commands():
            score = max(matcher.match(command.name), matcher.match(command.help) * 0.7)
            if score > 0:
                yield Hit(score, matcher.highlight(command.name), command.run, help=command.help)


def _sections(screen: Section) -> list[Command]:
    """Return what every screen of a case offers."""
    go = screen.action_section
    return [
        Command("section: timeline", "All events", partial(go, "timeline")),
        Command("section: sessions", "Who held which credential, as a tree", partial(go, "sessions")),
        Command("section: changes", "Resources, before and after", partial(go, "changes")),
        Command("section: coverage", "What was logged, what cannot be shown", partial(go, "coverage")),
        Command("section: findings", "Findings and tags with what they lack", partial(go, "findings")),
        Command("section: notes", "What responders wrote", partial(go, "notes")),
        Command("note: quick", "One line, from anywhere", screen.action_quick_note),
        Command("note: write", "Markdown on the whole screen", screen.action_edit_note),
        Command("section: identities", "Names over time, proposed matches", partial(go, "identities")),
        Command("section: credentials", "Issue, age, use", partial(go, "credentials")),
        Command("zone: switch", "Between UTC and another zone", screen.action_switch_zone),
        Command("zone: choose", "Name the zone on show", screen.action_choose_zone),
    ]
