from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.model.event import Event, IdentityKind, OutcomeStatus, Verb
from workbench.sources.linux import AuditdReader
from workbench.sources.linux.audit_line import fingerprint, socket_name
from workbench.sources.linux.audit_verbs import call_name, stage_of
from workbench.sources.protocol import Context

READER = AuditdReader()
CONTEXT = Context()
HEAD = "node=web-1 type={} msg=audit(1688989338.250:4711): {}"

SYSCALL = (
    "arch=c000003e syscall=59 success=yes exit=0 a0=55d a1=55e a2=55f a3=8 items=2 ppid=900 pid=901 auid=1000 uid=0 gid=0 "
    'euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 comm="cat" exe="/usr/bin/cat" key="shadow"'
)

SAMPLES = [
    HEAD.format("SYSCALL", SYSCALL),
    HEAD.format("SYSCALL", SYSCALL + '\x1dARCH=x86_64 SYSCALL=execve AUID="jdoe" UID="root"'),
    HEAD.format("EXECVE", 'argc=2 a0="cat" a1="/etc/shadow"'),
    HEAD.format("PROCTITLE", "proctitle=636174002F6574632F736861646F77"),
    HEAD.format("PATH", 'item=0 name="/etc/shadow" inode=1 nametype=NORMAL'),
    HEAD.format(
        "USER_LOGIN",
        "pid=812 uid=0 auid=1000 ses=3 msg='op=login id=1000 exe=\"/usr/sbin/sshd\" addr=192.0.2.7 terminal=ssh res=success'",
    ),
    HEAD.format(
        "USER_CMD",
        "pid=9 uid=1000 auid=1000 ses=3 msg='cwd=\"/\" cmd=617564697463746C202D652030 res=success'",
    ),
    HEAD.format("LOGIN", "pid=812 uid=0 old-auid=4294967295 auid=1000 old-ses=4294967295 ses=3 res=1"),
    HEAD.format("CONFIG_CHANGE", "op=set audit_enabled=0 old=1 auid=1000 ses=3 res=1"),
    HEAD.format(
        "USER_MGMT",
        'pid=9 uid=0 auid=1000 ses=3 msg=\'op=add-user-to-group grp="wheel" acct="eve" res=success\'',
    ),
    "type=SYSCALL msg=audit(1688989338.250:4711): arch=c00000b7 syscall=221 success=no exit=-13 pid=9 auid=1000 ses=3",
    'Jul 10 11:42:18 web-2 audispd: type=CWD msg=audit(1688989338.250:4711): cwd="/"',
]


def read(kind: str, body: str, head: str = HEAD) -> Event:
    line = head.format(kind, body)
    assert READER.recognises_line(line)
    event = READER.read_line(line, CONTEXT).event
    assert event is not None
    return event


def test_the_records_of_one_event_share_its_number_and_the_act_is_the_highest() -> None:
    events = [
        read("SYSCALL", SYSCALL),
        read("EXECVE", 'argc=2 a0="cat" a1="/etc/shadow"'),
        read("CWD", 'cwd="/root"'),
        read("PATH", 'item=0 name="/etc/shadow" inode=1 nametype=NORMAL'),
        read("PROCTITLE", "proctitle=636174002F6574632F736861646F77"),
    ]
    assert {event.shared_id for event in events} == {"web-1/1688989338.250:4711"}
    stages = [event.particulars.stage or 0 if event.particulars else 0 for event in events]
    assert stages == sorted(stages, reverse=True) or stages[0] == max(stages)
    assert stages[0] > max(stages[1:])
    assert events[1].resources[0].name == "cat /etc/shadow"
    assert events[4].resources[0].name == "cat /etc/shadow"
    assert len({event.time.micros for event in events}) == 1
    assert events[0].time.micros == 1688989338_250_000


def test_a_system_call_names_login_account_session_and_effective_account() -> None:
    event = read("SYSCALL", SYSCALL)
    assert (event.act.action, event.act.verb, event.act.category) == ("execve", Verb.EXECUTE, "SYSCALL")
    assert event.identity is not None
    assert (event.identity.canonical, event.identity.native_id) == ("uid=1000@web-1", "1000")
    assert event.credential is not None
    assert (event.credential.type, event.credential.native_id) == ("linux session", "web-1/auid=1000/ses=3")
    assert event.particulars is not None
    assert event.particulars.on_behalf_of is not None
    assert event.particulars.on_behalf_of.native_id == "0"
    assert event.particulars.correlation_id == "web-1/pid=901"
    assert event.kind.kind is IdentityKind.UNDECIDED
    assert event.resources[0].name == "/usr/bin/cat"


def test_enrichment_gives_names() -> None:
    event = read("SYSCALL", SYSCALL + '\x1dARCH=x86_64 SYSCALL=execve AUID="jdoe" UID="root"')
    assert event.identity is not None
    assert (event.identity.canonical, event.identity.name) == ("jdoe@web-1", "jdoe")


def test_without_a_node_a_session_is_of_a_type_that_joins_no_hosts() -> None:
    event = read("SYSCALL", SYSCALL, HEAD.removeprefix("node=web-1 "))
    assert event.credential is not None
    assert event.credential.type == "linux session of an unnamed host"
    assert event.shared_id == "1688989338.250:4711"
    assert event.place.account is None


def test_an_unset_login_uid_is_a_daemon() -> None:
    event = read(
        "SYSCALL", SYSCALL.replace("auid=1000", "auid=4294967295").replace("ses=3", "ses=4294967295")
    )
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert event.credential is None


@pytest.mark.parametrize(
    ("exit_code", "status"),
    [
        ("-13", OutcomeStatus.DENIED),
        ("-1", OutcomeStatus.DENIED),
        ("-2", OutcomeStatus.NOT_FOUND),
        ("-22", OutcomeStatus.FAILED),
    ],
)
def test_failed_calls(exit_code: str, status: OutcomeStatus) -> None:
    event = read("SYSCALL", SYSCALL.replace("success=yes exit=0", f"success=no exit={exit_code}"))
    assert (event.outcome.status, event.outcome.code) == (status, exit_code)


def test_opens_are_told_by_their_flags() -> None:
    def opened(flags: str) -> Verb:
        return read(
            "SYSCALL",
            f"arch=c00000b7 syscall=56 success=yes exit=3 a0=ffffff9c a1=1 a2={flags} auid=1000 ses=3",
        ).act.verb

    assert opened("0") is Verb.READ
    assert opened("80000") is Verb.READ  # O_CLOEXEC
    assert opened("241") is Verb.UPDATE  # O_WRONLY | O_CREAT | O_TRUNC
    assert opened("zz") is Verb.UNCLASSIFIED


def test_an_unknown_call_is_named_by_its_number() -> None:
    assert call_name({"arch": "40000028", "syscall": "11"}) == "syscall 11"


def test_a_sign_in() -> None:
    event = read(
        "USER_LOGIN",
        'pid=812 uid=0 auid=1000 ses=3 subj=system_u:system_r:sshd_t:s0 msg=\'op=login id=1000 exe="/usr/sbin/sshd" '
        'hostname=192.0.2.7 addr=192.0.2.7 terminal=/dev/pts/0 res=success\'\x1dUID="root" AUID="jdoe" ID="jdoe"',
    )
    assert event.identity is not None
    assert event.address is not None
    assert (event.identity.canonical, event.address.ip) == ("jdoe@web-1", "192.0.2.7")
    assert (event.act.verb, event.outcome.status) == (Verb.AUTHENTICATE, OutcomeStatus.SUCCESS)
    assert event.kind.kind is IdentityKind.UNDECIDED


def test_a_refused_sign_in_names_the_account_that_was_tried() -> None:
    event = read(
        "USER_AUTH",
        "pid=812 uid=0 auid=4294967295 ses=4294967295 msg='op=PAM:authentication grantors=? acct=6576652078 "
        'exe="/usr/sbin/sshd" hostname=192.0.2.7 addr=192.0.2.7 terminal=ssh res=failed\'',
    )
    assert event.identity is not None
    assert (event.identity.name, event.outcome.status) == ("eve x", OutcomeStatus.DENIED)
    assert event.kind.kind is IdentityKind.UNDECIDED


def test_a_key_that_signs_in_is_written_as_sshd_writes_it() -> None:
    digits = ":".join(f"{byte:02x}" for byte in range(32))
    event = read(
        "USER_AUTH",
        f"pid=1 uid=0 auid=4294967295 ses=4294967295 msg='op=key algo=ssh-ed25519 size=256 fp=SHA256:{digits} rport=5022 "
        'acct="jdoe" exe="/usr/sbin/sshd" hostname=? addr=192.0.2.7 terminal=? res=success\'',
    )
    assert event.credential is not None
    assert event.credential.native_id == "SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    assert event.address is not None
    assert event.address.raw == "192.0.2.7 port 5022"
    assert fingerprint("MD5:00:11") == "MD5:00:11"


def test_the_server_key_is_nobodys_credential() -> None:
    event = read(
        "CRYPTO_KEY_USER",
        "pid=1 uid=0 auid=4294967295 ses=4294967295 msg='op=destroy kind=server fp=SHA256:00:11 direction=? res=success'",
    )
    assert event.credential is None


def test_a_login_record_issues_the_session() -> None:
    event = read(
        "LOGIN",
        "pid=812 uid=0 subj=x old-auid=4294967295 auid=1000 tty=(none) old-ses=4294967295 ses=3 res=1",
    )
    assert event.particulars is not None
    issued = event.particulars.issued[0]
    assert (issued.credential.native_id, issued.to) == ("web-1/auid=1000/ses=3", "uid=1000@web-1")


def test_sudo_commands_are_decoded() -> None:
    event = read(
        "USER_CMD",
        "pid=9 uid=1000 auid=1000 ses=3 msg='cwd=\"/root\" cmd=617564697463746C202D652030 terminal=pts/0 res=success'",
    )
    assert (event.act.verb, event.resources[0].name) == (Verb.EXECUTE, "auditctl -e 0")
    assert event.act.tampers_logging


@pytest.mark.parametrize(
    ("kind", "body", "tampers"),
    [
        ("CONFIG_CHANGE", "op=set audit_enabled=0 old=1 auid=1000 ses=3 res=1", True),
        ("CONFIG_CHANGE", 'auid=1000 ses=3 op=remove_rule key="x" list=4 res=1', True),
        ("CONFIG_CHANGE", 'auid=1000 ses=3 op="add_rule" key=(null) list=4 res=1', False),
        ("DAEMON_END", "op=terminate auid=1000 pid=1 res=success", True),
        (
            "SERVICE_STOP",
            "pid=1 uid=0 auid=4294967295 ses=4294967295 msg='unit=auditd comm=\"systemd\" res=success'",
            True,
        ),
        (
            "SERVICE_STOP",
            "pid=1 uid=0 auid=4294967295 ses=4294967295 msg='unit=nginx comm=\"systemd\" res=success'",
            False,
        ),
    ],
)
def test_what_weakens_auditing_is_flagged(kind: str, body: str, tampers: bool) -> None:
    event = read(kind, body)
    assert event.act.tampers_logging is tampers
    assert event.particulars is not None
    if "old=1" in body:
        change = event.particulars.changes[0]
        assert (change.field, change.before, change.after) == ("audit_enabled", '"1"', '"0"')


def test_accounts_and_groups() -> None:
    added = read(
        "ADD_USER",
        'pid=9 uid=0 auid=1000 ses=3 msg=\'op=add-user acct="eve" exe="/usr/sbin/useradd" res=success\'',
    )
    assert (added.act.verb, added.resources[0].name) == (Verb.CREATE, "eve")
    member = read(
        "USER_MGMT",
        'pid=9 uid=0 auid=1000 ses=3 msg=\'op=add-user-to-group grp="wheel" acct="eve" exe="/usr/sbin/usermod" res=success\'',
    )
    assert member.act.verb is Verb.DELEGATE
    assert {each.name for each in member.resources} == {"eve", "wheel"}
    spaced = read(
        "USER_CHAUTHTOK",
        "pid=9 uid=0 auid=1000 ses=3 msg='op=updating password id=1004 exe=\"/usr/sbin/usermod\" res=success'",
    )
    assert spaced.act.verb is Verb.ISSUE_CREDENTIAL


def test_sockets() -> None:
    assert socket_name("02000050C00002070000000000000000") == "192.0.2.7 port 80"
    assert socket_name("0A0001BB0000000020010DB800000000000000000000000700000000") == "2001:db8::7 port 443"
    assert socket_name("01002F72756E2F782E736F636B00") == "/run/x.sock"
    assert socket_name("zz") is None
    assert socket_name("0200") is None


def test_arguments_in_pieces_are_put_together() -> None:
    event = read("EXECVE", 'argc=3 a0="sh" a1="-c" a2_len=8 a2[0]=6563686F a2[1]=2068692121')
    assert event.resources[0].name == "sh -c 'echo hi!!'"


def test_a_record_through_syslog_takes_its_host() -> None:
    line = 'Jul 10 11:42:18 web-2 audispd: type=CWD msg=audit(1688989338.250:4711): cwd="/"'
    event = READER.read_line(line, CONTEXT).event
    assert event is not None
    assert (event.place.account, event.shared_id) == ("web-2", "web-2/1688989338.250:4711")


def test_damaged_records_are_no_events() -> None:
    assert READER.read_line("type=SYSCALL msg=audit(", CONTEXT).event is None
    interpreted = READER.read_line(
        "type=CWD msg=audit(07/10/2023 11:42:18.250:4711) : cwd=/root", CONTEXT
    ).event
    assert interpreted is not None
    assert (interpreted.time.micros, interpreted.time.raw) == (None, "07/10/2023 11:42:18.250")


def test_every_type_has_a_stage() -> None:
    assert (
        stage_of("USER_CMD") > stage_of("SYSCALL") > stage_of("EXECVE") > stage_of("PATH") > stage_of("CWD")
    )
    assert stage_of("CONFIG_CHANGE") > stage_of("SYSCALL")
    assert stage_of("NO_SUCH_TYPE") < stage_of("SYSCALL")


@given(
    st.sampled_from(["SYSCALL", "EXECVE", "USER_AUTH", "PROCTITLE", "SOCKADDR", "CONFIG_CHANGE"]),
    st.text(max_size=120),
)
def test_nothing_raises(kind: str, body: str) -> None:
    line = HEAD.format(kind, body)
    assert READER.recognises_line(line)
    READER.read_line(line, CONTEXT)


@given(st.text(max_size=120))
def test_damage_anywhere_does_not_raise(noise: str) -> None:
    line = HEAD.format("SYSCALL", SYSCALL)
    for cut in (10, 40, 90, 200):
        mixed = line[:cut] + noise + line[cut:]
        if READER.recognises_line(mixed):
            READER.read_line(mixed, CONTEXT)
