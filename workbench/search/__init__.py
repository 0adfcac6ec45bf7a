"""The query language: from what a responder types to a tree of conditions on events. Knows nothing of SQL."""

from workbench.search.parse import describe, explain, parse
from workbench.search.query import And, Not, Or, Pattern, Query, Term, TimeRange
from workbench.search.render import render

__all__ = [
    "And",
    "Not",
    "Or",
    "Pattern",
    "Query",
    "Term",
    "TimeRange",
    "describe",
    "explain",
    "parse",
    "render",
]
