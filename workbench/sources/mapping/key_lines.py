"""On which line of a TOML file a key stands: parsers of TOML tell that of broken syntax only."""

from __future__ import annotations

import re

_TABLE = re.compile(r"\s*(\[\[?)\s*([\w.\"' -]+?)\s*\]\]?\s*(?:#.*)?")
_ASSIGNED = re.compile(r"\s*([\w.\"'-]+)\s*=")


def place_of(text: str, file: str, path: str) -> str:
    """Say where a key stands: file, line and path. A key that is missing stands where its table does.

    Args:
        text: The TOML text.
        file: Name of the file.
        path: The key (``act.verb``, ``resources[1].name``).
    """
    line = _line_of(text, path)
    return ", ".join(filter(None, (file, f"line {line}" if line else "", path)))


def _line_of(text: str, path: str) -> int | None:
    """Return the line of a key, or of the table it should stand in; ``None`` if there is neither."""
    best: tuple[int, int] | None = None
    current = ""
    seen: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        table = _TABLE.fullmatch(line)
        if table is not None:
            name = table[2].replace('"', "").replace("'", "")
            if table[1] == "[[":
                seen[name] = seen.get(name, -1) + 1
                name = f"{name}[{seen[name]}]"
            current = here = name
        else:
            assigned = _ASSIGNED.match(line)
            if assigned is None:
                continue
            key = assigned[1].replace('"', "").replace("'", "")
            here = f"{current}.{key}" if current else key
        if _leads_to(here, path) and (best is None or len(here) > best[1]):
            best = (number, len(here))
    return best[0] if best else None


def _leads_to(here: str, path: str) -> bool:
    return path == here or (path.startswith(here) and path[len(here)] in ".[")
