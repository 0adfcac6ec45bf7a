"""Work that ends after its screen was left."""

from __future__ import annotations

from functools import partial
from typing import Any

from textual.screen import Screen
from textual.worker import Worker, WorkType


class LateWork(Screen[Any]):
    """A screen of which background work may outlive it: what that work would still draw or tell is dropped."""

    def run_worker(self, work: WorkType[Any], *args: Any, **kwargs: Any) -> Worker[Any]:
        """Start work in the background."""
        return super().run_worker(partial(self._while_shown, work), *args, **kwargs)

    async def _while_shown(self, work: WorkType[Any]) -> Any:
        try:
            return await (work() if callable(work) else work)
        except Exception:
            # Between leaving, or the end of the program, and the end of its workers a screen loses its widgets one by one, and
            # its reads are interrupted. A screen that is being taken away has no display.
            if self in self.app.screen_stack and self.display and self.children:
                raise
            return None
