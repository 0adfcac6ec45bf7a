"""Resources by what a person types: an id, a name, a part of one, or something like it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from rapidfuzz import fuzz, process, utils

from workbench.casefile.changes.reader import ChangedResource
from workbench.casefile.events.named_resources import Named
from workbench.casefile.reader import CaseReader
from workbench.errors import NoSuchNameError, UnknownReferenceError
from workbench.model.change import ResourceKey

_LIKELY = 60
"""Score (0 to 100) from which a name is offered as what was meant."""

_OFFERED = 500
"""Entries that are looked at for one name at most."""

_ID = re.compile(r"R-[0-9a-f]{12}\Z", re.IGNORECASE)


def find_resources(reader: CaseReader, text: str, limit: int = 20) -> list[ChangedResource]:
    """Return the resources that a person may mean, the best first: by id, by name, by part of it, by likeness."""
    return _named(reader, text, limit)[:limit] or _like(reader, text, limit)


def all_resources(
    reader: CaseReader, tick: Callable[[int, int], None] = lambda done, total: None
) -> list[ChangedResource]:
    """Return every resource that is changed or named in a case, those with most changes first; looks at every event."""
    return _with_others(reader.changes.resources(), reader.named.all(tick))


def resources_with_words(reader: CaseReader, words: Sequence[str], limit: int) -> list[ChangedResource]:
    """Return resources that no event changed and whose name, kind or account hold all of some words (case folded).

    Args:
        reader: The case.
        words: The words.
        limit: Entries that are looked at at most, those with the shortest names first.
    """
    changed = {each.id for each in reader.changes.resources()}
    others = reader.named.told(reader.named.with_words(words, limit))
    return [each for each in _with_others([], others) if each.id not in changed]


def _with_others(changed: list[ChangedResource], named: Iterable[Named]) -> list[ChangedResource]:
    known = {each.key for each in changed}
    others = [
        ChangedResource(each.key.id, each.key, each.title, 0, None, None)
        for each in named
        if each.key not in known
    ]
    return [*changed, *sorted(others, key=lambda each: (each.title.casefold(), each.key))]


def _named(reader: CaseReader, text: str, limit: int = _OFFERED) -> list[ChangedResource]:
    """Return the resources with this id, of this name, or with this in their name; the changed ones first."""
    listed = reader.changes.resources()
    lowered = text.casefold()
    if _ID.match(text):
        return [each for each in listed if each.id.casefold() == lowered] or [
            each for each in all_resources(reader) if each.id.casefold() == lowered
        ]

    def is_called(each: ChangedResource) -> bool:
        return lowered in (each.title.casefold(), each.key.name.casefold())

    def holds(each: ChangedResource) -> bool:
        return lowered in each.title.casefold() or lowered in each.key.name.casefold()

    exact = list(filter(is_called, listed))
    if exact:
        return exact
    # The longer name that only some records write ends in the one that is meant.
    others = _with_others(listed, reader.named.told(reader.named.with_words([lowered], limit)))
    return list(filter(is_called, others)) or list(filter(holds, others))


def _like(reader: CaseReader, text: str, limit: int) -> list[ChangedResource]:
    changed = reader.changes.resources()
    by_title = {each.title: each for each in reversed(changed)}
    names = list(dict.fromkeys((*by_title, *reader.named.names())))
    scored = process.extract(
        text,
        names,
        scorer=fuzz.WRatio,
        processor=utils.default_process,
        score_cutoff=_LIKELY,
        limit=_OFFERED,
    )
    words = utils.default_process(text).split()
    scored.sort(
        key=lambda each: (
            -_likeness(words, each[0]),
            -(by_title[each[0]].changes if each[0] in by_title else 0),
            -each[1],
        )
    )
    found: dict[ResourceKey, ChangedResource] = {}
    known = {each.key: each for each in changed}
    for name, _, _ in scored:
        if len(found) >= limit:
            break
        others = () if name in by_title else reader.named.told(reader.named.called([name]))
        for each in [by_title[name]] if name in by_title else _with_others([], others):
            found.setdefault(each.key, known.get(each.key, each))
    return list(found.values())[:limit]


def _likeness(words: Sequence[str], name: str) -> int:
    """Return how well each of some words is met by its likest part of a name, 0 to 100: so a part in common is not enough."""
    parts = utils.default_process(name).split()
    best = [max((fuzz.ratio(word, part) for part in parts), default=0.0) for word in words]
    return round(sum(best) / len(best)) if best else 0


def _called(one: ChangedResource) -> str:
    """Return a resource so that it can be told from another of its name: its id, kind, name, and where it is."""
    if one.title.startswith("arn:"):
        return f"{one.id} {one.title}"
    where = " ".join(filter(None, (one.key.account, one.key.region)))
    told = " in ".join(filter(None, (one.key.kind, where)))
    return f"{one.id} {one.title}" + (f" ({told})" if told else "")


def the_resource(reader: CaseReader, text: str) -> ChangedResource:
    """Return the one resource that a person names. What is only like the name is offered, never taken for it.

    Raises:
        UnknownReferenceError: If there is none, or several; says which.
    """
    found = _named(reader, text)
    if len(found) == 1:
        return found[0]
    if not found:
        near = "; ".join(map(_called, _like(reader, text, 5)))
        raise NoSuchNameError(
            f"no resource is called {text!r}" + (f"; the nearest are {near}" if near else ""),
            "`workbench resource CASE --all` lists them",
        )
    names = "; ".join(map(_called, found[:8]))
    many = f"{len(found)}" if len(found) < _OFFERED else f"{_OFFERED} or more"
    raise UnknownReferenceError(f"{many} resources fit {text!r}: {names}", "give the id (R-…)")
