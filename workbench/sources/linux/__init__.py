"""Logs of Linux hosts: syslog lines, the systemd journal, the audit daemon."""

from __future__ import annotations

from workbench.sources.linux.auditd import AuditdReader
from workbench.sources.linux.journal import JournalReader
from workbench.sources.linux.syslog import SyslogReader

__all__ = ["AuditdReader", "JournalReader", "SyslogReader"]
