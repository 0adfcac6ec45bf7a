"""Records to try every reader with: those that the readers' own tests define, and the published samples if at hand.

A reader's tests hold its samples as module-level dicts, texts, or lists of them, as parameters of tests, or in
``samples/*.jsonl`` and ``samples/*.log``; whatever some reader recognises is taken, so that a new reader is tried
without being listed here.
"""

from __future__ import annotations

import functools
import importlib
import itertools
import os
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import tests.sources
from workbench.evidence.decode import UndecodableError, loads
from workbench.evidence.wrappers import unwrap
from workbench.sources.registry import Readers

HERE = Path(__file__).resolve().parent
DATASETS = Path(os.environ.get("WORKBENCH_DATASETS", HERE.parent.parent.parent / "shared" / "datasets"))
PANTHER = DATASETS / "panther-samples"

_DEEPEST = 3
_MOST = 200
"""Candidates from one name of a module: a few of each kind are enough."""

_NOT_HARVESTED = frozenset(
    {"tests.sources.harvest", "tests.sources.test_every_reader", "tests.sources.test_panther_samples"}
)

Document = dict[str, object]


@functools.cache
def documents() -> tuple[Document, ...]:
    """Return documents as readers get them, unwrapped; each is recognised by some reader."""
    readers = Readers()
    found = []
    for candidate in (*_candidates(), *_panther()):
        document: object = candidate
        if isinstance(candidate, str):
            try:
                document = loads(candidate.encode("utf-8", "surrogatepass"))[0]
            except UndecodableError:
                continue
        if isinstance(document, dict) and all(isinstance(key, str) for key in document):
            found += [part.document for part in unwrap(document) if readers.claims(part.document)]
    return tuple(found)


@functools.cache
def lines() -> tuple[str, ...]:
    """Return lines of text logs; each is recognised by some reader."""
    readers = Readers()
    texts = (line for text in _candidates() if isinstance(text, str) for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in texts if readers.claims_of_line(line)))


@functools.cache
def _candidates() -> tuple[Document | str, ...]:
    found: list[Document | str] = []
    for module in pkgutil.walk_packages(tests.sources.__path__, "tests.sources."):
        if module.name in _NOT_HARVESTED:
            continue
        try:
            names = vars(importlib.import_module(module.name))
        except ImportError:
            continue  # its own tests fail for it, loudly
        for name, value in names.items():
            if not name.startswith("__"):
                found += itertools.islice(_inside(value, 0), _MOST)
    for path in sorted(HERE.glob("**/samples/*")):
        if path.suffix in (".jsonl", ".log", ".txt"):
            found += path.read_text(encoding="utf-8").splitlines()
    return tuple(found)


def _inside(value: object, depth: int) -> Iterator[Document | str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield value
        if depth < _DEEPEST:
            for each in value.values():
                yield from _inside(each, depth + 1)
    elif callable(value):
        # The cases of a test, or those of one parameter.
        for mark in getattr(value, "pytestmark", ()):
            if mark.name == "parametrize" and depth < _DEEPEST:
                yield from _inside(list(mark.args[1]), depth + 1)
    elif isinstance(value, list | tuple) and depth < _DEEPEST:
        for each in value:
            yield from _inside(each, depth + 1)


def _panther() -> Iterator[str]:
    if PANTHER.is_dir():
        for path in sorted(PANTHER.glob("*.jsonl")):
            yield from path.read_text(encoding="utf-8").splitlines()
