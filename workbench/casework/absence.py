"""Asking a case whether something may be said not to have happened: the search, and the guard over its result."""

from __future__ import annotations

import msgspec

from workbench.casefile.reader import CaseReader
from workbench.clock import rfc3339
from workbench.coverage.negative import Answer, Question, Recorder, may_state_absence, recorders
from workbench.errors import WorkbenchError
from workbench.model.event import Verb
from workbench.search import parse

_COUNTED = 10_000
"""Records counted at most; more say nothing more."""


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
        WorkbenchError: If the case holds no event with a time.
    """
    streams = reader.coverage.streams()
    dated = [each for each in streams if each.first is not None and each.last is not None]
    if not dated:
        raise WorkbenchError("the case holds no event with a time", "add evidence first")
    start = min(each.first or 0 for each in dated) if start is None else start
    end = max(each.last or 0 for each in dated) if end is None else end
    period = f"time:[{rfc3339(start, 6)} TO {rfc3339(end, 6)}]"

    def number(condition: str) -> int:
        query = parse(f"{condition} AND {period}")
        found = 0
        for chunk in reader.scan(query):
            found += len(chunk.ids)
            if found >= _COUNTED:
                break
        return found

    def same_kind(recorder: Recorder) -> int:
        parts = [f"verb:{verb.value}", f"source:{_quoted(recorder.source)}"]
        for name in ("service", "account", "region", "category"):
            value = getattr(recorder, name)
            if value is not None:
                parts.append(f"{name}:{_quoted(value)}")
        return number(" AND ".join(parts))

    question = Question(
        verb=verb,
        object=target,
        start=start,
        end=end,
        account=account,
        source=source,
    )
    if _is_type(target):
        found = sum(same_kind(each) for each in recorders(question))
    else:
        found = number(f"verb:{verb.value} AND {_named(target)}")
    question = msgspec.structs.replace(question, found=found)
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


def _named(target: str) -> str:
    """Return the condition that finds what acts upon a name; ``*`` stands for anything."""
    return "resource:" + "*".join(_quoted(part) if part else "" for part in target.split("*"))
