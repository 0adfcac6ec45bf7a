"""The filter language: what a responder types to narrow the timeline. ``grammar.lark`` holds its grammar."""

from __future__ import annotations

import textwrap

from workbench.errors import QueryError
from workbench.search.fields import FIELDS
from workbench.search.query import Query
from workbench.text import cell_width, visible

LENGTH = 4096
"""How many characters a query may have."""

_AROUND = 60
"""Characters of a query shown on either side of a fault."""

_WIDTH = 80
_NAMES = 13

_LANGUAGE = """\
a word                 anywhere in service, action, identity, credential,
                       address, agent, error, resource, account or region;
                       case never counts
raw:word               anywhere in the record as it stands: slow, misses nothing
field:value            the whole value; it runs literally to a space or ( )
field:a*b              * stands for any run of characters; \\* is the star itself
field:"a b"  "a b"*    quoted: anything, literally; \\" and \\\\ for " and \\
field:(a OR b)         several values of one field
field:*  NOT field:*   the field is present, is absent
a b   a AND b          both (AND before OR, NOT before both)
a OR b   ( )           either; brackets as usual
NOT a   -a   !a        not (on the command line -a needs -- before it)
time:2023-07-10        that day, UTC; so also 2023, 2023-07, 2023-07-10T11:42
time:[a TO b]          from a to the end of b's day, minute, second …;
                       { } without a and b; * for no end; always UTC
time:>=a  >a  <b  <=b  from, after, before, up to and with"""


def parse(text: str) -> Query | None:
    """Read a query.

    Args:
        text: What was typed.

    Returns:
        What it means, or ``None`` if nothing but space was typed.

    Raises:
        QueryError: If it cannot be understood, pointing at the place. No text leads to any other exception.
    """
    if len(text) > LENGTH:
        raise QueryError(
            f"the query has {len(text):,} characters, more than {LENGTH:,}",
            "shorten it; wildcards can take the place of lists",
            position=LENGTH,
            length=len(text) - LENGTH,
        )
    if not text.strip():
        return None
    # The parser is loaded with the first query, so that opening a case does not wait for it.
    from workbench.search.reading import read

    return read(text)


def explain(error: QueryError, text: str) -> str:
    """Show where a query is at fault.

    Args:
        error: What ``parse`` raised.
        text: The query it was given.

    Returns:
        Three lines, safe to show: the query (of a long one the part around the fault), carets under the
        fault, and the message.
    """
    start = min(error.position, len(text))
    end = min(start + error.length, len(text), start + _AROUND)
    before = visible(text[max(0, start - _AROUND) : start])
    fault = visible(text[start:end])
    after = visible(text[end : end + _AROUND])
    if start > _AROUND:
        before = "…" + before
    if end + _AROUND < len(text):
        after += "…"
    carets = " " * cell_width(before) + "^" * max(1, cell_width(fault))
    return f"{before}{fault}{after}\n{carets}\n{error}"


def describe() -> str:
    """Describe the language for help screens: its grammar, then every field. No line is over 80 wide."""
    lines = [_LANGUAGE, ""]
    for field in FIELDS:
        lines.append(f"{field.name:{_NAMES}}{field.description}: {field.example}")
        for label, words in (("also", field.aliases), ("one of", field.choices)):
            if words:
                lines += textwrap.wrap(
                    f"{label} {', '.join(words)}",
                    _WIDTH,
                    initial_indent=" " * _NAMES,
                    subsequent_indent=" " * (_NAMES + 2),
                )
    return "\n".join(lines)
