"""AWS CloudTrail: management, data, insight and network activity events, and digest files."""

from __future__ import annotations

from workbench.sources.aws_cloudtrail.reader import CloudTrailReader

__all__ = ["CloudTrailReader"]
