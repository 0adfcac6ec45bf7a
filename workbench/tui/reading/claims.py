"""Reading what responders said in the background, and committing what they say: each in a thread, awaited by the screens."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from workbench.errors import WorkbenchError
from workbench.tui.reading.background import BackgroundReader
from workbench.tui.reading.sources import Cases, CaseSource

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.casefile.claims.reader import TagCounts
    from workbench.casefile.reader import CaseReader
    from workbench.casework.choosing import Chosen
    from workbench.casework.finding import FindingState, FindingWish
    from workbench.casework.history import Version
    from workbench.casework.tag import State, TagWish
    from workbench.claims.verdict import Refusal
    from workbench.model.claim import Kept, Tag
    from workbench.model.note import Note

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Said:
    """Everything that stands of what responders said, with what it lacks."""

    tags: tuple[State, ...]
    findings: tuple[FindingState, ...]
    counts: TagCounts


class ClaimReading:
    """The reading and the writing side of the tag dialog and of the screens of findings and notes."""

    def __init__(self, cases: Cases, path: Path) -> None:
        self._path = path
        self._reader = BackgroundReader(lambda: cases.open(path), "claims")

    def close(self) -> None:
        """Stop all reading."""
        self._reader.close()

    async def said(self) -> Said:
        """Read the standing tags and findings."""

        def work(reader: CaseReader) -> Said:
            from workbench.casework.finding import finding_states
            from workbench.casework.tag import states

            claims = reader.claims
            return Said(
                tuple(states(reader, claims.tags())),
                tuple(finding_states(reader, claims.findings())),
                claims.counts(reader.event_count()),
            )

        return await self._run(work)

    async def now(self, state: State) -> State:
        """Return how a tag stands, with what the links support of its events now."""

        def work(reader: CaseReader) -> State:
            from workbench.casework.tag import states_now

            return states_now(reader, [state.kept])[0]

        return await self._run(work)

    async def notes(self) -> list[Kept[Note]]:
        """Read the standing notes."""
        return await self._run(lambda reader: reader.claims.notes())

    async def history(self, name: str) -> list[Version]:
        """Read all versions of a tag, finding or note."""

        def work(reader: CaseReader) -> list[Version]:
            from workbench.casework.history import states_of

            return list(states_of(reader, name))

        return await self._run(work)

    async def numbers(self, versions: Sequence[Version]) -> dict[str, int]:
        """Return the row numbers of the events that versions cite, and of one event of each link, by reference."""

        def work(reader: CaseReader) -> dict[str, int]:
            from workbench.casework.history import cited_by, numbers_of

            return numbers_of(reader, [each for version in versions for each in cited_by(version)])

        return await self._run(work)

    async def choose(self, events: Sequence[int]) -> Chosen:
        """Look at events by their row numbers. Raises ``WorkbenchError``."""

        def work(reader: CaseReader) -> Chosen:
            from workbench.casework.choosing import chosen
            from workbench.model.claim import Choice

            return chosen(reader, events, Choice.LISTED, "")

        return await self._run(work)

    async def choose_session(self, session: str) -> Chosen:
        """Look at the own events of a session. Raises ``WorkbenchError``."""

        def work(reader: CaseReader) -> Chosen:
            from workbench.casework.choosing import choose

            return choose(reader, (session,))

        return await self._run(work)

    async def choose_filter(self, query: str) -> Chosen:
        """Look at the events that pass a filter. Raises ``WorkbenchError``."""

        def work(reader: CaseReader) -> Chosen:
            from workbench.casework.choosing import choose

            return choose(reader, (), query)

        return await self._run(work)

    async def check(self, found: Chosen, wish: TagWish, examiner: str) -> tuple[Tag, list[Refusal]]:
        """Return what a tag would be, and why it would be refused as it stands. Raises ``WorkbenchError``."""

        def work(reader: CaseReader) -> tuple[Tag, list[Refusal]]:
            from workbench.casework.tag import looked_at

            return looked_at(reader, found, wish, examiner)

        return await self._run(work)

    async def others_say(self, found: Chosen, examiner: str) -> list[str]:
        """Return what other people's tags say of events, in a line each. Raises ``WorkbenchError``."""

        def work(reader: CaseReader) -> list[str]:
            from workbench.casework.colleagues import others_say

            return list(others_say(reader, found.events, examiner))

        return await self._run(work)

    async def commit(self, found: Chosen, wish: TagWish, examiner: str) -> str:
        """Commit a tag on events that were looked at; return its id. Raises ``WorkbenchError``."""

        def work(reader: CaseReader) -> str:
            from workbench.casework.tag import commit_chosen

            return commit_chosen(reader, found, wish, actor=examiner).origin.id

        return await self._run(work)

    async def commit_finding(self, wish: FindingWish, examiner: str) -> str:
        """Commit a finding; return its id. Raises ``WorkbenchError``."""

        def work(reader: CaseReader) -> str:
            from workbench.casework.finding import commit_finding

            return commit_finding(reader.path, wish, actor=examiner).origin.id

        return await self._run(work)

    async def write_note(
        self,
        text: str,
        examiner: str,
        *,
        refers_to: str = "",
        on: Sequence[str] = (),
        supersedes: str | None = None,
    ) -> str:
        """Write a note; return its id. Raises ``WorkbenchError``."""

        def work(reader: CaseReader) -> str:
            from workbench.casework.note import write_note

            done = write_note(
                reader.path, text, actor=examiner, refers_to=refers_to or None, on=on, supersedes=supersedes
            )
            return done.origin.id

        return await self._run(work)

    async def review(self, name: str, examiner: str, *, approves: bool, text: str) -> None:
        """Sign a tag or finding as a second person, or object to it. Raises ``WorkbenchError``."""

        def work(reader: CaseReader) -> None:
            from workbench.casework.tag import review

            review(reader.path, name, actor=examiner, approves=approves, text=text)

        await self._run(work)

    async def retract(self, name: str, examiner: str, reason: str) -> None:
        """Take something back. Raises ``WorkbenchError``."""

        def work(reader: CaseReader) -> None:
            from workbench.casework.tag import retract

            retract(reader.path, name, reason, actor=examiner)

        await self._run(work)

    async def reaffirm(self, name: str, examiner: str, reason: str) -> None:
        """Say a stale tag again. Raises ``WorkbenchError``."""

        def work(reader: CaseReader) -> None:
            from workbench.casework.tag import reaffirm

            reaffirm(reader.path, name, reason, actor=examiner)

        await self._run(work)

    async def _run(self, work: Callable[[CaseReader], T]) -> T:
        def narrowed(source: CaseSource) -> T:
            from workbench.casefile.reader import CaseReader

            if not isinstance(source, CaseReader):
                raise WorkbenchError("this case keeps no record of what responders say")
            return work(source)

        return await self._reader.run(narrowed)
