"""What kind of act an audit record tells of, and which record of an event tells it best.

Types are those of ``libaudit.h`` and ``linux/audit.h``; numbers of system calls are those of the kernel's tables for
x86-64 and arm64, the only ones read; on another architecture a call is named by its number.
"""

from __future__ import annotations

from workbench.model.event import Verb

_SIGN_IN = (Verb.AUTHENTICATE, "override: sign-in")
_PART = (Verb.OTHER, "part of the act of another record")

BY_TYPE: dict[str, tuple[Verb, str]] = {
    **dict.fromkeys(("USER_LOGIN", "USER_AUTH", "LOGIN", "USER_ACCT", "USER_ERR", "GRP_AUTH"), _SIGN_IN),
    **dict.fromkeys(
        ("USER_START", "CRED_ACQ", "CRED_REFR"), (Verb.AUTHENTICATE, "override: a session opens")
    ),
    **dict.fromkeys(
        ("USER_END", "USER_LOGOUT", "CRED_DISP"), (Verb.AUTHENTICATE, "override: a session closes")
    ),
    **dict.fromkeys(("USER_CMD", "EXECVE"), (Verb.EXECUTE, "override: runs a command")),
    **dict.fromkeys(("ADD_USER", "ADD_GROUP"), (Verb.CREATE, "type: adds an account or group")),
    **dict.fromkeys(("DEL_USER", "DEL_GROUP"), (Verb.DELETE, "type: deletes an account or group")),
    **dict.fromkeys(
        ("ACCT_LOCK", "ACCT_UNLOCK", "CHUSER_ID", "CHGRP_ID"), (Verb.UPDATE, "type: changes an account")
    ),
    **dict.fromkeys(("USER_ROLE_CHANGE", "ROLE_ASSIGN"), (Verb.DELEGATE, "type: assigns a role")),
    "ROLE_REMOVE": (Verb.DELETE, "type: removes a role"),
    "ROLE_MODIFY": (Verb.UPDATE, "type: changes a role"),
    **dict.fromkeys(
        ("CONFIG_CHANGE", "DAEMON_CONFIG", "FEATURE_CHANGE", "USYS_CONFIG", "NETFILTER_CFG", "MAC_STATUS"),
        (Verb.UPDATE, "type: changes a configuration"),
    ),
    **dict.fromkeys(
        ("MAC_POLICY_LOAD", "MAC_CONFIG_CHANGE", "SOFTWARE_UPDATE"), (Verb.UPDATE, "type: changes the system")
    ),
    **dict.fromkeys(("KERN_MODULE", "BPF"), (Verb.EXECUTE, "override: loads code into the kernel")),
    **dict.fromkeys(
        (
            *(
                "PATH",
                "CWD",
                "PROCTITLE",
                "SOCKADDR",
                "BPRM_FCAPS",
                "CAPSET",
                "FD_PAIR",
                "IPC",
                "IPC_SET_PERM",
            ),
            *(
                "MMAP",
                "MQ_OPEN",
                "OBJ_PID",
                "SOCKETCALL",
                "EOE",
                "OPENAT2",
                "TIME_ADJNTPVAL",
                "TIME_INJOFFSET",
            ),
        ),
        _PART,
    ),
    **dict.fromkeys(
        (
            *(
                "AVC",
                "USER_AVC",
                "SELINUX_ERR",
                "SECCOMP",
                "SYSTEM_BOOT",
                "SYSTEM_SHUTDOWN",
                "SYSTEM_RUNLEVEL",
            ),
            *("SERVICE_START", "SERVICE_STOP", "DAEMON_START", "DAEMON_END", "DAEMON_ABORT", "DAEMON_ROTATE"),
            *(
                "DAEMON_RESUME",
                "DAEMON_ACCEPT",
                "DAEMON_CLOSE",
                "DAEMON_ERR",
                "CRYPTO_SESSION",
                "CRYPTO_KEY_USER",
            ),
            *(
                "CRYPTO_LOGIN",
                "CRYPTO_LOGOUT",
                "TTY",
                "USER_TTY",
                "MAC_IPSEC_EVENT",
                "VIRT_MACHINE_ID",
                "KERNEL",
            ),
            *("VIRT_RESOURCE", "USER", "TRUSTED_APP", "TEST"),
        ),
        (Verb.OTHER, "type: a report"),
    ),
}
"""Verb and rule by type."""

MANAGES = frozenset({"USER_MGMT", "GRP_MGMT", "USER_CHAUTHTOK", "GRP_CHAUTHTOK"})
"""Types whose ``op`` tells what was done."""

SIGN_IN_TYPES = frozenset(
    {
        *("USER_LOGIN", "USER_LOGOUT", "USER_AUTH", "USER_ACCT", "USER_START", "USER_END", "USER_ERR"),
        *("CRED_ACQ", "CRED_REFR", "CRED_DISP"),
    }
)
"""Types about an account that signs in, which ``acct`` or ``id`` names."""

_STAGES = {
    "EOE": 0, "PROCTITLE": 1, "CWD": 2, "PATH": 3, "SOCKADDR": 4, "EXECVE": 5,
    "AVC": 6, "SELINUX_ERR": 6, "SECCOMP": 6, "SYSCALL": 7,
}  # fmt: skip
_TELLS = 8
_ELSE = 4


def stage_of(kind: str) -> int:
    """Return how well a record of a type tells the act of its event: the highest of an event is the act.

    Records that user space sends, and those of a change that the kernel names (``CONFIG_CHANGE``, ``LOGIN``), tell more
    than the system call behind it, and that more than its arguments and paths.
    """
    stage = _STAGES.get(kind)
    if stage is not None:
        return stage
    if kind in MANAGES:
        return _TELLS
    known = BY_TYPE.get(kind)
    return _ELSE if known is None or known is _PART else _TELLS


_X86_64 = {
    0: "read", 1: "write", 2: "open", 41: "socket", 42: "connect", 43: "accept", 44: "sendto", 49: "bind", 50: "listen",
    56: "clone", 57: "fork", 58: "vfork", 59: "execve", 62: "kill", 76: "truncate", 77: "ftruncate", 82: "rename",
    83: "mkdir", 84: "rmdir", 85: "creat", 86: "link", 87: "unlink", 88: "symlink", 90: "chmod", 91: "fchmod",
    92: "chown", 93: "fchown", 94: "lchown", 101: "ptrace", 105: "setuid", 106: "setgid", 113: "setreuid",
    117: "setresuid", 159: "adjtimex", 161: "chroot", 164: "settimeofday", 165: "mount", 166: "umount2",
    169: "reboot", 170: "sethostname", 175: "init_module", 176: "delete_module", 188: "setxattr", 227: "clock_settime",
    246: "kexec_load", 257: "openat", 258: "mkdirat", 260: "fchownat", 263: "unlinkat", 264: "renameat",
    265: "linkat", 266: "symlinkat", 268: "fchmodat", 288: "accept4", 313: "finit_module", 316: "renameat2",
    321: "bpf", 322: "execveat", 437: "openat2",
}  # fmt: skip
_ARM64 = {
    5: "setxattr", 34: "mkdirat", 35: "unlinkat", 36: "symlinkat", 37: "linkat", 38: "renameat", 39: "umount2",
    40: "mount", 45: "truncate", 46: "ftruncate", 51: "chroot", 52: "fchmod", 53: "fchmodat", 54: "fchownat",
    55: "fchown", 56: "openat", 63: "read", 64: "write", 104: "kexec_load", 105: "init_module", 106: "delete_module",
    112: "clock_settime", 117: "ptrace", 129: "kill", 142: "reboot", 144: "setgid", 145: "setreuid", 146: "setuid",
    147: "setresuid", 161: "sethostname", 170: "settimeofday", 171: "adjtimex", 198: "socket", 200: "bind",
    201: "listen", 202: "accept", 203: "connect", 206: "sendto", 220: "clone", 221: "execve", 242: "accept4",
    273: "finit_module", 276: "renameat2", 280: "bpf", 281: "execveat", 437: "openat2",
}  # fmt: skip
_CALLS = {"c000003e": _X86_64, "x86_64": _X86_64, "c00000b7": _ARM64, "aarch64": _ARM64}

_BY_CALL: dict[str, tuple[Verb, str]] = {
    name: (verb, f"system call {name}")
    for verb, names in (
        (Verb.EXECUTE, "execve execveat init_module finit_module kexec_load bpf ptrace"),
        (Verb.DELETE, "unlink unlinkat rmdir delete_module"),
        (Verb.CREATE, "mkdir mkdirat link linkat symlink symlinkat creat"),
        (
            Verb.UPDATE,
            "rename renameat renameat2 chmod fchmod fchmodat chown fchown lchown fchownat setxattr truncate ftruncate "
            "write mount umount2 chroot sethostname settimeofday clock_settime adjtimex",
        ),
        (Verb.READ, "read"),
        (Verb.DELEGATE, "setuid setgid setreuid setresuid"),
        (Verb.OTHER, "socket connect accept accept4 bind listen sendto clone fork vfork kill reboot"),
    )
    for name in names.split()
}
_OPEN_FLAGS = {"open": "a1", "openat": "a2"}
"""The argument that holds the flags (open(2))."""

_WRITES, _CREATES = 0o3, 0o100 | 0o1000
"""``O_ACCMODE``, and ``O_CREAT | O_TRUNC``; the same on both architectures."""


def call_name(fields: dict[str, str]) -> str:
    """Return the name of a system call: as the daemon added it, by number and architecture, else its number."""
    number = fields.get("syscall", "")
    named = fields.get("SYSCALL")
    if named:
        return named
    if number.isdecimal() and len(number) < 6:
        table = _CALLS.get(fields.get("arch", ""), {})
        return table.get(int(number), f"syscall {number}")
    return number or "syscall"


def verb_of_call(name: str, fields: dict[str, str]) -> tuple[Verb, str]:
    """Decide the verb of a system call; for ``open`` by its flags, which the record holds."""
    argument = _OPEN_FLAGS.get(name)
    if argument is None:
        return _BY_CALL.get(name, (Verb.UNCLASSIFIED, "no rule"))
    try:
        flags = int(fields.get(argument, ""), 16)
    except ValueError:
        return Verb.UNCLASSIFIED, "no flags in the record"
    if flags & _WRITES or flags & _CREATES:
        return Verb.UPDATE, "flags: opened to write or create"
    return Verb.READ, "flags: opened to read only"


def verb_of_management(kind: str, operation: str) -> tuple[Verb, str]:
    """Decide the verb of a record about an account or group by its ``op``."""
    lowered = operation.lower().replace("-", " ")
    rule = f"op: {operation[:60]}"
    if "to group" in lowered or "to shadow group" in lowered or "user to " in lowered:
        return Verb.DELEGATE, rule
    if "chauthtok" in lowered or "passw" in lowered:
        return Verb.ISSUE_CREDENTIAL, rule
    if lowered.startswith(("add", "creat", "new")):
        return Verb.CREATE, rule
    if lowered.startswith(("del", "remov")):
        return Verb.DELETE, rule
    if lowered.startswith(("chang", "updat", "modif", "mod", "lock", "unlock", "set", "renam")):
        return Verb.UPDATE, rule
    return Verb.UNCLASSIFIED, f"no rule for {kind} with this op"


def weakens_audit(kind: str, fields: dict[str, str]) -> bool:
    """Tell whether a record tells that auditing was stopped, switched off or lost a rule."""
    if kind in ("DAEMON_END", "DAEMON_ABORT"):
        return True
    if kind == "CONFIG_CHANGE":
        removes = fields.get("op", "").strip('"') in ("remove_rule", "remove rule", "remove-rule")
        return removes or fields.get("audit_enabled") == "0" or fields.get("audit_pid") == "0"
    unit = fields.get("unit", "").removesuffix(".service")
    return kind == "SERVICE_STOP" and unit in ("auditd", "rsyslog", "syslog-ng", "systemd-journald")
