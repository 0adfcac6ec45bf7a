"""The filter line of the sessions, identities and credentials: words that must all occur, and a few fields with choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from workbench.errors import QueryError


class Word(NamedTuple):
    """One condition.

    Attributes:
        field: Name of a field with choices; ``None`` looks for the text anywhere.
        text: What is looked for, case folded.
        negated: Whether it must not hold.
    """

    field: str | None
    text: str
    negated: bool


def read_words(text: str, fields: Mapping[str, Sequence[str]]) -> list[Word]:
    """Read a filter line.

    Args:
        text: Words parted by spaces; ``-`` in front negates; ``field:choice`` where ``field`` is known.
        fields: Choices of each field. Any other colon is part of a name, as in ARNs.

    Raises:
        QueryError: If a field has no such choice.
    """
    words = []
    place = 0
    for part in text.split():
        place = text.index(part, place)
        negated = len(part) > 1 and part.startswith("-")
        body = part[1:] if negated else part
        name, colon, value = body.partition(":")
        choices = fields.get(name.casefold()) if colon else None
        if choices is None:
            words.append(Word(None, body.casefold(), negated))
        else:
            found = [choice for choice in choices if value and choice.startswith(value.casefold())]
            if not found:
                raise QueryError(
                    f"{name}: is one of {', '.join(choices)}", "", position=place, length=len(part)
                )
            words += [Word(name.casefold(), found[0], negated)]
        place += len(part)
    return words


def keeps(words: Sequence[Word], values: Mapping[str, str], texts: Callable[[], str]) -> bool:
    """Whether something passes a filter line.

    Args:
        words: The conditions.
        values: Its value of each field.
        texts: Gives all texts in which words are looked for, case folded.
    """
    whole = texts() if any(word.field is None for word in words) else ""
    return all(
        ((word.text in whole) if word.field is None else (values[word.field] == word.text)) != word.negated
        for word in words
    )
