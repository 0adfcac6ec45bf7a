"""From the text of a query to its meaning: what the grammar's rules, words and values stand for.

A value means nothing until its field is known, and a bracket can hold many values of one field. So each rule
gives a *reading*: a function that is handed the field (``None`` outside any) and then says what was meant.
"""

from __future__ import annotations

import functools
import importlib.resources
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput

from workbench.errors import QueryError
from workbench.search import bare, fields, times
from workbench.search.faults import cited, syntax_fault
from workbench.search.fields import Field, FieldKind
from workbench.search.query import Not, Pattern, Query, Term, TimeRange, conjunction, disjunction

DEPTH = 64
"""How deep brackets and negations may be nested."""

Reading: TypeAlias = Callable[[Field | None], Query]

_PIECES = re.compile(r'(?P<wild>\*+)|"(?P<quoted>(?:\\["\\]|\\(?!["\\])|[^"\\])*)"')
_IN_QUOTES = re.compile(r'\\(["\\])')
_UNQUOTED = re.compile(r"(?P<wild>\*+)|\\(?P<escaped>[\\*()\s])|(?P<plain>[^\\*]+|\\)")
_FIELD_ALONE = re.compile(r"([A-Za-z_][\w.-]*)(:|==?|!=|[<>]=?)", re.ASCII)


class _Bound(NamedTuple):
    """One end of a time range as written."""

    text: str
    position: int
    length: int


def read(text: str) -> Query:
    """Read a query that is not blank.

    Raises:
        QueryError: If it cannot be understood.
    """
    try:
        # The transformer works while parsing, so what comes back is no tree but the reading of the whole.
        reading = cast(Reading, _parser().parse(text))
    except UnexpectedInput as fault:
        raise syntax_fault(fault, text) from None
    return reading(None)


@functools.cache
def _parser() -> Lark:
    grammar = importlib.resources.files("workbench.search").joinpath("grammar.lark").read_text("utf-8")
    return Lark(
        grammar,
        parser="lalr",
        lexer="contextual",
        transformer=_Readings(),
        postlex=_Nesting(),
        maybe_placeholders=False,
    )


class _Nesting:
    """Watches the tokens go by: how deep they nest, and whether all that was begun is ended."""

    always_accept = ()

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        opened: list[tuple[Token, int]] = []
        depth = negations = 0
        last: Token | None = None
        for token in stream:
            if token.type in ("_OPEN", "RANGE_OPEN"):
                opened.append((token, negations))
                depth, negations = depth + 1, 0
            elif token.type in ("_NOT", "_MINUS"):
                depth, negations = depth + 1, negations + 1
            else:
                depth, negations = depth - negations, 0
                if token.type in ("_CLOSE", "RANGE_CLOSE"):
                    if not opened:
                        raise _fault(
                            token, "no bracket is open here", "take it out, or quote it if it is text"
                        )
                    depth -= 1 + opened.pop()[1]
            if depth > DEPTH:
                raise _fault(
                    token, f"the query is nested more than {DEPTH} deep", "use fewer brackets or NOTs"
                )
            last = token
            yield token
        if last is not None and last.type in ("_AND", "_OR", "_NOT", "_MINUS", "COMPARE"):
            raise _fault(
                last, f"something is missing after {cited(last)}", "complete the query or take it out"
            )
        if opened:
            bracket = opened[-1][0]
            raise _fault(
                bracket, f"the bracket {bracket} is not closed", "close it, or quote it if it is text"
            )


class _Readings(Transformer[Token, Reading]):
    """One method for each rule of the grammar."""

    def start(self, parts: list[Reading]) -> Reading:
        return parts[0]

    def either(self, parts: list[Reading]) -> Reading:
        return parts[0] if len(parts) == 1 else lambda field: disjunction(part(field) for part in parts)

    def both(self, parts: list[Reading]) -> Reading:
        return parts[0] if len(parts) == 1 else lambda field: conjunction(part(field) for part in parts)

    def exclude(self, parts: list[Reading]) -> Reading:
        return lambda field: Not(parts[0](field))

    def free(self, parts: list[Token]) -> Reading:
        return lambda _: _free_word(parts[0])

    def listed(self, parts: list[Token]) -> Reading:
        return lambda field: _listed(_inside(field), parts[0])

    def value(self, parts: list[Token]) -> Token:
        return parts[0]

    def on_field(self, parts: list[Token | Reading]) -> Reading:
        name, value = cast(Token, parts[0]), parts[1]
        return lambda _: _on_field(name, value)

    on_time = on_field

    def compare(self, parts: list[Token]) -> Reading:
        return lambda _: _compare(*parts)

    def bound(self, parts: list[Token]) -> _Bound:
        text = " ".join("*" if part == "*" else _pattern_text(part) for part in parts)
        return _Bound(text, _start(parts[0]), _end(parts[-1]) - _start(parts[0]))

    def range(self, parts: list[Token | _Bound]) -> Reading:
        opening, low, high, closing = parts
        return lambda _: _range(
            cast(Token, opening), cast(_Bound, low), cast(_Bound, high), cast(Token, closing)
        )


def _start(token: Token) -> int:
    return token.start_pos or 0


def _end(token: Token) -> int:
    return _start(token) + len(token)


def _fault(token: Token, what: str, remedy: str) -> QueryError:
    return QueryError(what, remedy, position=_start(token), length=len(token))


def _inside(field: Field | None) -> Field:
    """Return the field of a list of values; the grammar has lists only behind a field."""
    if field is None:
        raise AssertionError("a list of values without its field")
    return field


def _pattern(token: Token) -> Pattern:
    return _quoted(token) if token.type == "QUOTED" else _unquoted(token)


def _quoted(text: str) -> Pattern:
    pieces = [""]
    for piece in _PIECES.finditer(text):
        if piece["wild"]:
            pieces.append("")
        else:
            pieces[-1] += _IN_QUOTES.sub(r"\1", piece["quoted"])
    return Pattern.of(pieces)


def _unquoted(text: str) -> Pattern:
    pieces = [""]
    for piece in _UNQUOTED.finditer(text):
        if piece["wild"]:
            pieces.append("")
        else:
            pieces[-1] += piece["escaped"] or piece["plain"]
    return Pattern.of(pieces)


def _pattern_text(token: Token) -> str:
    """Return a value that takes no wildcards; one that has some comes back as typed, for the message."""
    literal = _pattern(token).literal
    return str(token) if literal is None else literal


def _free_word(token: Token) -> Query:
    pattern = _pattern(token)
    if token.type != "QUOTED":
        _refuse_field_alone(token)
    elif pattern.literal == "":
        raise _fault(token, "there is nothing between the quotes", "write the text to look for between them")
    return Term(None, pattern)


def _refuse_field_alone(token: Token) -> None:
    """Refuse ``action:`` and ``action=x``: as free words they would find nothing, and seem to answer."""
    match = _FIELD_ALONE.match(token)
    field = fields.find(match[1]) if match else None
    if match is None or field is None:
        return
    if match[2] != ":":
        raise _fault(
            token, f"a field and its value are joined by ':', not by {match[2]!r}", f"write {field.example}"
        )
    raise _fault(
        token,
        f"{match[0]} has no value",
        f"write it directly after the colon, or {field.name}:* for any",
    )


def _on_field(name: Token, value: Token | Reading) -> Query:
    field = fields.find(name[:-1])
    if isinstance(value, Token):
        if field is not None:
            return _of_field(field, value)
        if value.type != "QUOTED" and bare.is_value(name[:-1], value):
            return Term(None, _unquoted(name + value))
    elif field is not None:
        return value(field)
    likely, _ = fields.nearest(name[:-1])
    raise QueryError(
        f"unknown field {cited(name[:-1])}",
        f"the nearest is {likely!r}; text with a colon in it goes in quotes",
        position=_start(name),
        length=len(name) - 1,
    )


def _listed(field: Field, token: Token) -> Query:
    """Read one value out of a bracket behind a field."""
    name, colon, _ = token.partition(":")
    if token.type != "QUOTED" and colon and fields.find(name):
        raise _fault(
            token,
            f"the bracket behind {field.name}: holds values only, no other field",
            "close it first, or quote the value if it is text",
        )
    return _of_field(field, token)


def _of_field(field: Field, token: Token) -> Query:
    pattern = _pattern(token)
    if field.kind is FieldKind.TIME:
        if pattern.is_any:
            return TimeRange(None, None)
        return TimeRange(*_span(_Bound(_pattern_text(token), _start(token), len(token))))
    if field.kind is FieldKind.CHOICE:
        pattern = _chosen(field, pattern, token)
    return Term(field, pattern)


def _chosen(field: Field, pattern: Pattern, token: Token) -> Pattern:
    """Check a value against the choices of its field, and spell it as they do."""
    fitting = [choice for choice in field.choices if pattern.matches(choice)]
    if fitting:
        return pattern if pattern.literal is None else Pattern((fitting[0],))
    likely, _ = fields.nearest("".join(pattern.parts), field.choices)
    choices = ", ".join(field.choices)
    raise _fault(
        token, f"{field.name}: has no value {cited(token)}", f"the nearest is {likely!r}; there are {choices}"
    )


def _span(written: _Bound) -> tuple[int, int]:
    """Read a time that names a span of one unit.

    Raises:
        QueryError: If it cannot be read, pointing at it.
    """
    try:
        return times.read_span(written.text)
    except ValueError as reason:
        remedy = str(reason)
        if "*" in written.text:
            remedy = "a time takes no wildcard, 2023-07 is all of July, [2023-07 TO *] has no end"
        raise QueryError(
            f"{cited(written.text)} cannot be read as a time",
            remedy,
            position=written.position,
            length=written.length,
        ) from None


def _compare(sign: Token, token: Token) -> Query:
    start, end = _span(_Bound(_pattern_text(token), _start(token), len(token)))
    match str(sign):
        case ">=":
            return TimeRange(start, None)
        case ">":
            return TimeRange(end, None)
        case "<=":
            return TimeRange(None, end)
        case _:
            return TimeRange(None, start)


def _range(opening: Token, low: _Bound, high: _Bound, closing: Token) -> Query:
    lower = (None, None) if low.text == "*" else _span(low)
    upper = (None, None) if high.text == "*" else _span(high)
    first = lower[0 if opening == "[" else 1]
    after = upper[1 if closing == "]" else 0]
    if first is not None and after is not None and first >= after:
        raise QueryError(
            "there is no time in this range",
            "put the earlier time first; [ ] include the times they are written with, { } do not",
            position=_start(opening),
            length=_end(closing) - _start(opening),
        )
    return TimeRange(first, after)
