"""GitHub audit log of organisations and enterprises, with the events of GitHub Actions."""

from workbench.sources.github_audit.reader import GitHubReader

__all__ = ["GitHubReader"]
