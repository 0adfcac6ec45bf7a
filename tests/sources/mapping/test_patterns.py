from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.sources.mapping.patterns import LONGEST_LINE, UnsteadyPatternError, compiled


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?P<when>\S+ \S+) (?P<host>[\w.-]+) vpn(?:\[\d+\])?: (?P<rest>.*)",
        r"(?P<ip>(?:\d{1,3}\.){3}\d{1,3}) (?:GET|PUT|POST) ",
        r"\[([^\]]*)\] (.*)$",
        r'user="([^"]*)"',
        r"(?: \w+=[^ ;]+)*; end",
        r"(?:a|ab)*c",
        r"(?>[a-z]+);",
        r"[^x]*x",
        r"a?b",
    ],
)
def test_steady(pattern: str) -> None:
    assert compiled(pattern).pattern == pattern


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"(a+)+b", "repeat"),
        (r"(?: \w+=[^ ]+)* end", "repeat"),
        (r"(?:a|aa)*c", "repeat"),
        (r".*x", "repeat 1 "),
        (r"\S+ .*: x", "repeat 2 "),
        (r"(?:[a-z]+\s*)+x", "repeat"),
        (r"(\w*)*", "repeat"),
        (r"\d{1,9}\d", "repeat"),
        (r"(\w)\1", "back-references"),
        (r"(?=a)a", "look-around"),
        (r"(?i)a", "flags"),
        (r"(?i:a)", "flags"),
        (r"a?a?a?a?a?a?a?a?a?a", "begin alike"),
        (r"[", "no regular expression"),
        (r"a" * 3000, "longer"),
        (r".*", "empty"),
        (r"x?", "empty"),
        ("(" * 900 + "a" + ")" * 900, "no regular expression"),
    ],
)
def test_refused(pattern: str, why: str) -> None:
    with pytest.raises(UnsteadyPatternError, match=re.escape(why)):
        compiled(pattern)


atoms = st.sampled_from(
    ["a", "b", " ", ".", "[ab]", "[^a]", r"\w", r"\s", r"\d", "(?:ab|a)", "(?:a|b)", "(?:a )", "x"]
)
quantified = st.builds(
    str.__add__, atoms, st.sampled_from(["", "", "*", "+", "?", "{1,3}", "{2}", "*?", "+?", "*+"])
)
grouped = st.lists(quantified, min_size=1, max_size=3).map("".join)
patterns = st.lists(
    grouped
    | st.builds(lambda body, q: f"(?:{body}){q}", grouped, st.sampled_from(["", "*", "+", "?", "{1,2}"])),
    min_size=1,
    max_size=6,
).map("".join)
lines = st.builds(
    lambda part, last: (part * LONGEST_LINE)[: LONGEST_LINE - 1] + last,
    st.text("ab x1", min_size=1, max_size=4),
    st.sampled_from("ab x!"),
)


@settings(max_examples=400, deadline=None)
@given(patterns, lines)
def test_no_line_makes_an_accepted_pattern_slow(pattern: str, line: str) -> None:
    try:
        steady = compiled(pattern)
    except UnsteadyPatternError:
        return
    began = time.process_time()
    steady.match(line)
    matched = time.process_time()
    steady.search(line)
    assert matched - began < 0.1
    assert time.process_time() - matched < 3
