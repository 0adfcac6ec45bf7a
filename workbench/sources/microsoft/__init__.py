"""Readers of what Microsoft's cloud directory, Microsoft Graph and Microsoft 365 record, and what they share."""

from workbench.sources.microsoft.entra_audit import EntraAuditReader
from workbench.sources.microsoft.entra_signin import EntraSignInReader
from workbench.sources.microsoft.graph_activity import GraphActivityReader
from workbench.sources.microsoft.unified_audit import UnifiedAuditReader

__all__ = ["EntraAuditReader", "EntraSignInReader", "GraphActivityReader", "UnifiedAuditReader"]
