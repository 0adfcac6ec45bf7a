"""What is wrong with a query that the grammar refuses, said so that it can be put right."""

from __future__ import annotations

import re

from lark import Token
from lark.exceptions import UnexpectedInput, UnexpectedToken

from workbench.errors import QueryError
from workbench.text import visible

_CITED = 40
"""Characters of a query that a message repeats at most."""

_IN_RANGE = frozenset({"BOUND", "_TO", "RANGE_CLOSE"})
"""What only the inside of a time range waits for."""

_OPENING_QUOTE = re.compile(r'\**(")')
_CLOSED_QUOTE = re.compile(r'\**"(?:\\["\\]|\\(?!["\\])|[^"\\])*"')


def cited(text: str) -> str:
    """Return a piece of the query for use in a message: quoted, short, on one line, nothing hidden in it."""
    return f"'{visible(text if len(text) <= _CITED else text[: _CITED - 1] + '…')}'"


def syntax_fault(fault: UnexpectedInput, text: str) -> QueryError:
    """Turn the parser's refusal into an error for the person who typed the query.

    Args:
        fault: What the parser met. That the query ended too early is found elsewhere, where it can be said
            what was left unfinished.
        text: The whole query.
    """
    position = fault.pos_in_stream or 0
    if quote := _OPENING_QUOTE.match(text, position):
        return _quote_fault(text, position, quote.start(1))
    token = fault.token if isinstance(fault, UnexpectedToken) else Token("", text[position])
    in_range = isinstance(fault, UnexpectedToken) and not _IN_RANGE.isdisjoint(fault.expected)
    what, remedy = _explained(token, in_range=in_range)
    return QueryError(what, remedy, position=position, length=len(token))


def _explained(token: Token, *, in_range: bool) -> tuple[str, str]:
    if in_range:
        return (
            "the range is not complete",
            "write time:[a TO b] with a time or * at each end, quoted if it has a bracket",
        )
    if token.type == "_TO":
        return (
            "TO stands only between the ends of a time range",
            'write time:[a TO b], or "TO" for the word itself',
        )
    if token.type == "_CLOSE":
        return (
            "something is missing before this bracket",
            "complete what stands in the brackets or take them out",
        )
    if token.type in ("_AND", "_OR"):
        return (
            f"{token} needs something on both sides",
            f'complete the query, or write "{token}" for the word itself',
        )
    return f"{cited(token)} cannot stand here", "put the text in quotes if it is meant as such"


def _quote_fault(text: str, position: int, quote: int) -> QueryError:
    closed = _CLOSED_QUOTE.match(text, position)
    if closed is None:
        return QueryError(
            "the quotation mark is not closed",
            r"close it; inside quotes \" is a quotation mark and \\ a backslash",
            position=quote,
        )
    return QueryError(
        "text follows the closing quotation mark",
        r"put a space between, or write \" for a quotation mark inside",
        position=closed.end(),
    )
