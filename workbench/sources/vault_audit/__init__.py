"""HashiCorp Vault audit log."""

from workbench.sources.vault_audit.reader import VaultReader

__all__ = ["VaultReader"]
