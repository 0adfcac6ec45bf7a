"""The questions that the screens ask, each as a form."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Mapping
from pathlib import Path

from workbench import clock
from workbench.casework import actor
from workbench.casework.as_json import time_text
from workbench.errors import QueryError
from workbench.model.case import StoredEvent
from workbench.model.event import OutcomeStatus
from workbench.model.session import KnownIdentity
from workbench.search import parse
from workbench.search.query import TimeRange
from workbench.sessions.identities import unlike
from workbench.text import visible
from workbench.tui.drafts import Draft
from workbench.tui.screens.form import Field, Form
from workbench.tui.timeline import Timeline
from workbench.tui.zones import UnknownZoneError, Zone, named_zone

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\Z")


def new_case(folder: Path) -> Form:
    """Ask for what a new case needs."""

    def verdict(values: dict[str, str]) -> tuple[str, bool]:
        path = case_path(folder, values)
        if path.exists():
            return f"{visible(str(path))} exists already: choose another file name", False
        if values["logs"] and not Path(values["logs"]).expanduser().exists():
            return f"{visible(values['logs'])} does not exist", False
        return f"makes {visible(str(path))}", True

    fields = (
        Field("title", "title", placeholder="ACME 2023-07", required=True),
        Field(
            "examiner",
            "examiner",
            os.environ.get(actor.VARIABLE, ""),
            placeholder="your name, as it will stand in the journal",
            required=True,
        ),
        Field("name", "file name", placeholder="made from the title if empty"),
        Field("logs", "logs", placeholder="a file or folder to add at once, may be empty"),
    )
    return Form("New case", fields, "Create", verdict=verdict)


def case_path(folder: Path, values: dict[str, str]) -> Path:
    """Return where the case of a filled-in form will stand: a name made from the title unless one was given."""
    if not values.get("name"):
        from workbench.casework.new_case import default_path

        return default_path(values["title"], folder)
    path = Path(values["name"]).expanduser()
    if path.suffix != ".case":
        path = path.with_name(path.name + ".case")
    return path if path.is_absolute() else folder / path


def add_evidence(examiner: str) -> Form:
    """Ask what to add, and what is known of its acquisition."""

    def verdict(values: dict[str, str]) -> tuple[str, bool]:
        if not values["path"]:
            return "", False
        path = Path(values["path"]).expanduser()
        if not path.exists():
            return f"{visible(str(path))} does not exist", False
        return ("adds every file of the folder" if path.is_dir() else "adds the file"), True

    fields = (
        Field("path", "file or folder", placeholder="type, paste or drop a path", required=True),
        Field("examiner", "added by", value=examiner, required=True),
        Field("custodian", "custodian", placeholder="who held it before"),
        Field("acquired_by", "acquired by", placeholder="who acquired it"),
        Field("acquired_at", "acquired at", placeholder="2023-07-12T09:30:00Z"),
        Field("how", "how", placeholder="aws s3 sync, export from the console …"),
        Field("note", "note"),
        Field("timezone", "time zone", placeholder="of times that have none: Europe/Berlin"),
        Field("mapping", "mapping file", placeholder="for a log that no reader knows"),
    )
    explanation = (
        "The bytes are kept in the case file as they are, with their SHA-256. The originals are not touched."
    )
    return Form("Add evidence", fields, "Add", explanation, verdict)


def go_to_time(timeline: Timeline, zone: Zone, current: int | None) -> Form:
    """Ask for an instant."""

    def verdict(values: dict[str, str]) -> tuple[str, bool]:
        if not values["time"]:
            return "", False
        try:
            micros = read_time(values["time"], zone, current)
        except QueryError as error:
            return visible(str(error)), False
        row = timeline.row_at(micros)
        other = f" = {zone.text(micros)} {zone.name}" if zone.name != "UTC" else ""
        place = f"row {row + 1:,} of {len(timeline):,}" if row < timeline.dated else "after the last event"
        return f"{clock.rfc3339(micros)}{other}   {place}", True

    day = f"11:42 (on the day of the cursor, {zone.name})" if current is not None else "11:42"
    fields = (
        Field("time", "time", placeholder=f"2023-07-10, 2023-07-10T11:42 (UTC) or {day}", required=True),
    )
    return Form("Go to time", fields, "Go", verdict=verdict)


def as_of(zone: Zone, current: int | None) -> Form:
    """Ask for the instant of which a state is to be shown; nothing stands for the end of the evidence."""

    def verdict(values: dict[str, str]) -> tuple[str, bool]:
        if not values["time"]:
            return "the state at the end of the evidence", True
        try:
            micros = read_time(values["time"], zone, current)
        except QueryError as error:
            return visible(str(error)), False
        other = f" = {zone.text(micros)} {zone.name}" if zone.name != "UTC" else ""
        return f"{clock.rfc3339(micros)}{other}", True

    day = f" or 11:42 (on the day of its last change, {zone.name})" if current is not None else ""
    fields = (Field("time", "time", placeholder=f"2023-07-10, 2023-07-10T11:42 (UTC){day}"),)
    explanation = "Only what happened up to that instant; empty: the end of the evidence."
    return Form("State as of", fields, "Show", explanation, verdict)


def read_time(text: str, zone: Zone, current: int | None) -> int:
    """Read an instant as a person types it.

    Args:
        text: ``11:42`` or ``11:42:18`` on the day of ``current`` in the zone on show, or whatever ``time:`` takes in
            a filter, which is UTC unless an offset says otherwise.
        zone: Zone on show.
        current: Instant of the cursor, microseconds UTC.

    Returns:
        Microseconds UTC.

    Raises:
        QueryError: If the text is no time.
    """
    match = _CLOCK.match(text.strip())
    if match and current is not None:
        hour, minute, second = (int(part or 0) for part in match.groups())
        if hour > 23 or minute > 59 or second > 59:
            raise QueryError(f"{text} is not a time of day", "write it as 11:42 or 11:42:18")
        day = clock.to_datetime(current + zone.offset(current))
        return zone.instant(dt.datetime(day.year, day.month, day.day, hour, minute, second))
    quoted = text.strip().replace('"', "")
    query = parse(f'time:"{quoted}"')
    if not isinstance(query, TimeRange) or query.low is None:
        raise QueryError(f"{text!r} is not a time", "write it as 2023-07-10T11:42")
    return query.low


def choose_zone(current: Zone) -> Form:
    """Ask for a time zone."""

    def verdict(values: dict[str, str]) -> tuple[str, bool]:
        if not values["zone"]:
            return "", False
        try:
            zone = named_zone(values["zone"])
        except UnknownZoneError as error:
            return visible(str(error)), False
        return f"times are shown in {zone.name}; filters and exports stay in UTC", True

    placeholder = "UTC, local, Europe/Berlin, +02:00"
    return Form(
        "Time zone on show",
        (Field("zone", f"now {current.name}", "", placeholder, required=True),),
        "Show",
        "",
        verdict,
    )


def reveal(secrets: int, examiner: str) -> Form:
    """Ask for confirmation before secrets are shown."""
    many = "1 secret" if secrets == 1 else f"{secrets:,} secrets"
    explanation = (
        f"This record holds {many}. Revealing shows the record as it was logged and writes into the journal who did "
        "so and when. The entry cannot be taken back."
    )
    return Form(
        "Reveal secrets", (Field("examiner", "your name", examiner, required=True),), "Reveal", explanation
    )


def stop_adding() -> Form:
    """Ask whether to leave while evidence is being added."""
    explanation = (
        "Evidence is still being added. Leaving stops it: files that were acknowledged stay, and adding the same "
        "path again goes on with the rest."
    )
    return Form("Stop adding and leave?", (), "Stop and leave", explanation)


def derive(examiner: str) -> Form:
    """Ask whether to derive sessions and links anew."""
    explanation = (
        "Sessions, links, identities and credentials are rebuilt from the evidence. Evidence and journal are not "
        "touched."
    )
    return Form(
        "Derive sessions and links",
        (Field("examiner", "your name", examiner, required=True),),
        "Derive",
        explanation,
    )


_DECIDED = {
    "merge": ("are one", "Accept: these identities are one", "Accept"),
    "apart": ("are not one", "Keep apart: these identities are not one", "Keep apart"),
    "undecided": (
        "are open again",
        "Open again: what was decided of these identities is taken back",
        "Open again",
    ),
}


def decide(examiner: str, one: str, other: str, *, word: str, known: Mapping[str, KnownIdentity]) -> Form:
    """Ask for a decision about two identities.

    Args:
        examiner: Who decides.
        one: Id of an identity.
        other: Id of the other, empty if it is still to be said.
        word: What is to be decided: ``merge``, ``apart`` or ``undecided``.
        known: The identities of the case by id.
    """
    said, title, button = _DECIDED[word]

    def verdict(values: dict[str, str]) -> tuple[str, bool]:
        ids = values["one"], values["other"]
        if not all(ids):
            return "", False
        for each in ids:
            if each not in known:
                return f"{visible(each)} is not an identity of this case: give its id (I-…)", False
        if ids[0] == ids[1]:
            return "these are one identity already", False
        pair = known[ids[0]], known[ids[1]]
        kinds = unlike(*pair) if word == "merge" else None
        warned = f". Careful: {kinds}" if kinds else ""
        return visible(f"{pair[0].canonical} and {pair[1].canonical} {said}{warned}"), True

    fields = (
        Field("one", "identity", one, required=True),
        Field("other", "and", other, placeholder="I-…, the id of the other", required=True),
        Field("reason", "reason", placeholder="what shows it: who said so, which record", required=True),
        Field("examiner", "your name", examiner, required=True),
    )
    explanation = (
        "The decision is written into the journal with your name. It lies over what the evidence says and changes no session, "
        "link or strength; a later decision supersedes it, and both stay readable."
    )
    return Form(title, fields, button, explanation, verdict)


def event_in_short(stored: StoredEvent) -> str:
    """Return time and act of an event."""
    act = stored.event.act
    return f"{time_text(stored.event.time) or 'no time'} {act.service} {act.action}"


def quick_note(examiner: str, draft: Draft, about: str = "", words: str = "") -> Form:
    """Ask for a note of one line.

    Args:
        examiner: Who writes.
        draft: What it begins with.
        about: What is under the cursor: a reference or an id.
        words: What that is, for people.
    """

    def verdict(said: dict[str, str]) -> tuple[str, bool]:
        return ("" if said["on"] else "on nothing: the note stands by itself"), True

    text, when, on = map(visible, (draft.text, draft.refers_to, draft.on))
    fields = (
        Field("text", "note", text, placeholder="what you saw, did or decided", required=True),
        Field("refers_to", "about time", when, placeholder="empty: now; else 2026-03-04T11:45"),
        Field("on", "on", on, placeholder="references and ids"),
        Field("examiner", "your name", examiner, required=True),
    )
    explanation = (
        "It goes into the journal as it stands and is never edited. N opens the editor for longer notes."
    )
    if draft.text:
        explanation += "\nA draft that was left: empty the note and press Esc to drop it."
    if words and about in draft.on.split():
        explanation += f"\nIt is on {about}, {visible(words)}: empty “on” to leave that out."
    return Form("Note", fields, "Write", explanation, verdict, cancel="Keep as draft")


def new_finding(examiner: str, values: dict[str, str], *, left: bool = False) -> Form:
    """Ask for a finding.

    Args:
        examiner: Who states it.
        values: What is known of it: of the event under the cursor, or of a draft.
        left: Whether it is a draft that was left.
    """

    def verdict(said: dict[str, str]) -> tuple[str, bool]:
        effect, act = said["effect"].upper(), said["authority"].casefold()
        if effect not in EFFECTS:
            return f"effect is one of {', '.join(EFFECTS)}", False
        if act and not any(each.startswith(act) for each in AUTHORITIES):
            return f"the act was one of {', '.join(AUTHORITIES)}", False
        return EFFECTS[effect], True

    def one(name: str, label: str, hint: str, *, required: bool = False) -> Field:
        return Field(name, label, values.get(name, ""), placeholder=hint, required=required)

    fields = (
        one("effect", "effect", "E0 E1 E2 E3 E4 EN EX", required=True),
        one("subject", "subject", "who or what acted", required=True),
        one("verb", "what was done", "read_secret", required=True),
        one("objects", "to what", "names of resources, parted by blanks", required=True),
        one("start", "from", "2026-03-04T11:40"),
        one("end", "to", ""),
        one("cites", "cites", "references and ids, parted by blanks"),
        one("shows", "document shows", "DOCUMENT: what it shows of the object"),
        one("gaps", "gaps", "G-…, what keeps more from being said"),
        one("coverage", "coverage", "for EX: what was logged throughout the period"),
        one("impact", "impact", "for E4: altered, deleted, disclosed, unavailable"),
        one("authority", "the act was", "authorised, unauthorised or undetermined"),
        one("basis", "basis of that", "a document or a record"),
        one("likelihood", "likelihood", "unlikely, roughly even chance, likely, very likely …"),
        one("confidence", "confidence", "low, moderate, high"),
        one("text", "in your words", "marked as yours wherever it is shown"),
        one("override", "override", "why it is committed against a rule; printed with it"),
        Field("examiner", "your name", examiner, required=True),
    )
    title = "Finding (a draft that was left)" if left else "Finding"
    return Form(title, fields, "State it", verdict=verdict, cancel="Drop")


def finding_values(stored: StoredEvent) -> dict[str, str]:
    """Return what an event says of a finding that cites it."""
    event = stored.event
    when = time_text(event.time) or ""
    succeeded = event.outcome.status is OutcomeStatus.SUCCESS
    return {
        "effect": "E2" if succeeded else "E1",
        "subject": event.identity.canonical if event.identity else "",
        "verb": event.act.verb.value,
        "objects": " ".join(each.name for each in event.resources if " " not in each.name),
        "start": when,
        "end": when,
        "cites": str(stored.ref),
    }


EFFECTS = {
    "E0": "E0: could have been reached",
    "E1": "E1: attempted",
    "E2": "E2: access was recorded",
    "E3": "E3: the log records an effect",
    "E4": "E4: impact proven, by an effect record that is no log",
    "EN": "EN: cannot be determined, because of gaps",
    "EX": "EX: ruled out, with full coverage",
}
"""Levels of effect and what each says."""

AUTHORITIES = ("undetermined", "authorised", "unauthorised")
"""Whether an act was allowed."""


def why(title: str, examiner: str, explanation: str) -> Form:
    """Ask for a reason.

    Args:
        title: What is done.
        examiner: Who does it.
        explanation: What that means.
    """
    fields = (
        Field("reason", "reason", placeholder="why, in a sentence", required=True),
        Field("examiner", "your name", examiner, required=True),
    )
    return Form(title, fields, "Do it", explanation)


def say_of_gap(examiner: str, gap: str, scope: str, word: str) -> Form:
    """Ask for the reason of a word on a gap.

    Args:
        examiner: Who says it.
        gap: Id of the gap.
        scope: What it is about.
        word: ``disputed``, ``accepted`` or ``closed``.
    """
    asks = {
        "disputed": "what shows that nothing is missing",
        "accepted": "why it stands as a limit of the case",
        "closed": "what closed it: which evidence, whose answer",
    }
    explanation = (
        f"{gap}: {visible(scope)}. What you say is written into the journal with your name. The gap stays as it was found; a"
        " later word supersedes this one, and both stay readable."
    )
    fields = (
        Field("reason", "reason", placeholder=asks[word], required=True),
        Field("examiner", "your name", examiner, required=True),
    )
    return Form(f"Gap {word}", fields, word.capitalize(), explanation)
