"""Regular expressions that no text can make slow: for lines of logs, whose words an attacker may have chosen.

A backtracking matcher takes exponential time on ``(a+)+b`` and cubic time on ``.*,.*,.*;``. Here every repeat must
end where something else begins, so that at each character there is one way to go on: matching at one place then takes
time proportional to the line, and searching its square, which the limit on its length keeps small.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from typing import Any

# The standard library has no public parser of expressions; these two are what `re` itself uses since Python 3.11.
ops: Any = importlib.import_module("re._constants")
parser: Any = importlib.import_module("re._parser")

LONGEST_LINE = 2048
"""Characters of the longest line that is matched."""

MOST_PIECES = 16
"""Expressions of one mapping."""

_LONGEST_PATTERN = 2000
_MOST_WAYS = 64
"""Ways through one expression: alternatives that begin alike, short repeats that overlap with what follows."""

_FEW = 3
"""Times that a repeat may overlap with what follows it."""

_ALPHABET = frozenset([*map(chr, range(256)), "ā", "\u0663", "\u2028", "€"])
"""Latin-1, and one letter, digit, space and sign from beyond it that stand for all others."""

_BEYOND = frozenset(character for character in _ALPHABET if ord(character) > 255)
_CATEGORIES = {
    ops.CATEGORY_DIGIT: r"\d",
    ops.CATEGORY_NOT_DIGIT: r"\D",
    ops.CATEGORY_SPACE: r"\s",
    ops.CATEGORY_NOT_SPACE: r"\S",
    ops.CATEGORY_WORD: r"\w",
    ops.CATEGORY_NOT_WORD: r"\W",
}
_ONE_CHARACTER = frozenset({ops.LITERAL, ops.NOT_LITERAL, ops.ANY, ops.IN})
_REPEATS = frozenset({ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT})

Node = tuple[Any, Any]
Characters = frozenset[str]


class UnsteadyPatternError(ValueError):
    """The expression is not valid, or a text could make it slow. The message says what to change."""


def compiled(pattern: str) -> re.Pattern[str]:
    """Compile an expression that takes time proportional to the text it is matched against.

    Args:
        pattern: In Python's syntax, without look-around, back-references and flags.

    Raises:
        UnsteadyPatternError: If it is not valid or not of that kind.
    """
    if len(pattern) > _LONGEST_PATTERN:
        raise UnsteadyPatternError(f"it is longer than {_LONGEST_PATTERN:,} characters")
    try:
        tree = parser.parse(pattern)
        result = re.compile(pattern)
        if result.flags != re.UNICODE.value:
            raise UnsteadyPatternError("it sets flags; write both cases out instead, [Aa]")
        _Walk().sequence(list(tree), frozenset())
        if all(map(_nullable, tree)):
            raise UnsteadyPatternError("it matches an empty text, and so every line")
    except (re.error, OverflowError, RecursionError) as error:
        raise UnsteadyPatternError(f"it is no regular expression: {error}") from None
    return result


class _Walk:
    """Goes through an expression from left to right and refuses what is not steady."""

    def __init__(self) -> None:
        self._repeats = 0

    def sequence(self, nodes: Sequence[Node], follow: Characters) -> int:
        """Return the ways through a sequence that is followed by some character of ``follow``."""
        ways = 1
        for index, node in enumerate(nodes):
            ways *= self._ways(node, _first(nodes[index + 1 :], follow))
            if ways > _MOST_WAYS:
                raise UnsteadyPatternError("too many of its alternatives begin alike")
        return ways

    def _ways(self, node: Node, follow: Characters) -> int:
        op, argument = node
        if op in _ONE_CHARACTER or op is ops.AT:
            return 1
        if op is ops.SUBPATTERN:
            _, added, removed, body = argument
            if added or removed:
                raise UnsteadyPatternError("it sets flags; write both cases out instead, [Aa]")
            return self.sequence(list(body), follow)
        if op is ops.ATOMIC_GROUP:
            return self.sequence(list(argument), follow)
        if op is ops.BRANCH:
            return self._alternatives([list(body) for body in argument[1]], follow)
        if op in _REPEATS:
            return self._repeat(argument, follow)
        raise UnsteadyPatternError("look-around, back-references and conditions are not supported")

    def _alternatives(self, bodies: list[list[Node]], follow: Characters) -> int:
        ways = [self.sequence(body, follow) for body in bodies]
        seen: Characters = frozenset()
        for body in bodies:
            first = _first(body, follow)
            if first & seen:
                return sum(ways)
            seen |= first
        return max(ways)

    def _repeat(self, argument: tuple[Any, Any, Any], follow: Characters) -> int:
        least, most, body = int(argument[0]), int(argument[1]), list(argument[2])
        self._repeats += 1
        number = self._repeats
        first = _first(body, frozenset())
        ways = self.sequence(body, first | follow)
        if least == most:
            return int(min(ways ** min(least, 64), _MOST_WAYS + 1))
        overlaps = bool(first & follow) or all(_nullable(each) for each in body)
        if not overlaps and ways == 1:
            return 1
        if most - least > _FEW:
            raise UnsteadyPatternError(
                f"repeat {number} (counted from the left) can go on with what follows it; take a class without "
                "that character ([^ ]+ before a space), or split the expression there into two of an array"
            )
        return int(min(sum(ways**times for times in range(least, most + 1)), _MOST_WAYS + 1))


def _first(nodes: Sequence[Node], follow: Characters) -> Characters:
    """Return the characters with which a sequence can begin, those of what follows it if it can be empty."""
    found: Characters = frozenset()
    for node in nodes:
        found |= _first_of(node)
        if not _nullable(node):
            return found
    return found | follow


def _first_of(node: Node) -> Characters:
    op, argument = node
    if op in _ONE_CHARACTER:
        return _characters(node)
    if op is ops.SUBPATTERN:
        return _first(list(argument[3]), frozenset())
    if op is ops.ATOMIC_GROUP:
        return _first(list(argument), frozenset())
    if op is ops.BRANCH:
        return frozenset().union(*(_first(list(body), frozenset()) for body in argument[1]))
    if op in _REPEATS:
        return _first(list(argument[2]), frozenset())
    return frozenset()


def _nullable(node: Node) -> bool:
    op, argument = node
    if op in _ONE_CHARACTER:
        return False
    if op is ops.AT:
        # The end of the line is followed by nothing; other places are passed over.
        return argument not in (ops.AT_END, ops.AT_END_STRING)
    if op is ops.SUBPATTERN:
        return all(map(_nullable, argument[3]))
    if op is ops.ATOMIC_GROUP:
        return all(map(_nullable, argument))
    if op is ops.BRANCH:
        return any(all(map(_nullable, body)) for body in argument[1])
    if op in _REPEATS:
        return int(argument[0]) == 0 or all(map(_nullable, argument[2]))
    return True


def _characters(node: Node) -> Characters:
    """Return the characters of :data:`_ALPHABET` that one step matches."""
    op, argument = node
    if op is ops.ANY:
        return _ALPHABET
    if op in (ops.LITERAL, ops.NOT_LITERAL):
        one = frozenset({chr(argument)}) if argument < 256 else _BEYOND
        # Many characters stand behind those from beyond: all but one of them still has them.
        return one if op is ops.LITERAL else _ALPHABET - one | _BEYOND
    found: set[str] = set()
    negated = False
    for inner, value in argument:
        if inner is ops.NEGATE:
            negated = True
        elif inner is ops.LITERAL:
            found |= {chr(value)} if value < 256 else _BEYOND
        elif inner is ops.RANGE:
            found.update(map(chr, range(value[0], min(value[1], 255) + 1)))
            found |= _BEYOND if value[1] > 255 else frozenset()
        else:
            found.update(filter(re.compile(_CATEGORIES[value]).match, _ALPHABET))
    return frozenset(_ALPHABET - found | _BEYOND) if negated else frozenset(found)
