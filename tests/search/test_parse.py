from __future__ import annotations

import itertools
import json
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.search.strategies import FRAGMENTS, HOSTILE
from workbench.errors import QueryError
from workbench.search import And, Not, Or, Pattern, Query, Term, TimeRange, describe, explain, parse
from workbench.search.fields import FIELDS, find
from workbench.search.parse import LENGTH
from workbench.text import cell_width, visible


def term(name: str | None, *parts: str) -> Term:
    return Term(find(name) if name else None, Pattern(parts))


def fault(text: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse(text)
    return caught.value


def attempt(text: str) -> tuple[Query | None, QueryError | None]:
    """Parse a text that may be anything."""
    try:
        return parse(text), None
    except QueryError as error:
        return None, error


# Precedence, judged by Python's own: `not` before `and` before `or`.

_EXPRESSIONS = st.recursive(
    st.sampled_from("pqrs").map(lambda letter: [letter]),
    lambda inner: st.one_of(
        inner.map(lambda x: ["NOT", *x]),
        st.tuples(st.sampled_from("-!"), inner).map(lambda x: [x[0], *x[1]]),
        inner.map(lambda x: ["(", *x, ")"]),
        st.tuples(inner, st.sampled_from(["AND", "OR", ""]), inner).map(
            lambda x: [*x[0], *filter(None, [x[1]]), *x[2]]
        ),
    ),
    max_leaves=10,
)


def _as_python(tokens: list[str]) -> str:
    words: list[str] = []
    for token in tokens:
        if words and words[-1] in ("p", "q", "r", "s", ")") and token not in ("AND", "OR", ")"):
            words.append("and")
        words.append({"AND": "and", "OR": "or", "NOT": "not", "-": "not", "!": "not"}.get(token, token))
    return " ".join(words)


def _holds(query: Query | None, true: set[str]) -> bool:
    match query:
        case Term(pattern=pattern):
            return pattern.literal in true
        case And(parts=parts):
            return all(_holds(part, true) for part in parts)
        case Or(parts=parts):
            return any(_holds(part, true) for part in parts)
        case Not(part=part):
            return not _holds(part, true)
    raise AssertionError(query)


@settings(max_examples=200)
@given(_EXPRESSIONS, st.sampled_from(["", "action:"]))
def test_precedence_is_that_of_python(tokens: list[str], field: str) -> None:
    text = ""
    for token in tokens:
        text += token if token in "-!" else token + " "
    query = parse(f"action:({text})" if field else text)
    expression = compile(_as_python(tokens), "expression", "eval")
    for values in itertools.product((False, True), repeat=4):
        names = dict(zip("pqrs", values, strict=True))
        assert _holds(query, {name for name in names if names[name]}) == eval(expression, {}, dict(names))


# What values mean.


@given(
    st.text(st.characters(exclude_categories=("Z",), exclude_characters='()*\\"'), min_size=1).filter(
        lambda t: not any(c.isspace() for c in t)
    )
)
@example("[S3Console/0.4,")
@example("AND")
@example("-1")
@example(">=x")
def test_unquoted_values_are_literal(value: str) -> None:
    assert parse(f"resource:{value}") == term("resource", value)
    assert parse(f"(resource:{value})") == term("resource", value)


@given(HOSTILE)
def test_quoted_values_are_literal(value: str) -> None:
    quoted = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert parse(f"resource:{quoted}") == term("resource", value)
    assert parse(f"resource:({quoted})") == term("resource", value)
    assert parse(f"resource:*{quoted}*") == Term(find("resource"), Pattern.of(["", value, ""]))
    if value:
        assert parse(quoted) == term(None, value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        (" \t\n\xa0", None),
        ("word", term(None, "word")),
        ("and or not to", And(tuple(term(None, word) for word in ("and", "or", "not", "to")))),
        ("ANDREW NOTE -ORAL", And((term(None, "ANDREW"), term(None, "NOTE"), Not(term(None, "ORAL"))))),
        ("- -x !x", And((term(None, "-"), Not(term(None, "x")), Not(term(None, "x"))))),
        ("--x", Not(Not(term(None, "x")))),
        ("-(a b)", Not(And((term(None, "a"), term(None, "b"))))),
        ("NOT(a)b", And((Not(term(None, "a")), term(None, "b")))),
        ('NOT"a b"', Not(term(None, "a b"))),
        ("error:*", term("error", "", "")),
        ("NOT error:*", Not(term("error", "", ""))),
        ('error:""', term("error", "")),
        ("a**b", term(None, "a", "b")),
        ("*", term(None, "", "")),
        (r"a\*b*", term(None, "a*b", "")),
        ('"a*b"', term(None, "a*b")),
        (r"a\ b", term(None, "a b")),
        (r"a\(b\)", term(None, "a(b)")),
        (r"a\\b", term(None, r"a\b")),
        (r"CORP\alice", term(None, r"CORP\alice")),
        (r"identity:CORP\alice", term("identity", r"CORP\alice")),
        (r"resource:C:\Users\x\[1]", term("resource", r"C:\Users\x\[1]")),
        (r'"C:\Users"', term(None, r"C:\Users")),
        ("a\\", term(None, "a\\")),
        ('say"x"', term(None, 'say"x"')),
        ("foo(bar)", And((term(None, "foo"), term(None, "bar")))),
        ("USER:alice", term("identity", "alice")),
        ("userAgent:x", term("user_agent", "x")),
        ("action:AND", term("action", "AND")),
        ("action:foo:bar", term("action", "foo:bar")),
        ("verb:READ", term("verb", "read")),
        ("verb:read*", term("verb", "read", "")),
        ("tampers:True", term("tampers", "true")),
        ("verb:(create OR delete)", Or((term("verb", "create"), term("verb", "delete")))),
        ("verb:(-create)", Not(term("verb", "create"))),
        (
            "identity:(arn:aws:iam::1:user/a x:y)",
            And((term("identity", "arn:aws:iam::1:user/a"), term("identity", "x:y"))),
        ),
        ('identity:("action:x")', term("identity", "action:x")),
        ("address:[::1]", term("address", "[::1]")),
        ("{a} [b]", And((term(None, "{a}"), term(None, "[b]")))),
    ],
)
def test_meaning(text: str, expected: Query | None) -> None:
    assert parse(text) == expected


DAY = 86_400_000_000
JULY_10 = 1_688_947_200_000_000


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2023-07-10", JULY_10, JULY_10 + DAY),
        ('"2023-07-10 00:00"', JULY_10, JULY_10 + 60_000_000),
        ("[2023-07-10 TO 2023-07-11]", JULY_10, JULY_10 + 2 * DAY),
        ("[2023-07-10 TO 2023-07-11}", JULY_10, JULY_10 + DAY),
        ("{2023-07-09 TO 2023-07-11}", JULY_10, JULY_10 + DAY),
        ("{2023-07-09 TO 2023-07-11]", JULY_10, JULY_10 + 2 * DAY),
        ("[2023-07-10 00:00 TO *]", JULY_10, None),
        ('["2023-07-10 00:00" TO *}', JULY_10, None),
        ("[* TO 2023-07-09]", None, JULY_10),
        ("[ * TO * ]", None, None),
        (">=2023-07-10", JULY_10, None),
        (">2023-07-10", JULY_10 + DAY, None),
        ("<2023-07-10", None, JULY_10),
        ('<="2023-07-09"', None, JULY_10),
        ("*", None, None),
        ("2023-07-10T02+02:00", JULY_10, JULY_10 + 3_600_000_000),
    ],
)
def test_time(text: str, low: int | None, high: int | None) -> None:
    assert parse(f"time:{text}") == TimeRange(low, high)
    assert parse(f"TIME:({text})") == TimeRange(low, high)
    assert parse(f"a -time:{text} b") == And((term(None, "a"), Not(TimeRange(low, high)), term(None, "b")))


@pytest.mark.parametrize(
    ("text", "marked", "said"),
    [
        ("x AND", "AND", "missing after 'AND'"),
        ("x OR OR y", "OR y", "both sides"),
        ("AND x", "AND", "both sides"),
        ("NOT", "NOT", "missing after"),
        ("x (y", "(", "not closed"),
        ("x)", ")", "no bracket is open"),
        ("x ()", ")", "missing before"),
        ('x "y', '"', "not closed"),
        ('x *"y', '"', "not closed"),
        (r'x "C:\"', '"', "not closed"),
        ('"x"y', "y", "follows the closing"),
        ('""', '""', "nothing between"),
        ("x action:", "action:", "no value"),
        ("(action:)", "action:", "no value"),
        ("action: x", "action:", "no value"),
        ("action=x", "action=x", "joined by ':'"),
        ("time>=2023", "time>=2023", "joined by ':'"),
        ('nope:"x"', "nope", "unknown field 'nope'"),
        ("x nope:(y)", "nope", "unknown field"),
        ("x acton:y", "acton", "nearest is 'action'"),
        ("verb:raed", "raed", "nearest is 'read'"),
        ("verb:(read x*)", "x*", "verb: has no value 'x*'"),
        ("tampers:yes", "yes", "true, false"),
        ("identity:(a action:b)", "action:b", "no other field"),
        ("action:[a TO b]", "TO", "only between the ends of a time range"),
        ("time:yesterday", "yesterday", "cannot be read as a time"),
        ("time:2023-07*", "2023-07*", "no wildcard"),
        ("time:>=nope", "nope", "cannot be read"),
        ("time:>", ">", "missing after"),
        ("time:[x y TO 2023]", "x y", "cannot be read"),
        ("time:[2023 TO 2023-02-30]", "2023-02-30", "no such date"),
        ("time:[2023 TO", "[", "not closed"),
        ("time:[2023]", "]", "range is not complete"),
        ("time:[TO 2023]", "TO", "range is not complete"),
        ("time:[2023 TO]", "]", "range is not complete"),
        ("time:[2024 TO 2023]", "[2024 TO 2023]", "no time in this range"),
        ("time:[2023 TO 2023}", "[2023 TO 2023}", "no time in this range"),
    ],
)
def test_errors_point_at_their_place(text: str, marked: str, said: str) -> None:
    error = fault(text)
    assert said in str(error)
    assert text[error.position :].startswith(marked)
    assert error.length <= max(len(marked), 1)
    assert error.remedy


# Hostile input.


@settings(max_examples=500, deadline=None)
@given(st.one_of(HOSTILE, FRAGMENTS, st.text()))
def test_any_text_gives_a_query_or_an_error_inside_it(text: str) -> None:
    query, error = attempt(text)
    if error is None:
        assert (query is None) == (not text.strip())
        hash(query)
    else:
        assert 0 <= error.position < len(text)
        assert error.position + error.length <= len(text)
        shown, carets, message = explain(error, text).split("\n")
        assert visible(shown) == shown
        assert visible(message) == message
        assert set(carets) <= {" ", "^"}
        assert carets.index("^") >= cell_width(visible(text[: error.position])) * (len(text) < 60)


@pytest.mark.parametrize(
    "unit",
    [
        "(",
        "-",
        "!",
        "NOT ",
        "((",
        "action:(",
        "time:(",
        "time:[",
        "-(",
        ")",
        '"',
        '\\"',
        "*",
        "\\",
        "a ",
        "a:",
        "AND ",
        "[",
        "0",
        "(a OR ",
        ":",
        "\x00",
        "\ud800",
        '*"a',
    ],
)
def test_long_and_deep_input_is_answered_soon(unit: str) -> None:
    for length in (LENGTH, 100_000):
        text = (unit * length)[:length]
        begun = time.perf_counter()
        _, error = attempt(text)
        if error is not None:
            assert 0 <= error.position < len(text)
            assert len(explain(error, text)) < 5_000
        assert time.perf_counter() - begun < 5


@pytest.mark.parametrize("opening", ["(", "-", "NOT ", "-("])
def test_the_limit_of_depth_is_exact(opening: str) -> None:
    per = len(opening.replace("NOT ", "!"))
    closing = ")" * opening.count("(")
    assert parse(opening * (64 // per) + "x" + closing * (64 // per)) is not None
    error = fault("y (z) -w " + opening * (64 // per + 1) + "x" + closing * (64 // per + 1))
    assert "more than 64 deep" in str(error)


def test_breadth_does_not_count_as_depth() -> None:
    text = " OR ".join(["-(NOT (a -b))"] * 200)
    assert isinstance(parse(text), Or)
    assert "nested" not in str(fault(text + " ("))


def test_length_limit() -> None:
    assert parse("x" * LENGTH) == term(None, "x" * LENGTH)
    error = fault("x" * (LENGTH + 1))
    assert (error.position, error.length) == (LENGTH, 1)


# Showing.


def test_explain_puts_the_caret_under_the_fault() -> None:
    text = "日本 \x1b[0m verb:raed more"
    shown, carets, message = explain(fault(text), text).split("\n")
    assert "\x1b" not in shown
    assert carets == " " * cell_width(shown[: shown.index("raed")]) + "^^^^"
    assert message.startswith("verb: has no value 'raed'")


def test_explain_shows_only_what_is_near() -> None:
    text = "x " * 500 + "verb:raed" + " y" * 500
    shown, carets, _ = explain(fault(text), text).split("\n")
    assert len(shown) < 140
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "raed"


def test_help_names_everything_and_fits_eighty_columns() -> None:
    text = describe()
    for field in FIELDS:
        for word in (*field.names, *field.choices, field.example):
            assert word in text
    assert all(len(line) <= 80 for line in text.splitlines())


# Real logs.


def test_values_of_real_logs_need_no_quotes(datasets: Path) -> None:
    """Every string of real CloudTrail records without a space or round bracket, typed as it stands."""
    values: set[str] = set()

    def collect(value: object) -> None:
        if isinstance(value, dict):
            for inner in value.values():
                collect(inner)
        elif isinstance(value, list):
            for inner in value:
                collect(inner)
        elif isinstance(value, str) and len(value) < 500:
            values.add(value)

    for file in sorted((datasets / "stratus-red-team").rglob("*.json")):
        collect(json.loads(file.read_bytes()))
    plain = [v for v in values if v and v[0] != '"' and not any(c.isspace() or c in "()*\\" for c in v)]
    assert len(plain) > 500
    for value in plain:
        assert parse(f"resource:{value} x") == And((term("resource", value), term(None, "x")))
    addresses = [v for v in plain if v.startswith(("arn:", "https://"))]
    assert addresses
    for value in addresses:
        assert parse(value) == term(None, value)
    for value in values - {""}:
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        assert parse(f'ua:"{quoted}"') == term("user_agent", value)
