"""Readers of what Azure records of its resources, and what they share."""

from workbench.sources.azure.activity import AzureActivityReader
from workbench.sources.azure.keyvault import KeyVaultReader
from workbench.sources.azure.storage import AzureStorageReader

__all__ = ["AzureActivityReader", "AzureStorageReader", "KeyVaultReader"]
