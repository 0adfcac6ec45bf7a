"""The incident workbench: sessions, lineage and effects rebuilt from audit logs, each statement with its proof."""

from __future__ import annotations

__version__ = "0.1.0"
