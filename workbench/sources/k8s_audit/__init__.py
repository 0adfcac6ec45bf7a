"""Kubernetes audit logs: as the API server writes them, and as GKE puts them into Google Cloud's audit log."""

from workbench.sources.k8s_audit.reader import KubernetesReader

__all__ = ["KubernetesReader"]
