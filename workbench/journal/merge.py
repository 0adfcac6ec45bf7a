"""Two journals that began as one: where they part, and which entries after that cannot both stand. Standard library alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.journal.canonical import parse

_DECISIONS = ("identities.merged", "identities.kept_apart", "identities.undecided")

_REVIEW = "claim.reviewed"
"""An entry that names another and leaves it in its place."""

_LONGEST = 240
"""Characters of what somebody says that are printed; compared is all of it."""

_REFERS = ("supersedes", "entry", "also_supersedes", "settles")
"""Members of a body that say what an entry takes the place of, not what it says."""


@dataclass(frozen=True)
class Conflict:
    """Two entries, one of each journal, that a person has to settle.

    Attributes:
        ours: Place in this journal.
        theirs: Place in the other one.
        about: What both are about.
        what: In what they differ.
    """

    ours: int
    theirs: int
    about: str
    what: str


@dataclass(frozen=True)
class _Statement:
    seq: int
    entry: str
    actor: str
    about: str
    says: Any


def common_length(ours: Sequence[bytes], theirs: Sequence[bytes]) -> int:
    """Return how many entries two journals have in common from the beginning."""
    for count, (one, other) in enumerate(zip(ours, theirs, strict=False)):
        if one != other:
            return count
    return min(len(ours), len(theirs))


def settled_pairs(entries: Iterable[bytes]) -> set[frozenset[str]]:
    """Return the pairs of entries, by their SHA-256, that entries name as settled."""
    return {
        frozenset(pair)
        for entry in entries
        if b'"settles"' in entry
        for pair in parse(entry)["body"].get("settles", ())
    }


def conflicts(ours: Sequence[bytes], theirs: Sequence[bytes]) -> list[Conflict]:
    """Return what two journals say differently after they parted, in the order of the other one.

    Entries conflict if both replace or judge the same earlier entry, decide differently on the same two identities, tag the same
    event differently, or had the same file read with other options. What one of the journals settled since is none any more.
    """
    fork = common_length(ours, theirs)
    said: dict[str, list[_Statement]] = {}
    # Claims name what they supersede or judge by the hash of its entry, the record by its place.
    places = {hashlib.sha256(entry).hexdigest(): seq for seq, entry in enumerate(ours[:fork], 1)}
    for statement in _statements(ours, fork, places):
        said.setdefault(statement.about, []).append(statement)
    answers = _answers([*ours[fork:], *theirs[fork:]])
    found: dict[tuple[int, int], Conflict] = {}
    for statement in _statements(theirs, fork, places):
        for mine in said.get(statement.about, ()):
            one, other = mine.entry, statement.entry
            settled = other in answers.get(one, ()) or one in answers.get(other, ())
            if mine.says != statement.says and not settled:
                what = f"{mine.actor} says {_told(mine.says)}; {statement.actor} says {_told(statement.says)}"
                pair = (mine.seq, statement.seq)
                found.setdefault(pair, Conflict(*pair, statement.about, what))
    return list(found.values())


def _answers(entries: Iterable[bytes]) -> dict[str, set[str]]:
    """Return to which entries each entry is a last word: those of the pairs that it, or one that it follows, settles."""
    found: dict[str, set[str]] = {}
    for data in entries:
        body = parse(data)["body"]
        known = found.setdefault(hashlib.sha256(data).hexdigest(), set())
        for named in _replaced(body):
            known |= found.get(named, set())
        for one, other in body.get("settles", ()):
            known |= {one, other}
            found.setdefault(one, set()).add(other)
    return found


def _replaced(body: Mapping[str, Any]) -> list[str]:
    """Return the hashes of the entries whose place an entry takes."""
    named = (body.get("supersedes"), body.get("entry"), *body.get("also_supersedes", ()))
    return [each for each in named if isinstance(each, str)]


def _statements(entries: Sequence[bytes], fork: int, places: Mapping[str, int]) -> Iterator[_Statement]:
    told = [(hashlib.sha256(data).hexdigest(), parse(data)) for data in entries[fork:]]
    # What somebody tagged and then tagged otherwise, or took back, is not what they say of an event.
    past = {named for _, entry in told if entry["kind"] != _REVIEW for named in _replaced(entry["body"])}
    for digest, entry in told:
        for about, says in _said(entry["kind"], entry["body"], fork, places):
            if digest not in past or not about.startswith("event "):
                yield _Statement(entry["seq"], digest, entry["actor"], about, says)


def _said(
    kind: str, body: Mapping[str, Any], fork: int, places: Mapping[str, int]
) -> Iterator[tuple[str, Any]]:
    """Yield about what an entry says something, and what, to be compared."""
    if kind in _DECISIONS:
        one, other = body["one"], body["other"]
        yield f"identities {one['canonical']} and {other['canonical']}", kind
    named = body.get("supersedes") or body.get("entry")
    if isinstance(named, str):
        named = places.get(named)
    if isinstance(named, int) and named <= fork and kind not in _DECISIONS:
        said = {name: value for name, value in body.items() if name not in _REFERS}
        yield f"entry {named}", {kind: said}
    tag = body.get("tag")
    if isinstance(tag, dict):
        says = " ".join(str(tag.get(name)) for name in ("grade", "subject", "level"))
        for content, places in tag.get("scope", {}).get("places", {}).items():
            for place in str(places).split():
                yield f"event {content[:12]}:{place}", says
    if kind == "evidence.added":
        options = {
            name: body[name] for name in ("kind", "limits", "mappings", "source", "timezone") if name in body
        }
        for file in body["files"]:
            yield f"file {file['name']}", {"read with": options or "no options"}


def _told(value: Any) -> str:
    text = _words(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _words(value: Any) -> str:
    """Return what a value says, as a text for people: what is not given left out."""
    if isinstance(value, dict):
        given = ((name, _words(each)) for name, each in value.items())
        return ", ".join(f"{name} {said}" for name, said in given if said)
    if isinstance(value, list):
        return " ".join(f"({_words(each)})" if isinstance(each, dict) else _words(each) for each in value)
    return "" if value is None else str(value)
