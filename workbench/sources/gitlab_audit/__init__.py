"""GitLab audit events: the file ``audit_json.log``, the API and the stream."""

from workbench.sources.gitlab_audit.reader import GitLabReader

__all__ = ["GitLabReader"]
