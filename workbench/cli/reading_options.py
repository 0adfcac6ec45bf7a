"""Options that say how records are read, which adding and explaining share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from workbench.text import printable, visible


def _known_zone(name: str | None) -> str | None:
    """Check the name of a zone.

    Raises:
        click.BadParameter: If there is none of that name; says the nearest.
    """
    import zoneinfo

    if name is None or name in zoneinfo.available_timezones():
        return name
    from workbench.search.fields import nearest

    near, _ = nearest(name, sorted(zoneinfo.available_timezones()))
    raise click.BadParameter(f"there is no zone {visible(name)}; did you mean {near}?")


TIMEZONE = click.option(
    "--timezone",
    metavar="ZONE",
    callback=lambda ctx, param, value: _known_zone(value),
    help="Zone of times that have none, an IANA name (Europe/Berlin). Without it such times are kept as text only,"
    " unless the log's documentation says which zone they are in.",
)
SOURCE = click.option(
    "--source",
    metavar="NAME",
    help="Source of records that several readers know; others are read as ever. Names: `workbench sources`.",
)
MAPPING = click.option(
    "--mapping",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="A mapping file for records that no reader knows (`workbench sources mapping` explains it).",
)


def reading_options(
    timezone: str | None = None, source: str | None = None, mapping: tuple[Path, ...] = ()
) -> dict[str, Any]:
    """Return what the options say about reading records.

    Raises:
        WorkbenchError: If a mapping file cannot be read.
    """
    from workbench.casework.ingest.reading import MappingText
    from workbench.errors import MappingError

    mappings = []
    for path in mapping:
        try:
            mappings.append(MappingText(printable(path.name), path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise MappingError(
                f"{visible(str(path))} cannot be read", "a mapping is a TOML file in UTF-8"
            ) from error
    return {"timezone": timezone, "source": source, "mappings": tuple(mappings)}
