"""placeholder"""

from __future__ import annotations
from collections.abc import Iterator, Mapping
from typing import Any
from workbench.model.change import Statement


def observed(
    document: Mapping[str, Any], modified: int | None
) -> Iterator[tuple[int | None, list[Statement]]]:
    return iter(())
