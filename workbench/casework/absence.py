"""Asking a case whether something may be said not to have happened: the search, and the guard over its result."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec

from workbench.casefile.reader import CaseReader
from workbench.clock import rfc3339
from workbench.coverage.facts import HOUR
from workbench.coverage.naming import ARN, Names, Parts, as_arn, names_of, relatives
from workbench.coverage.negative import Answer, may_state_absence
from workbench.coverage.recorders import Question, Recorder, recorders
from workbench.errors import WorkbenchError
from workbench.model.case import StoredEvent
from workbench.model.event import Resource, ResourceRole, Verb
from workbench.search import parse
from workbench.search.query import Pattern
from workbench.sources.aws_cloudtrail.arns import read_arn
from workbench.sources.aws_cloudtrail.resource_tables import types_known

_COUNTED = 10_000
"""Records counted at most; more say nothing more."""

_LOOKED_AT = 1_000
"""Records of which it is told what they name."""

_LISTED = 3

_VERBS = {Verb.READ: (Verb.READ, Verb.READ_SECRET)}
"""Verbs that are another verb too: whoever reads a secret reads."""


def ask_absence(
    reader: CaseReader,
    *,
    verb: Verb,
    target: str,
    start: int | None = None,
    end: int | None = None,
    account: str | None = None,
    source: str | None = None,
) -> Answer:
    """Answer whether a case allows to say that nobody did this to that.

    Args:
        reader: The case.
        verb: What was not done.
        target: To what: a native name (``*`` stands for anything) or a type such as ``s3:object``.
        start: From when, microseconds UTC; the case's first event by default.
        end: To when; its last event by default.
        account: In which account.
        source: In which log; in all that would have recorded it by default.

    Raises:
        WorkbenchError: If the case holds no event with a time, or the target is neither a native name nor a type.
    """
    streams = reader.coverage.streams()
    dated = [each for each in streams if each.first is not None and each.last is not None]
    if not dated:
        raise WorkbenchError("the case holds no event with a time", "add evidence first")
    start = min(each.first or 0 for each in dated) if start is None else start
    end = max(each.last or 0 for each in dated) if end is None else end
    period = f"time:[{rfc3339(start, 6)} TO {rfc3339(end, 6)}]"

    def numbers(condition: str) -> list[int]:
        found: list[int] = []
        for chunk in reader.scan(parse(condition)):
            found += chunk.ids
            if len(found) >= _COUNTED:
                break
        return found

    def of_kind(recorder: Recorder, verbs: str) -> str:
        parts = [f"({verbs})", f"source:{_quoted(recorder.source)}"]
        for name in ("service", "account", "region", "category"):
            value = getattr(recorder, name)
            if value is not None:
                parts.append(f"{name}:{_quoted(value)}")
        return " AND ".join([*parts, period])

    def same_kind(recorder: Recorder) -> Counter[int]:
        found: Counter[int] = Counter()
        for chunk in reader.scan(parse(of_kind(recorder, f"verb:{verb}"))):
            found.update(time // HOUR for time in chunk.times)
        return found

    question = Question(
        verb=verb,
        object=target,
        start=start,
        end=end,
        account=account,
        source=source,
    )
    types = reader.coverage.types() | types_known()
    _refuse_nothing(reader, question, types)
    names = names_of(target)
    verbs = " OR ".join(f"verb:{each}" for each in _VERBS.get(verb, (verb,)))
    ids = numbers(f"({verbs}) AND ({_condition(names)}) AND {period}")
    cut = len(ids) >= _COUNTED
    asked = _Asked.of(target, names, types)
    if _is_type(target):
        for each in recorders(question):
            more = numbers(of_kind(each, verbs))
            cut = cut or len(more) >= _COUNTED
            ids += more
    told = _sort_out(reader, dict.fromkeys(ids), asked)
    if names.service is None and not (_is_type(target) and (told.naming or told.untold)):
        question = msgspec.structs.replace(question, known=_known(reader, numbers, names, target))
    question = msgspec.structs.replace(
        question,
        found=len(told.naming),
        untold=len(told.untold),
        at_least=cut,
        unnamed=asked.kind if asked.many and not asked.usual else None,
        named=_named(reader, told.naming, asked),
        first=tuple(each.ref.short for each in reader.events((told.naming or told.untold)[:_LISTED])),
    )
    return may_state_absence(
        question,
        streams=streams,
        acts=reader.coverage.acts(),
        gaps=reader.coverage.gaps(),
        validation=reader.coverage.validation(),
        same_kind=same_kind,
    )


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _is_type(target: str) -> bool:
    """Whether a type is asked about (``s3:object``), of which records hold service and category, and not a name."""
    service, _, kind = target.partition(":")
    return bool(service and kind) and ":" not in kind and "/" not in kind


_NATIVE = re.compile(r"[^\s:]*[/@*.\d_-][^\s:]*|\S*[/@*]\S*|\S+(:\S*){2,}")
"""What a native name looks like: a path, an address, an ARN, a pattern, a name with joints or digits."""


def _refuse_nothing(reader: CaseReader, question: Question, types: frozenset[str]) -> None:
    """Refuse an object that is neither a native name nor a type: of a word that no log uses nothing can be absent.

    Raises:
        WorkbenchError: With the nearest types.
    """
    target = question.object
    kinds = {each.partition(":")[2] for each in types}
    word = target.strip().casefold()
    if _is_type(target) and " " not in target:
        services = {each.partition(":")[0] for each in types}
        # Any service may be one of AWS; of no other log is a type taken for known that no record and no documentation names.
        elsewhere = any(each.source != "aws.cloudtrail" for each in recorders(question))
        if word.partition(":")[0] in services or elsewhere:
            return
    elif reader.coverage.is_named(target) or (
        word not in kinds
        and (_NATIVE.fullmatch(target) or (question.source is not None and target.split() == [target]))
    ):
        return
    asked = set(re.findall(r"[a-z0-9]+", word))
    asked |= {each.removesuffix("s") for each in asked}
    alike = {
        each: len(asked & {*re.split("[:/-]", each)}) for each in types if asked & {*re.split("[:/-]", each)}
    }
    nearest = sorted(alike, key=lambda each: (-alike[each], len(each), each))[
        :5
    ] or difflib.get_close_matches(word, sorted(types), n=5)
    raise WorkbenchError(
        f"{target!r} is neither a name as a log writes it nor a type of thing",
        (f"the nearest types are {', '.join(nearest)}; " if nearest else "")
        + "write SERVICE:TYPE (iam:user, s3:object) or a native name (an ARN, a path, an e-mail address), * for anything",
    )


class _Asked(NamedTuple):
    """What a record must name to be of the thing that was asked about.

    Attributes:
        names: The names under which records may speak of it.
        kind: Its type, small letters, which ends in a colon where it is any of a service; ``None`` where the name says none.
        usual: Whether logs are known to name things of that type: then those of another type are others.
        many: Whether the name stands for several things, so that the type alone tells them apart.
        typed: Whether it was asked about by its type alone.
    """

    names: Names
    kind: str | None
    usual: bool
    many: bool
    typed: bool

    @classmethod
    def of(cls, target: str, names: Names, types: frozenset[str]) -> _Asked:
        """Return what was asked about."""
        if _is_type(target):
            kind: str | None = target.casefold()
        else:
            arn = read_arn(as_arn(target))
            kind = arn.type.casefold() if arn is not None else None
            if kind is not None and arn is not None and "*" in kind and kind != "s3:object":
                kind = f"{arn.service.casefold()}:"
        usual = kind is not None and any(_is_kind(each, kind) for each in types)
        return cls(names, kind, usual, "*" in target or _is_type(target), _is_type(target))

    def is_named_by(self, stored: StoredEvent) -> bool | None:
        """Whether a record names such a thing; ``None`` if it does not tell."""
        answers = {self.names_it(each) for each in stored.event.resources}
        if True in answers:
            return True
        if self.kind is None:
            return True
        # An act is named after what it is done to, which a request that was denied, or an answer left out, need not name.
        thing = self.kind.partition(":")[2].replace("-", "").rstrip("s")
        act = stored.event.act.action.casefold()
        others = {
            (each.type or "").partition(":")[2].replace("-", "")
            for each in stored.event.resources
            if each.role is ResourceRole.TARGET
        }
        about = bool(thing) and thing in act and not any(each and each in act for each in others)
        played = {each.role for each in stored.event.resources}
        if None in answers or about or played <= {ResourceRole.SOURCE} or not self.usual:
            return None
        return False

    def names_it(self, each: Resource) -> bool | None:
        """Whether a resource of a record is such a thing; ``None`` if it does not tell."""
        name, kind = each.name, (each.type or "").casefold()
        if not self.typed:
            if _called(name, (*self.names.anywhere, *self.names.collections)):
                return True
            if ARN.fullmatch(name):
                return _called(name, (one for one in self.names.aws if one[0].startswith("arn:")))
            if not self.names.whole and not _called(name, self.names.aws):
                return False
            if not self.many:
                return True
        if self.kind is None or _is_kind(kind, self.kind):
            return True
        return None if not kind or kind.endswith(":resource") else False


class _Told(NamedTuple):
    """Which records name what was asked about, and which do not tell what they are of."""

    naming: list[int]
    untold: list[int]


def _is_kind(kind: str, wanted: str) -> bool:
    # What is done to a thing in a bucket is done to the bucket.
    return (
        kind == wanted
        or (wanted.endswith(":") and kind.startswith(wanted))
        or (wanted, kind) == ("s3:bucket", "s3:object")
    )


def _sort_out(reader: CaseReader, events: Iterable[int], asked: _Asked) -> _Told:
    """Return which of these events name what was asked about."""
    told = _Told([], [])
    listed = list(events)
    for place in range(0, len(listed), _LOOKED_AT):
        for stored in reader.events(listed[place : place + _LOOKED_AT]):
            named = asked.is_named_by(stored)
            if named is not False:
                (told.naming if named else told.untold).append(stored.id)
    return told


def _condition(names: Names) -> str:
    """Return the condition that finds what acts upon a thing, whatever the records call it."""
    told = [_resource(each) for each in names.anywhere]
    # A whole name also fits the last part of a longer one; what another namespace holds is no collection that it lies in.
    told += [
        f"(service:kubernetes AND {_resource(each)} AND NOT resource:*{_quoted('/' + each[0])})"
        for each in names.collections
    ]
    if names.service is not None:
        where = {"service": names.service, "account": names.account, "region": names.region}
        own = " AND ".join(f"{field}:{_quoted(value)}" for field, value in where.items() if value)
        told += [f"({own})"] if names.whole else [f"({own} AND {_resource(each)})" for each in names.aws]
    return " OR ".join(told)


def _resource(parts: Parts) -> str:
    return "resource:" + "*".join(_quoted(each) if each else "" for each in Pattern.of(parts).parts)


def _called(name: str, patterns: Iterable[Parts]) -> bool:
    return any(Pattern.of(each).matches(name) for each in patterns)


def _named(reader: CaseReader, events: list[int], asked: _Asked) -> tuple[str, ...]:
    """Return what events name of a thing, the most frequent first."""
    counted: Counter[str] = Counter()
    for stored in reader.events(events[:_LOOKED_AT]):
        for each in stored.event.resources:
            if not asked.typed and _called(each.name, asked.names.collections):
                counted[f"{each.name} (the whole collection, and so each in it)"] += 1
            elif not asked.typed and asked.names_it(each):
                counted[each.name] += 1
    listed = [name for name, _ in counted.most_common(_LISTED)]
    return (*listed, f"{len(counted) - _LISTED:,} others") if len(counted) > _LISTED else tuple(listed)


def _known(
    reader: CaseReader, numbers: Callable[[str], list[int]], names: Names, target: str
) -> tuple[tuple[str, str | None], ...]:
    """Return the logs that hold records of a thing, or else of its nearest like, with what they say it is."""
    for patterns in (
        (*names.anywhere, *names.aws, *names.collections),
        *((each,) for each in relatives(target)),
    ):
        found = {
            (stored.source, each.type)
            for stored in reader.events(
                numbers(" OR ".join(_resource(each) for each in patterns))[:_LOOKED_AT]
            )
            for each in stored.event.resources
            if _called(each.name, patterns)
        }
        if found:
            return tuple(sorted(found, key=lambda each: (each[0], each[1] or "")))
    return ()
