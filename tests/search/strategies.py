"""Queries and texts to try the filter language with."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from workbench.search.fields import FIELDS, FieldKind
from workbench.search.query import Not, Pattern, Query, Term, TimeRange, conjunction, disjunction

# Everything, lone surrogates too, with what means something to the grammar made likely.
HOSTILE = st.text(
    st.one_of(
        st.sampled_from('()[]{}"\\*:-!<>= \t\n'),
        st.sampled_from(string.ascii_letters),
        st.characters(exclude_categories=()),
    ),
    max_size=30,
)

FRAGMENTS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "AND",
                "OR",
                "NOT",
                "TO",
                "and",
                "-",
                "!",
                "(",
                ")",
                "[",
                "]",
                "{",
                "}",
                '"',
                "\\",
                "*",
                ":",
                ">=",
                "<",
                "action:",
                "time:",
                "verb:",
                "nope:",
                "2023-07-10",
                "2023-07-10T11:42Z",
                "read",
                "x",
                '"a b"',
                "time:[",
                "arn:aws:iam::1:user/x",
                "2001:db8::1",
                "AND(",
                "time:(",
                "identity:(",
                "time:*",
                " ",
                "\n",
            ]
        ),
        HOSTILE,
    ),
    max_size=12,
).flatmap(lambda parts: st.sampled_from(["", " "]).map(lambda joint: joint.join(parts)))

_FIRST = -62_135_596_800_000_000
_END = 253_402_300_800_000_000


@st.composite
def _patterns(draw: st.DrawFn) -> Pattern:
    parts = draw(st.lists(HOSTILE, min_size=1, max_size=4))
    return Pattern.of(parts)


@st.composite
def _terms(draw: st.DrawFn) -> Term:
    field = draw(st.sampled_from([None, *(field for field in FIELDS if field.kind is not FieldKind.TIME)]))
    if field is not None and field.kind is FieldKind.CHOICE:
        choice = draw(st.sampled_from(field.choices))
        cut = draw(st.integers(0, len(choice)))
        return Term(field, draw(st.sampled_from([Pattern((choice,)), Pattern((choice[:cut], choice[cut:]))])))
    pattern = draw(_patterns())
    if field is None and pattern.literal == "":
        pattern = Pattern(("", ""))
    return Term(field, pattern)


@st.composite
def _ranges(draw: st.DrawFn) -> TimeRange:
    instants = st.one_of(
        st.integers(_FIRST, _END), st.integers(_FIRST // 10**6, _END // 10**6).map(lambda s: s * 10**6)
    )
    low, high = sorted(draw(st.tuples(instants, instants).filter(lambda pair: pair[0] != pair[1])))
    return draw(
        st.sampled_from(
            [TimeRange(low, high), TimeRange(low, None), TimeRange(None, high), TimeRange(None, None)]
        )
    )


QUERIES: st.SearchStrategy[Query] = st.recursive(
    st.one_of(_terms(), _ranges()),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=4).map(conjunction),
        st.lists(inner, min_size=2, max_size=4).map(disjunction),
    ),
    max_leaves=8,
)
