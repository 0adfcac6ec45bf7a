"""Notes: what responders write down, when, and what it is about. A correction supersedes; both stay readable."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import Path

import msgspec

from workbench.casefile.reader import CaseReader
from workbench.casework.citing import cite_all, mentions, standing
from workbench.casework.moments import written_time
from workbench.casework.tag import commit
from workbench.clock import Clock
from workbench.errors import UnknownReferenceError, WorkbenchError
from workbench.journal.entry import EntryKind, Json
from workbench.model.claim import Kept
from workbench.model.note import Note
from workbench.text import printable


def write_note(
    case: Path,
    text: str,
    *,
    actor: str,
    refers_to: str | None = None,
    on: Iterable[str] = (),
    supersedes: str | None = None,
    clock: Clock | None = None,
) -> Kept[Note]:
    """Write a note; it is durable when this returns.

    Args:
        case: The case file.
        text: Markdown.
        actor: Who writes.
        refers_to: The time it is about, if that is not now.
        on: References and ids of what it is about; those that stand in the text are taken too, if the case has them.
        supersedes: Id of the note that it corrects: what is not given stays as it was there.
        clock: Where the time of writing comes from.

    Raises:
        WorkbenchError: If there is no text, or the time cannot be read.
        UnknownReferenceError: If something that it is on is not in the case.
        CaseFileError: If the case cannot be written.
    """
    text = "\n".join(printable(line) for line in text.strip().splitlines())
    if not text:
        raise WorkbenchError("the note is empty", "write something")
    with CaseReader.open(case) as reader:
        before = None if supersedes is None else standing(reader, supersedes)
        if before is not None and not isinstance(before.body, Note):
            raise UnknownReferenceError(f"{supersedes} is no note", "give the id of a note, N-…")
        old = Note(text="") if before is None else before.body
        named = cite_all(reader, on) or old.on
        refs = {each.ref for each in named}
        for mention in mentions(text):
            try:
                (found,) = cite_all(reader, [mention])
            except UnknownReferenceError:
                continue  # a text may speak of what is not in the case
            if found.ref not in refs:
                named = (*named, found)
                refs.add(found.ref)
        note = Note(text=text, refers_to=written_time(refers_to) or old.refers_to, on=named)
        body: dict[str, Json] = {
            "supersedes": None if before is None else before.origin.entry,
            "note": msgspec.to_builtins(note),
        }
        place = commit(case, EntryKind.NOTE_WRITTEN, body, actor, clock)
        return reader.claims.committed(place, "note")


def search_notes(notes: Iterable[Kept[Note]], words: str) -> list[Kept[Note]]:
    """Return the notes that hold every word, anywhere in their text, their author or what they are about.

    Case, accents and the width of letters do not count. A case has few notes, so they are read through.
    """
    wanted = _folded(words).split()
    found = []
    for kept in notes:
        told = [kept.body.text, kept.origin.author, kept.origin.id]
        told += [f"{each.ref} {each.says}" for each in kept.body.on]
        text = _folded("\n".join(told))
        if all(word in text for word in wanted):
            found.append(kept)
    return found


def _folded(text: str) -> str:
    """Return a text as it is looked through: in the form NFKD (Unicode Standard Annex #15), without combining marks and case."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(each for each in plain if not unicodedata.combining(each))
