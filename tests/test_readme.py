"""What the README shows of the code is the code."""

from __future__ import annotations

import re
from pathlib import Path

from workbench.sources.registry import READERS

ROOT = Path(__file__).resolve().parent.parent


def test_the_reader_in_the_readme_is_the_real_one() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```python\n(.*?)\n```", readme, re.DOTALL)
    assert shown in (ROOT / "workbench/sources/aws_bedrock.py").read_text(encoding="utf-8")


def test_the_readme_counts_the_sources() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    logs = [reader for reader in READERS if reader.source != "snapshot"]
    assert f"reads {len(logs)} kinds of logs" in readme
