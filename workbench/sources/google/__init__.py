"""Readers of what Google records of its cloud and of Workspace, and what they share."""

from workbench.sources.google.cloud_audit import CloudAuditReader
from workbench.sources.google.workspace import WorkspaceReader

__all__ = ["CloudAuditReader", "WorkspaceReader"]
