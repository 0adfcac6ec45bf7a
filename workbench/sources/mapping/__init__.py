"""Readers for anything else: made from a TOML file in which a responder says how a record is to be read.

:data:`~workbench.sources.mapping.guide.MAPPING_HELP` is the format's description for people.
"""

from __future__ import annotations

from workbench.sources.mapping.guide import MAPPING_HELP
from workbench.sources.mapping.reader import MappedReader, read_mapping

__all__ = ["MAPPING_HELP", "MappedReader", "read_mapping"]
