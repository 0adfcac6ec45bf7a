"""A source reader made from a mapping file."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workbench.model.event import (
    Credential,
    Event,
    Identity,
    IdentityKind,
    Issued,
    KindReason,
    Outcome,
    OutcomeStatus,
    Resource,
    Verb,
)
from workbench.model.evidence import Disposition
from workbench.sources import parts
from workbench.sources.document import Document, fold
from workbench.sources.mapping.form import Choice, IssuedKey, Key, MappingForm, Meaning, read_form
from workbench.sources.mapping.moments import MappedTime
from workbench.sources.mapping.patterns import LONGEST_LINE, compiled
from workbench.sources.protocol import Context, DocumentReader, Reading

PREFIX = "mapping."
"""What the names of sources read by mapping begin with."""

MOST_RESOURCES = 500
"""Resources of one event."""

MANY_RESOURCES = f"more than {MOST_RESOURCES} resources: the rest is in the record only"
"""Warning of an event whose record names more."""


def read_mapping(text: str, file: str = "the mapping") -> MappedReader:
    """Make a reader from the text of a mapping file.

    Args:
        text: The TOML text, as :data:`~workbench.sources.mapping.guide.MAPPING_HELP` describes it.
        file: Name of the file, for messages.

    Raises:
        MappingError: If it is no TOML or not of the form; the message names the line and the key.
    """
    return MappedReader(read_form(text, file), text)


class MappedReader(DocumentReader):
    """Reads what a responder described. Nobody checked the description: such a reader is always *unverified*.

    Attributes:
        text: The mapping file, kept as the provenance of the events it gives.
    """

    def __init__(self, form: MappingForm, text: str) -> None:
        self._form = form
        self._by = f"mapping {form.mapping.name}"
        self._time = MappedTime(form.time, self._by)
        line = form.recognise.line
        self._pieces = [compiled(piece) for piece in ([line] if isinstance(line, str) else line or [])]
        self.text = text
        self.source = PREFIX + form.mapping.name
        self.version = form.mapping.version
        self.title = form.mapping.title
        self.needs = form.mapping.needs
        first = next(iter((*form.recognise.keys, *form.recognise.equal)), "")
        self.hints = frozenset({fold(first.partition(".")[0]), fold(first)}) if first else frozenset()

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is of this source: it has the keys and values that the mapping asks for."""
        if self._pieces:
            return ""
        fields = Document(document)
        by = self._form.recognise
        if not all(map(fields.has, by.keys)):
            return ""
        for path, wanted in by.equal.items():
            found = fields.text(path)
            if found is None or found not in ([wanted] if isinstance(wanted, str) else wanted):
                return ""
        marks = [*by.keys, *(f"{path} as asked for" for path in by.equal)]
        return f"{self._by}: {', '.join(marks)}"

    def recognises_line(self, line: str) -> str:
        """Tell by what a line is of this source: the mapping's expressions are found in it, one behind the other."""
        return f"{self._by}: the line fits" if self._groups(line) is not None else ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read a document."""
        return Reading(event=self._event(Document(document), context))

    def read_line(self, line: str, context: Context) -> Reading:
        """Read a line."""
        groups = self._groups(line)
        if groups is None:
            return Reading(disposition=Disposition.UNRECOGNISED, reason="the line does not fit the mapping")
        return Reading(event=self._event(Document(groups), context))

    def _groups(self, line: str) -> dict[str, object] | None:
        """Return the named groups of a line. Longer lines than the limit are left alone: an expression sees all or none."""
        if not self._pieces or len(line) > LONGEST_LINE:
            return None
        groups: dict[str, object] = {}
        match: re.Match[str] | None = None
        for piece in self._pieces:
            match = piece.match(line) if match is None else piece.search(line, match.end())
            if match is None:
                return None
            groups.update(match.groupdict())
        return groups

    def _event(self, fields: Document, context: Context) -> Event:
        form = self._form
        time = self._time.read(fields, context)
        place, client, ids = form.place, form.client, form.ids
        verb = _looked_up(fields, form.act.verb)
        outcome = self._outcome(fields)
        resources = self._resources(fields)
        return Event(
            time=time,
            act=parts.act(
                _text(fields, form.act.service) or form.mapping.name,
                _text(fields, form.act.action) or "",
                verb or Verb.UNCLASSIFIED,
                f"{self._by}: act.verb" if verb else f"{self._by}: no verb for this record",
            ),
            identity=self._identity(fields),
            kind=self._kind(fields, outcome),
            credential=_credential(fields, form.credential),
            address=parts.address(_text(fields, client.address)),
            user_agent=parts.user_agent(_text(fields, client.user_agent)),
            outcome=outcome,
            place=parts.place(
                _text(fields, place.account), _text(fields, place.region), _text(fields, place.tenant)
            ),
            resources=resources[:MOST_RESOURCES],
            native_id=_text(fields, ids.native),
            request_id=_text(fields, ids.request),
            shared_id=_text(fields, ids.shared),
            warnings=parts.warnings_of(
                time, fields.odd, (MANY_RESOURCES,) if len(resources) > MOST_RESOURCES else ()
            ),
            particulars=parts.particulars(
                used=tuple(filter(None, (_credential(fields, key) for key in form.used))),
                issued=tuple(filter(None, (_issued(fields, key) for key in form.issued))),
                device=_text(fields, client.device),
                correlation_id=_text(fields, ids.correlation),
            ),
        )

    def _identity(self, fields: Document) -> Identity | None:
        who = self._form.identity
        return parts.identity(
            _text(fields, who.id),
            _text(fields, who.name),
            _text(fields, who.native_id),
            _text(fields, who.account),
        )

    def _kind(self, fields: Document, outcome: Outcome) -> KindReason:
        who = self._form.identity
        kind = _looked_up(fields, who.kind)
        if kind is None or kind is IdentityKind.UNDECIDED:
            return parts.kind(IdentityKind.UNDECIDED, f"{self._by}: nothing in the record decides")
        if kind is IdentityKind.HUMAN and outcome.status in (OutcomeStatus.DENIED, OutcomeStatus.FAILED):
            return parts.kind(
                IdentityKind.UNDECIDED, f"{self._by}: the act did not succeed, which shows nobody"
            )
        return parts.kind(kind, f"{self._by}: {who.reason}")

    def _outcome(self, fields: Document) -> Outcome:
        ending = self._form.outcome
        status = _looked_up(fields, ending.status)
        return parts.outcome(status or OutcomeStatus.UNKNOWN, _text(fields, ending.code))

    def _resources(self, fields: Document) -> tuple[Resource, ...]:
        found: dict[Resource, None] = {}
        for thing in self._form.resources:
            kind, account = _text(fields, thing.type), _text(fields, thing.account)
            for name in _texts(fields, thing.name):
                found[Resource(kind, name, thing.role, account)] = None
                if len(found) > MOST_RESOURCES:
                    return tuple(found)
        return tuple(found)


def _paths(paths: str | list[str]) -> list[str]:
    return [paths] if isinstance(paths, str) else paths


def _text(fields: Document, value: str | list[str] | Choice[str] | None) -> str | None:
    if value is None:
        return None
    if not isinstance(value, Choice):
        return fields.text(*_paths(value))
    if value.table is None and value.path is not None:
        return fields.text(*_paths(value.path)) or value.otherwise
    return _looked_up(fields, value)


def _looked_up(fields: Document, value: Choice[Meaning] | None) -> Meaning | None:
    if value is None or value.literal is not None or value.path is None:
        return None if value is None else value.literal
    found = fields.text(*_paths(value.path))
    return (value.table or {}).get(found or "", value.otherwise)


def _texts(fields: Document, paths: str | list[str]) -> Iterable[str]:
    found = fields.value(*_paths(paths))
    if isinstance(found, list):
        return fields.texts_at(*_paths(paths))
    text = fields.text(*_paths(paths))
    return (text,) if text else ()


def _credential(fields: Document, key: Key | None) -> Credential | None:
    return None if key is None else parts.credential(key.type, _text(fields, key.id))


def _issued(fields: Document, key: IssuedKey) -> Issued | None:
    found = parts.credential(key.type, _text(fields, key.id))
    return Issued(found, _text(fields, key.to)) if found else None
