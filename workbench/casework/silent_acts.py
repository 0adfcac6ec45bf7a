"""The acts of a case that may have changed resources and do not say what, looked for when something is shown.

A state that follows from an earlier record holds until something changed it; that such an act lies between is told beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from workbench.casefile.events.named_resources import Use
from workbench.casefile.reader import CaseReader
from workbench.changes.chain import in_order
from workbench.changes.silent import (
    Instant,
    SilentUse,
    between,
    containers,
    in_line,
    is_of,
    may_alter,
    may_alter_field,
    rests_on,
    rests_on_earlier,
)
from workbench.model.change import (
    Basis,
    Change,
    KnownValue,
    Operation,
    Placed,
    ResourceKey,
    Silence,
    SilentEvent,
)
from workbench.model.event import Resource, ResourceRole
from workbench.model.references import EventId
from workbench.search import parse

FIRST = 3
"""Acts that are named; of more it is said how many there are."""

_ALTERING = (
    "(verb:(create OR update OR delete OR delegate OR issue_credential OR unclassified) OR tampers:true"
    " OR (verb:execute AND source:(gcp.audit OR k8s.audit))) AND outcome:(success OR unknown)"
)
"""The events of which :func:`workbench.changes.silent.may_alter` may hold, in the words of the filter."""

_BY_NAME = 20
"""Resources up to which events are looked for by their names; for more, all events that alter something are gone through."""

_CHUNK = 20_000
_MOST_NAMED = 200_000
_NONE = Silence(0, ())


def quoted_names(key: ResourceKey, title: str) -> Iterator[str]:
    """Yield the names of a resource as the filter takes them: those that events may use, and some more."""
    for name in dict.fromkeys((title, key.name)):
        if name:
            yield quoted(name)
    if key.name and key.family == "aws":
        yield quoted(key.name, ending=True)
        if key.kind == "secretsmanager:secret":
            yield f"*{quoted(f'{key.name}-')}*"


def quoted(name: str, *, ending: bool = False) -> str:
    """Return a name as the filter takes it word by word, of ``ending`` with anything before it."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'{"*" if ending else ""}"{escaped}"'


class SilentActs:
    """Looks for such acts through one reader, and remembers them."""

    def __init__(self, reader: CaseReader) -> None:
        self._reader = reader
        self._acts: dict[ResourceKey, list[SilentUse]] = {}
        self._of_fields: dict[tuple[ResourceKey, str], list[SilentUse]] = {}
        self._lives: dict[ResourceKey, _Life] = {}
        self._shown: dict[int, SilentEvent] = {}
        self._whole = False

    def load(self, resources: Mapping[ResourceKey, str]) -> None:
        """Look for the acts of resources, at once for all of them.

        Args:
            resources: The resources, with the fullest name of each.
        """
        missing = {key: title for key, title in resources.items() if key not in self._acts}
        if not missing:
            return
        if self._whole:
            self._acts.update((key, []) for key in missing)
            return
        if len(self._acts) + len(missing) > _BY_NAME:
            self._whole = True
            known = {each.key: each.title for each in self._reader.changes.resources()}
            missing.update((key, title) for key, title in known.items() if key not in self._acts)
            self._look(missing, _ALTERING)
        else:
            names = " OR ".join(
                f"resource:{name}"
                for key, title in missing.items()
                for name in (*quoted_names(key, title), *map(quoted, containers(key)))
            )
            self._look(missing, f"({_ALTERING}) AND ({names})")

    def of(self, key: ResourceKey, title: str) -> list[SilentUse]:
        """Return the acts on one resource, in the order of time."""
        self.load({key: title})
        return self._acts[key]

    def before(self, changes: Iterable[Change]) -> dict[tuple[int, int], Silence]:
        """Return what makes the states before changes doubtful, by event and position, as far as they rest on earlier records."""
        wanted = [each for each in changes if rests_on_earlier(each)]
        self.load({each.resource: each.title for each in wanted})
        self._load_lives([each.resource for each in wanted if self._acts[each.resource]])
        found: dict[tuple[int, int], list[SilentUse]] = {}
        for each in wanted:
            acts: list[SilentUse] = []
            if self._acts[each.resource]:
                life, base = self._life(each.resource), each.before_event or 0
                if each.operation not in (Operation.ADD, Operation.REMOVE):
                    base = life.base(each.field, base)
                acts = self._between(each.resource, each.field, life.instant(base), life.instant(each.event))
            found[each.event, each.position] = acts
        self._told([one.event for acts in found.values() for one in acts[:FIRST]])
        return {place: self._named(acts) for place, acts in found.items()}

    def doubted(
        self, key: ResourceKey, title: str, states: Mapping[str, KnownValue], end: Instant | None
    ) -> dict[str, KnownValue]:
        """Return states with what makes them doubtful: the acts since each was stated, up to an instant."""
        if not self.of(key, title):
            return dict(states)
        life = self._life(key)
        found = {}
        for field, known in states.items():
            silence = _NONE
            if known.event is not None and (known.basis is not Basis.UNKNOWN or known.members):
                start = life.instant(life.base(field, known.event))
                silence = self._named(self._between(key, field, start, end))
            found[field] = known._replace(silent=silence) if silence.events else known
        return found

    def instant(self, key: ResourceKey, event: int) -> Instant:
        """Return when an event that states something of a resource was."""
        return self._life(key).instant(event)

    def since(self, key: ResourceKey, title: str, event: int) -> Silence:
        """Return the acts since an event that may have altered what it states of a resource."""
        acts = self.of(key, title)
        if not acts:
            return _NONE
        life = self._life(key)
        fields = life.fields(event)
        listed = [each for each in acts if any(may_alter_field(each.source, each.act, one) for one in fields)]
        return self._named(between(in_line(listed), life.instant(event), None))

    def until(self, key: ResourceKey, title: str, end: Instant | None) -> Silence:
        """Return all acts on a resource up to an instant."""
        return self._named(between(in_line(self.of(key, title)), Instant(None, False), end))

    def _look(self, resources: Mapping[ResourceKey, str], query: str) -> None:
        self._acts.update((key, []) for key in resources)
        wanted: dict[tuple[str, str], list[ResourceKey]] = {}
        for key in resources:
            for name in (key.name, *containers(key)):
                wanted.setdefault((key.family, name), []).append(key)
        altering: dict[tuple[int, int], bool] = {}
        named: dict[tuple[int, int, int, int], list[ResourceKey]] = {}
        for chunk in self._reader.scan(parse(query)):
            found: list[tuple[ResourceKey, Use]] = []
            for start in range(0, len(chunk.ids), _CHUNK):
                for use in self._reader.named.uses(chunk.ids[start : start + _CHUNK]):
                    kind = use.act, use.reading
                    if kind not in altering:
                        altering[kind] = self._may_alter(use)
                    if not altering[kind]:
                        continue
                    where = use.resources, use.place, use.reading, use.act
                    if len(named) > _MOST_NAMED:
                        named.clear()
                    if where not in named:
                        named[where] = self._keys(use, wanted)
                    found += [(key, use) for key in named[where]]
            self._keep(found)

    def _may_alter(self, use: Use) -> bool:
        return may_alter(self._reader.named.source(use.reading), self._reader.named.act(use.act))

    def _keys(self, use: Use, wanted: Mapping[tuple[str, str], Sequence[ResourceKey]]) -> list[ResourceKey]:
        """Return the resources looked for that an event was done to."""
        act = self._reader.named.act(use.act)
        listed = list(self._reader.named.keys(use.resources, use.place, use.reading))
        beside: list[Resource] = [each for _, each in listed]
        found: dict[ResourceKey, None] = {}
        for named, each in listed:
            if each.role is ResourceRole.SOURCE:
                continue
            for key in wanted.get((named.family, named.name), ()):
                if is_of(named, key, act, beside):
                    found[key] = None
        return list(found)

    def _keep(self, found: Sequence[tuple[ResourceKey, Use]]) -> None:
        """Keep those acts of which no record says what they changed; of what a resource lies in, none says it."""
        stating = (
            self._reader.changes.stating(sorted({use.event for _, use in found})) if found else frozenset()
        )
        for key, use in found:
            if use.event in stating and self._names(use, key):
                continue
            source, act = self._reader.named.source(use.reading), self._reader.named.act(use.act)
            other = source != "aws.cloudtrail" and source.startswith("aws.")
            if other and self._reader.changes.told_elsewhere(key.id, [use.event]):
                continue
            self._acts[key].append(SilentUse(use.event, use.time, bool(use.coarse), source, act))

    def _names(self, use: Use, key: ResourceKey) -> bool:
        named = self._reader.named.keys(use.resources, use.place, use.reading)
        return any(one.name == key.name for one, _ in named)

    def _life(self, key: ResourceKey) -> _Life:
        self._load_lives([key])
        return self._lives[key]

    def _load_lives(self, keys: Iterable[ResourceKey]) -> None:
        missing = {key.id: key for key in keys if key not in self._lives}
        self._lives.update((key, _Life([])) for key in missing.values())
        for statements in self._reader.changes.statements(sorted(missing)):
            key = statements[0].statement.resource
            self._lives[key] = _Life(statements)

    def _between(self, key: ResourceKey, field: str, start: Instant, end: Instant | None) -> list[SilentUse]:
        if (key, field) not in self._of_fields:
            acts = [each for each in self._acts[key] if may_alter_field(each.source, each.act, field)]
            self._of_fields[key, field] = in_line(acts)
        return between(self._of_fields[key, field], start, end)

    def _named(self, acts: Sequence[SilentUse]) -> Silence:
        return Silence(len(acts), tuple(self._told([each.event for each in acts[:FIRST]]))) if acts else _NONE

    def _told(self, events: Sequence[int]) -> list[SilentEvent]:
        missing = dict.fromkeys(EventId(one) for one in events if one not in self._shown)
        for each in self._reader.events(list(missing)) if missing else ():
            act = each.event.act
            self._shown[each.id] = SilentEvent(
                each.id, each.ref, each.event.time.micros, act.service, act.action, each.event.outcome.status
            )
        return [self._shown[number] for number in events if number in self._shown]


class _Life:
    """The statements about one resource, in order."""

    def __init__(self, statements: Sequence[Placed]) -> None:
        self._ordered = in_order(statements)
        self._last = {each.event: at for at, each in enumerate(self._ordered)}

    def fields(self, event: int) -> set[str]:
        """Return the fields that an event states."""
        return {each.statement.field for each in self._ordered if each.event == event}

    def base(self, field: str, event: int) -> int:
        """Return the earliest event that what is known of a field from an event on rests on."""
        return rests_on(self._ordered, self._last[event], field) if event in self._last else event

    def instant(self, event: int) -> Instant:
        """Return when an event was; snapshots are dated by their files, often to the second."""
        if event not in self._last:
            return Instant(None, False)
        each = self._ordered[self._last[event]]
        return Instant(each.time, each.coarse or event < 0)
