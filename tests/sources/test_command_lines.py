from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.sources.command_lines import COMMAND_LINES, LONGEST


@pytest.mark.parametrize(
    "line",
    [
        "mysql -u root -phunter2 db",
        "mysqldump --password=hunter2 db",
        "tool --token hunter2 run",
        "tool --client-secret 'hunter2' run",
        "DB_PASSWORD=hunter2 ./run",
        "env API_KEY=hunter2 ./run",
        "git clone https://ana:hunter2@git.example.com/x",
        "curl -u ana:hunter2 https://example.com",
        "curl -H 'Authorization: Bearer hunter2' https://example.com",
        "sshpass -p hunter2 ssh web-1",
        "psql postgresql://app:hunter2@db/prod",
    ],
)
def test_secrets_are_masked_and_the_rest_stays(line: str) -> None:
    name = COMMAND_LINES[line]
    assert "hunter2" not in name
    assert name.split(" ")[0].split("=")[0] == line.split(" ")[0].split("=")[0]


@pytest.mark.parametrize(
    "line",
    [
        "cat /etc/shadow",
        "ssh -p 2222 web-1",
        "tool --password-file /run/x",
        "passwd eve",
        "aws secretsmanager list-secrets",
    ],
)
def test_ordinary_lines_stay_as_they_are(line: str) -> None:
    assert COMMAND_LINES[line] == line


@given(st.text(max_size=3000))
def test_any_text_is_shortened_and_does_not_raise(text: str) -> None:
    assert len(COMMAND_LINES[text]) <= 2 * LONGEST


def test_a_long_line_costs_little() -> None:
    assert len(COMMAND_LINES["curl " + "-" * 100_000]) == LONGEST + 1
