from __future__ import annotations

import pytest

from workbench.tui.glyphs import glyphs


@pytest.fixture(autouse=True)
def _same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the terminal or the locale of the machine that runs it."""
    for name in ("NO_COLOR", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKBENCH_ASCII", "0")
    monkeypatch.setattr("locale.getpreferredencoding", lambda do_setlocale=True: "UTF-8")
    glyphs.cache_clear()
