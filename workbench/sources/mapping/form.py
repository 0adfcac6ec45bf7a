"""The form of a mapping file: its tables and keys as types, read strictly."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Mapping
from typing import Annotated, Generic, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from workbench.errors import MappingError
from workbench.evidence.secrets import names_a_secret
from workbench.model.event import IdentityKind, OutcomeStatus, ResourceRole, Verb
from workbench.sources.mapping.key_lines import place_of
from workbench.sources.mapping.patterns import MOST_PIECES, UnsteadyPatternError, compiled

LARGEST_FILE = 256 * 1024
"""Bytes of the largest mapping file."""

MOST_ENTRIES = 50
"""Entries of an array of tables."""

EPOCH_UNITS = {
    "epoch seconds": 1,
    "epoch milliseconds": 1_000,
    "epoch microseconds": 1_000_000,
    "epoch nanoseconds": 1_000_000_000,
}
AUTO, RFC3164 = "auto", "rfc3164"

Meaning = TypeVar("Meaning")
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
_Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}\Z")]
Paths = _Text | Annotated[list[_Text], msgspec.Meta(min_length=1, max_length=20)]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"literal": "is"}):
    """A table in which every key is known."""


class Choice(_Strict, Generic[Meaning], frozen=True):
    """A value that is not just what a path leads to: a literal, or the value looked up in a table."""

    literal: Meaning | None = None
    path: Paths | None = None
    table: dict[str, Meaning] | None = None
    otherwise: Meaning | None = None


Value = _Text | list[_Text] | Choice[_Text]
VerbValue = Choice[Verb]
KindValue = Choice[IdentityKind]
StatusValue = Choice[OutcomeStatus]


class About(_Strict, frozen=True):
    """``[mapping]``: what the mapping is called."""

    name: _Name
    version: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    title: _Text
    needs: str = "the log, and the mapping file that reads it"


class Recognise(_Strict, frozen=True):
    """``[recognise]``: by what a record is known."""

    keys: list[_Text] = []
    equal: dict[str, _Text | list[_Text]] = {}
    line: str | list[str] | None = None


class Time(_Strict, frozen=True):
    """``[time]``: when it happened."""

    path: Paths
    format: _Text = AUTO
    zone: str | None = None


class ActForm(_Strict, frozen=True):
    """``[act]``: what was done."""

    action: Value
    service: Value
    verb: VerbValue | None = None


class Who(_Strict, frozen=True):
    """``[identity]``: whose credential was presented."""

    id: Value | None = None
    name: Value | None = None
    native_id: Value | None = None
    account: Value | None = None
    kind: KindValue | None = None
    reason: str | None = None


class Key(_Strict, frozen=True):
    """``[credential]`` and ``[[used]]``: what was presented."""

    id: Paths
    type: _Text


class IssuedKey(_Strict, frozen=True):
    """``[[issued]]``: what was handed out."""

    id: Paths
    type: _Text
    to: Value | None = None


class Client(_Strict, frozen=True):
    """``[client]``: where from and with what."""

    address: Paths | None = None
    user_agent: Paths | None = None
    device: Paths | None = None


class Thing(_Strict, frozen=True):
    """``[[resources]]``: what was acted upon."""

    name: Paths
    type: Value | None = None
    role: ResourceRole = ResourceRole.TARGET
    account: Value | None = None


class Ending(_Strict, frozen=True):
    """``[outcome]``: how it ended."""

    status: StatusValue | None = None
    code: Paths | None = None


class Where(_Strict, frozen=True):
    """``[place]``: in whose account it was recorded."""

    account: Value | None = None
    region: Value | None = None
    tenant: Value | None = None


class Ids(_Strict, frozen=True):
    """``[ids]``: what names the record and its request."""

    native: Paths | None = None
    request: Paths | None = None
    shared: Paths | None = None
    correlation: Paths | None = None


class MappingForm(_Strict, frozen=True):
    """A whole mapping file."""

    mapping: About
    recognise: Recognise
    time: Time
    act: ActForm
    identity: Who = Who()
    credential: Key | None = None
    used: list[Key] = []
    issued: list[IssuedKey] = []
    client: Client = Client()
    resources: list[Thing] = []
    outcome: Ending = Ending()
    place: Where = Where()
    ids: Ids = Ids()


_SEE = "`workbench sources mapping` describes the format"
_AT = re.compile(r" - at `(?:key in )?\$\.?([^`]*)`\Z")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")


def read_form(text: str, file: str) -> MappingForm:
    """Read the text of a mapping file.

    Args:
        text: The TOML text.
        file: Name of the file, for messages.

    Raises:
        MappingError: If it is no TOML, or not of the form; the message names the line and the key.
    """
    if len(text) > LARGEST_FILE:
        raise MappingError(f"{file} is larger than {LARGEST_FILE // 1024} KiB", "give a mapping file")
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise MappingError(f"{file} is no TOML: {error}", "correct the line") from None
    try:
        form = msgspec.convert(data, MappingForm)
    except msgspec.ValidationError as error:
        raise _unlike_the_form(str(error), text, file) from None
    check = _Check(text, file)
    check.choices(form)
    check.recognition(form)
    check.time(form.time)
    check.others(form)
    return form


def _unlike_the_form(message: str, text: str, file: str) -> MappingError:
    at = _AT.search(message)
    path = at[1] if at else ""
    what = message[: at.start()] if at else message
    unknown = _UNKNOWN.fullmatch(what)
    if unknown is None:
        return MappingError(f"{place_of(text, file, path)}: {what[:1].lower()}{what[1:]}", _SEE)
    key = unknown[1]
    near = difflib.get_close_matches(key, _KEYS, n=1)
    where = place_of(text, file, f"{path}.{key}" if path else key)
    return MappingError(f"{where}: there is no such key", f"did you mean {near[0]}?" if near else _SEE)


_KEYS = sorted(
    {field.encode_name for struct in _Strict.__subclasses__() for field in msgspec.structs.fields(struct)}
)


class _Check:
    """What the types cannot say."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file

    def choices(self, form: MappingForm) -> None:
        """Each value with more than a path is a literal, or a path with or without a table."""
        for path, choice in _choices(form, ""):
            if choice.literal is not None and (choice.path or choice.table or choice.otherwise):
                raise self._wrong(path, "a literal has nothing beside it", 'write { is = "…" } alone')
            if choice.literal is None and choice.path is None:
                raise self._wrong(
                    path, "neither a literal nor a path", 'write { is = "…" } or { path = "…" }'
                )
            enumerated = path in ("act.verb", "identity.kind", "outcome.status")
            if choice.literal is None and choice.table is None and enumerated:
                raise self._wrong(path, "a path without a table", "say in `table` what each value means")

    def recognition(self, form: MappingForm) -> None:
        """A record is known by its keys or as a line, and by something."""
        by = form.recognise
        if by.line is None:
            if not by.keys and not by.equal:
                raise self._wrong("recognise", "nothing tells a record", "give keys, equal or line")
            return
        if by.keys or by.equal:
            raise self._wrong("recognise.line", "a line of text has no keys", "give line, or keys and equal")
        pieces = [by.line] if isinstance(by.line, str) else by.line
        if not 0 < len(pieces) <= MOST_PIECES:
            raise self._wrong("recognise.line", f"{len(pieces)} expressions", f"give 1 to {MOST_PIECES}")
        names: list[str] = []
        for number, piece in enumerate(pieces, start=1):
            try:
                names += compiled(piece).groupindex
            except UnsteadyPatternError as error:
                of = f"expression {number}: " if len(pieces) > 1 else ""
                raise self._wrong("recognise.line", f"{of}{error}", _SEE) from None
        if len(set(names)) < len(names):
            raise self._wrong("recognise.line", "two groups have one name", "give each its own")
        for path, used in _paths(form, ""):
            if used not in names:
                near = difflib.get_close_matches(used, names, n=1)
                remedy = f"did you mean {near[0]}?" if near else "name a group (?P<name>…) of the line"
                raise self._wrong(path, f"no group of the line is named {used}", remedy)

    def time(self, time: Time) -> None:
        """The format is one that gives an instant, the zone one that exists."""
        if time.zone is not None:
            try:
                ZoneInfo(time.zone)
            except (KeyError, ValueError, OSError):
                raise self._wrong(
                    "time.zone", f"no zone {time.zone}", "give an IANA name: Europe/Berlin"
                ) from None
        if time.format in (AUTO, RFC3164, *EPOCH_UNITS):
            return
        if "%" not in time.format:
            known = ", ".join((AUTO, RFC3164, *EPOCH_UNITS))
            raise self._wrong("time.format", "no format", f"give {known}, or a strptime format")
        if "%Z" in time.format:
            raise self._wrong(
                "time.format", "%Z does not tell a zone", "use %z, or leave it out and give zone"
            )
        if not any(year in time.format for year in ("%Y", "%y", "%G")):
            raise self._wrong(
                "time.format", "a format without a year", "rfc3164 takes it from the file's date"
            )
        try:
            dt.datetime.strptime("", time.format)  # only whether the format is one
        except ValueError as error:
            if "directive" in str(error) or "stray" in str(error):
                raise self._wrong(
                    "time.format", str(error), "see strptime in Python's documentation"
                ) from None

    def others(self, form: MappingForm) -> None:
        """A kind other than undecided has a reason, and lists have an end."""
        if form.identity.kind is not None and not form.identity.reason:
            raise self._wrong(
                "identity.kind", "a kind without a reason", "say in `reason` what in the record shows it"
            )
        for path, used in _paths(form, ""):
            if names_a_secret(used):
                raise self._wrong(
                    path,
                    f"{used} is the name of a secret, and events show what is mapped",
                    "map its public id",
                )
        for name in ("used", "issued", "resources"):
            if len(getattr(form, name)) > MOST_ENTRIES:
                raise self._wrong(name, f"more than {MOST_ENTRIES} entries", "give fewer")

    def _wrong(self, path: str, what: str, remedy: str) -> MappingError:
        return MappingError(f"{place_of(self._text, self._file, path)}: {what}", remedy)


def _choices(value: object, path: str) -> list[tuple[str, Choice[object]]]:
    if isinstance(value, Choice):
        return [(path, value)]
    return [found for key, inner in _members(value, path) for found in _choices(inner, key)]


def _paths(form: object, path: str) -> list[tuple[str, str]]:
    """Return every path into the record that a mapping uses, with the key under which it stands."""
    found: list[tuple[str, str]] = []
    for key, value in _members(form, path):
        if key.startswith(("mapping", "recognise")):
            continue
        if isinstance(value, Choice):
            value, literal = value.path, False
        else:
            literal = _LITERAL.fullmatch(key) is not None
        if isinstance(value, msgspec.Struct) or (isinstance(value, list) and not _is_texts(value)):
            found += _paths(value, key)
        elif not literal and isinstance(value, str | list):
            found += [(key, each) for each in ([value] if isinstance(value, str) else value)]
    return found


_LITERAL = re.compile(
    r"time\.(format|zone)|identity\.reason|(credential|used.*|issued.*)\.type|resources.*\.role"
)
"""Keys whose texts are what they say and no paths."""


def _is_texts(value: list[object]) -> bool:
    return all(isinstance(each, str) for each in value)


def _members(value: object, path: str) -> list[tuple[str, object]]:
    before = f"{path}." if path else ""
    if isinstance(value, msgspec.Struct):
        return [(f"{before}{name}", getattr(value, name)) for name in value.__struct_fields__]
    if isinstance(value, list):
        return [(f"{path}[{index}]", each) for index, each in enumerate(value)]
    if isinstance(value, Mapping):
        return [(f"{before}{name}", each) for name, each in value.items()]
    return []
