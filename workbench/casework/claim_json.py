"""Tags, findings, notes and custody as JSON, with the field names that scripts may rely on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from workbench.casework.choosing import Chosen
from workbench.casework.finding import FindingState
from workbench.casework.history import Version
from workbench.casework.moments import instant_of
from workbench.casework.tag import State
from workbench.claims.verdict import Lack
from workbench.claims.wording import answers, sentence
from workbench.model.claim import Citation, Kept, MachineView
from workbench.model.note import HandOver, Note, lateness


def tag_object(state: State) -> dict[str, Any]:
    """Return a tag as one JSON object."""
    tag = state.kept.body
    scope = tag.scope
    return {
        **_origin(state.kept),
        "as": tag.grade.value,
        "subject": tag.subject,
        "typed": tag.typed,
        "level": tag.level.value,
        "reason": tag.reason,
        "choice": scope.choice.value,
        "chosen_by": scope.text,
        "events": scope.events,
        "bound": scope.bound,
        "missing": state.kept.missing,
        "start": scope.start,
        "end": scope.end,
        "credentials": list(scope.credentials),
        "sources": list(scope.sources),
        "cites": _citations(tag.cites),
        "against": _citations(tag.against),
        "alternatives": [
            {"text": each.text, "excluded_by": list(each.excluded_by)} for each in tag.alternatives
        ],
        "assumptions": list(tag.assumptions),
        "would_change": tag.would_change,
        "closes": tag.closes,
        "likelihood": None if tag.likelihood is None else tag.likelihood.value,
        "confidence": None if tag.confidence is None else tag.confidence.value,
        "reason_code": None if tag.reason_code is None else tag.reason_code.value,
        "resolve": tag.resolve,
        "gaps": list(tag.gaps),
        "override": tag.override,
        "overrode": list(tag.overrode),
        "carried": tag.carried,
        "found_wrong": list(tag.found_wrong),
        "answers": tag.answers,
        "reaffirms": tag.reaffirms,
        "was_stale": list(tag.was_stale),
        "machine": machine_object(tag.machine),
        "machine_now": None if state.now is None else machine_object(state.now),
        "uncovered": state.uncovered,
        "stale": state.stale,
        "demotion_duty": state.duty,
        "lacks": _lacks(state.lacks),
        "released": state.released,
        "reviews": [msgspec.to_builtins(each) for each in state.kept.reviews],
        "places": scope.places,
    }


def machine_object(view: MachineView) -> dict[str, Any]:
    """Return what the links support by themselves."""
    return {
        "level": None if view.level is None else view.level.value,
        "subjects": list(view.subjects),
        "identities": list(view.identities),
        "why": view.why,
        "beyond": view.beyond,
        "contradictions": list(view.contradictions),
        "outside_validity": list(view.outside),
        "caveats": list(view.caveats),
    }


def chosen_object(found: Chosen) -> dict[str, Any]:
    """Return what is known of events before they are tagged."""
    return {
        "events": found.scope.events,
        "subject": found.subject or None,
        "credential": found.key or None,
        "machine": machine_object(found.machine),
        "proposals": _citations(found.proposals),
    }


def finding_object(state: FindingState) -> dict[str, Any]:
    """Return a finding as one JSON object."""
    finding = state.kept.body
    said = answers(finding)
    return {
        **_origin(state.kept),
        "statement": sentence(finding),
        "subject": finding.subject,
        "verb": finding.verb,
        "objects": list(finding.objects),
        "start": finding.period.start,
        "end": finding.period.end,
        "effect": finding.effect.value,
        "access_observed": said.access_observed,
        "impact_proven": said.impact_proven,
        "impact": None if finding.impact is None else finding.impact.value,
        "authority": finding.authority.value,
        "basis": _citations(finding.basis),
        "basis_text": finding.basis_text,
        "likelihood": None if finding.likelihood is None else finding.likelihood.value,
        "confidence": None if finding.confidence is None else finding.confidence.value,
        "authors_text": finding.text,
        "cites": _citations(finding.cites),
        "gaps": _citations(finding.gaps),
        "coverage": finding.coverage,
        "override": finding.override,
        "overrode": list(finding.overrode),
        "stale": state.stale,
        "lacks": _lacks(state.lacks),
        "released": state.released,
        "reviews": [msgspec.to_builtins(each) for each in state.kept.reviews],
    }


def note_object(kept: Kept[Note]) -> dict[str, Any]:
    """Return a note as one JSON object."""
    note = kept.body
    return {
        **_origin(kept),
        "refers_to": note.refers_to,
        "late": late(kept),
        "text": note.text,
        "on": _citations(note.on),
    }


def custody_object(kept: Kept[HandOver]) -> dict[str, Any]:
    """Return a step of custody as one JSON object."""
    step = kept.body
    return {
        **_origin(kept),
        "what": step.what,
        "from": step.giver,
        "to": step.taker,
        "at": step.at,
        "how": step.how,
        "on": _citations(step.on),
        "text": step.text,
    }


def late(kept: Kept[Note]) -> str | None:
    """Return how late a note was written, or that it was before its time, as it is shown with it."""
    refers_to = None if kept.body.refers_to is None else instant_of(kept.body.refers_to)
    return lateness(instant_of(kept.origin.time), refers_to)


def _origin(kept: Kept[Any]) -> dict[str, Any]:
    origin = kept.origin
    return {
        "id": origin.id,
        "version": origin.version,
        "stands": origin.stands,
        "written_at": origin.time,
        "author": origin.author,
        "seq": origin.seq,
        "journal": None if origin.journal is None else msgspec.to_builtins(origin.journal),
        "entry": origin.entry,
        "supersedes": origin.supersedes,
        "superseded_by": origin.superseded_by,
        "retracted": origin.retracted,
        "conflicts": [{"with": each.name, "says": each.says} for each in kept.rivals],
    }


def _citations(cites: Iterable[Citation]) -> list[dict[str, Any]]:
    return [
        {
            "kind": each.kind.value,
            "ref": each.ref,
            "says": each.says,
            "source": each.source,
            "strength": None if each.strength is None else each.strength.value,
            "as": None if each.grade is None else each.grade.value,
            "rule": each.rule,
            "shows": each.shows,
        }
        for each in cites
    ]


def _lacks(found: Iterable[Lack]) -> list[dict[str, str]]:
    return [{"rule": each.rule, "lacks": each.what} for each in found]


def version_object(version: Version) -> dict[str, Any]:
    """Return a version of anything in the record as one JSON object."""
    if isinstance(version, State):
        return tag_object(version)
    if isinstance(version, FindingState):
        return finding_object(version)
    if isinstance(version.body, Note):
        return note_object(version)
    return custody_object(version)
