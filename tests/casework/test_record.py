"""Keys, checkpoints, anchors and merging through the command line, as a responder uses them; openssl is the other opinion."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.casework.command import ROOT, Said
from tests.casework.command import workbench as run
from tests.casework.logs import record, trail, write
from workbench.journal.check import read_outside
from workbench.journal.merkle import consistency_holds, inclusion_holds, leaf_hash
from workbench.journal.note import Checkpoint, NoteError

PASSPHRASE = "correct horse battery staple"


@pytest.fixture(autouse=True)
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_KEY_PASSPHRASE", PASSPHRASE)


def workbench(*arguments: object, status: int = 0) -> Said:
    said = run(*arguments)
    assert said.status == status, said.err + said.out.decode()
    return said


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys of a keeper, of another one and of a reviewer."""
    folder = tmp_path_factory.mktemp("keys")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_KEY_PASSPHRASE", PASSPHRASE)
        for name in ("keeper", "later", "reviewer"):
            workbench("key", "new", folder / name, "--name", f"{name}@example.com")
    return folder


@pytest.fixture
def signed(case: Path, keys: Path, tmp_path: Path) -> Path:
    """A case with evidence and a signed checkpoint, which also lies in ``held``."""
    write(tmp_path / "log.json", trail([record(number) for number in range(20)]))
    workbench("add", case, tmp_path / "log.json")
    workbench("checkpoint", case, "--key", keys / "keeper", "--out", tmp_path / "held")
    return case


def kinds(case: Path) -> list[str]:
    return [entry["kind"] for entry in workbench("journal", case, "--json").lines]


# Keys


def test_a_key_file_is_encrypted_pkcs8_that_openssl_opens(keys):
    text = (keys / "keeper").read_text()
    assert "BEGIN ENCRYPTED PRIVATE KEY" in text
    opened = subprocess.run(
        [
            "openssl",
            "pkey",
            "-in",
            keys / "keeper",
            "-passin",
            f"pass:{PASSPHRASE}",
            "-pubout",
            "-outform",
            "DER",
        ],
        capture_output=True,
        check=True,
    )
    line = (keys / "keeper.pub").read_text().strip()
    assert opened.stdout[-32:] == base64.b64decode(line.split("+", 2)[2])[1:]
    shown = subprocess.run(
        ["openssl", "asn1parse", "-in", keys / "keeper"], capture_output=True, text=True, check=True
    )
    assert "0927C0" in shown.stdout  # 600,000 rounds
    assert line in workbench("key", "show", keys / "keeper").out.decode()
    assert (keys / "keeper").stat().st_mode & 0o077 == 0


def test_keys_that_cannot_be_made_or_opened(tmp_path, case, keys, monkeypatch):
    assert "exists already" in workbench("key", "new", keys / "keeper", "--name", "x", status=2).err
    assert "cannot name a key" in workbench("key", "new", tmp_path / "k", "--name", "R. Doe", status=2).err
    monkeypatch.setenv("WORKBENCH_KEY_PASSPHRASE", "too short")
    assert "fewer than 12" in workbench("key", "new", tmp_path / "k", "--name", "r", status=2).err
    monkeypatch.setenv("WORKBENCH_KEY_PASSPHRASE", "not the right one")
    assert "passphrase is wrong" in workbench("checkpoint", case, "--key", keys / "keeper", status=2).err
    assert kinds(case) == ["case.created"]


# Checkpoints


def test_a_checkpoint_is_signed_over_all_entries_and_journalled(signed, keys, tmp_path):
    held = Checkpoint.parse((tmp_path / "held").read_text())
    entries = workbench("journal", signed, "--json").out.splitlines()
    assert held.size == len(entries) - 1
    assert json.loads(entries[-1])["body"]["checkpoint"] == held.note
    assert kinds(signed)[-2:] == ["key.introduced", "checkpoint.signed"]
    found = workbench("verify", signed, "--against", tmp_path / "held", "--key", keys / "keeper.pub")
    assert "were not compared (--deep), held against 1 from outside" in found.out.decode()
    found = workbench("verify", signed, "--key", keys / "later.pub", "--json", status=1)
    assert [each["code"] for each in found.lines if each["failed"] and "code" in each] == ["checkpoint-key"]


def test_a_key_is_replaced_by_both_signing(signed, keys):
    workbench("checkpoint", signed, "--key", keys / "keeper", "--replaced-by", keys / "later")
    workbench("checkpoint", signed, "--key", keys / "later")
    assert kinds(signed)[-3:] == ["key.replaced", "case.opened", "checkpoint.signed"]
    workbench("verify", signed, "--key", keys / "later.pub", "--key", keys / "keeper.pub")


def test_printed_words_are_read_back(signed, tmp_path):
    printed = workbench("anchor", "print", signed, "--given-to", "counsel", "--how", "on paper").out.decode()
    held = Checkpoint.parse((tmp_path / "held").read_text())
    assert printed.startswith(held.note)
    spoken = printed.removeprefix(held.note).strip().splitlines()[:6]
    assert read_outside("\n".join(spoken)) == Checkpoint(held.origin, held.size, held.root)
    write(tmp_path / "spoken", "\n".join(spoken).encode())
    write(tmp_path / "printed", printed.encode())
    assert read_outside(printed) == held
    workbench("verify", signed, "--against", tmp_path / "printed")
    with pytest.raises(NoteError, match="several"):
        read_outside(printed.replace(f"\n{held.size}\n", f"\n{held.size - 1}\n", 1))
    with pytest.raises(NoteError):
        read_outside("a letter\nthat holds none\n")
    workbench("verify", signed, "--against", tmp_path / "spoken")
    wrong = "\n".join([*spoken[:-1], " ".join(reversed(spoken[-1].split()))])
    write(tmp_path / "misheard", wrong.encode())
    assert "checksum" in workbench("verify", signed, "--against", tmp_path / "misheard", status=2).err
    assert "1 entry" not in workbench("journal", signed).err
    assert f"it covers {held.size}" in workbench("journal", signed).err


def test_the_qr_code_holds_the_whole_checkpoint(signed, tmp_path, monkeypatch):
    import segno

    made, make = [], segno.make
    monkeypatch.setattr(segno, "make", lambda text, **options: made.append(text) or make(text, **options))
    plain = workbench("anchor", "print", signed, "--no-qr").out
    assert len(workbench("anchor", "print", signed).out.splitlines()) > len(plain.splitlines()) + 20
    assert made == [Checkpoint.parse((tmp_path / "held").read_text()).note]


def test_before_any_anchor_everything_is_unanchored(signed):
    assert "unanchored: all" in workbench("checkpoint", signed).err


# Proofs


def test_proofs_hold_without_the_rest_of_the_journal(signed):
    for seq in (1, 3):
        proof = workbench("journal", signed, "--proof", seq).object
        path = [base64.b64decode(each) for each in proof["inclusion"]]
        leaf = leaf_hash(proof["entry"].encode())
        assert inclusion_holds(leaf, seq - 1, proof["size"], path, base64.b64decode(proof["root"]))
    proof = workbench("journal", signed, "--consistency", 2, 4).object
    assert consistency_holds(
        2, base64.b64decode(proof["first_root"]), 4, base64.b64decode(proof["second_root"]),
        [base64.b64decode(each) for each in proof["consistency"]],
    )  # fmt: skip
    assert "no entry 99" in workbench("journal", signed, "--proof", 99, status=2).err


def test_python_alone_checks_a_journal(signed, tmp_path):
    """The verifier needs nothing that is not in Python: run without site-packages."""
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(workbench("journal", signed, "--json").out)
    alone = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); import runpy;"
             " runpy.run_module('workbench.journal.check', run_name='__main__')"]  # fmt: skip
    done = subprocess.run([*alone, journal, tmp_path / "held"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "no contradiction" in done.stdout
    journal.write_bytes(journal.read_bytes().replace(b"Tester", b"Taster", 1))
    done = subprocess.run([*alone, journal, tmp_path / "held"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "NOT the journal" in done.stdout


# A reviewer on another machine


def request_of(case: Path, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    workbench("anchor", "request", case, folder)
    return max(folder.glob("*.review"), key=lambda path: int(path.stem.rpartition("-")[2]))


def test_a_reviewer_cosigns_and_again_later(signed, keys, tmp_path):
    asked = request_of(signed, tmp_path / "stick")
    said = workbench("anchor", "cosign", asked, "--key", keys / "reviewer", "--out", tmp_path / "first")
    assert "the first checkpoint of this case that you see" in said.err
    workbench("anchor", "receive", signed, tmp_path / "first", "--reviewer", keys / "reviewer.pub")
    assert kinds(signed)[-1] == "checkpoint.cosigned"
    assert "cosigned by reviewer@example.com" in workbench("checkpoint", signed).out.decode()

    workbench("checkpoint", signed, "--key", keys / "keeper")
    asked = request_of(signed, tmp_path / "stick")
    said = workbench(
        "anchor",
        "cosign",
        asked,
        "--key",
        keys / "reviewer",
        "--last",
        tmp_path / "first",
        "--out",
        tmp_path / "second",
    )
    assert "it continues the" in said.err
    workbench("verify", signed, "--against", tmp_path / "first", "--against", tmp_path / "second")


def test_what_a_reviewer_refuses(signed, keys, tmp_path):
    asked = request_of(signed, tmp_path / "stick")
    own = workbench("anchor", "cosign", asked, "--key", keys / "keeper", "--out", tmp_path / "x", status=1)
    assert "another person" in own.err
    text = json.loads(asked.read_text())
    text["checkpoint"] = text["checkpoint"].replace("incident-workbench/", "incident-workbench/0", 1)
    write(tmp_path / "altered.review", json.dumps(text).encode())
    refused = workbench(
        "anchor",
        "cosign",
        tmp_path / "altered.review",
        "--key",
        keys / "reviewer",
        "--out",
        tmp_path / "x",
        status=1,
    )
    assert "not signed" in refused.err
    held = Checkpoint.parse((tmp_path / "held").read_text())
    other = Checkpoint(held.origin, held.size - 1, bytes(32))
    write(tmp_path / "other", other.text.encode())
    refused = workbench(
        "anchor",
        "cosign",
        asked,
        "--key",
        keys / "reviewer",
        "--last",
        tmp_path / "other",
        "--out",
        tmp_path / "x",
        status=1,
    )
    assert "does not continue" in refused.err
    assert not (tmp_path / "x").exists()


# Two copies


def test_two_copies_are_merged(signed, tmp_path):
    other = tmp_path / "other.case"
    shutil.copy(signed, other)
    assert "nothing to take over" in workbench("merge", signed, other).err
    write(tmp_path / "more.json", trail([record(99)]))
    workbench("add", other, tmp_path / "more.json")
    for case, where in ((signed, "here"), (other, "there")):
        workbench("journal", case, "--clock", where, "--offset", "1 s")
    theirs = workbench("journal", other, "--json").out
    done = workbench("merge", signed, other, "--json", status=1).object
    assert [each["name"] for each in done["missing"]] == ["more.json"]
    assert workbench("journal", signed, "--json", "--merged", done["entry"]).out == theirs
    workbench("verify", signed)
    assert "nothing to take over" in workbench("merge", signed, other, status=1).err
    # The same file added to both, read otherwise: a person has to say which reading counts.
    workbench("add", signed, tmp_path / "more.json", "--timezone", "Europe/Berlin")
    done = workbench("merge", signed, other, "--json", status=1).object
    assert [each["about"] for each in done["conflicts"]] == ["file more.json"]


def test_cases_that_are_no_copies_are_not_merged(case, tmp_path):
    workbench("new", tmp_path / "b.case", "--title", "Test")
    assert "is another case" in workbench("merge", case, tmp_path / "b.case", status=1).err


# The check


def test_verify_says_what_it_cannot_show(signed, tmp_path):
    plain = workbench("verify", signed).out.decode()
    assert "This check cannot show" in plain
    assert "--against" in plain
    assert "--deep" in plain
    last = workbench("verify", signed, "--deep", "--json").lines[-1]
    assert last["failed"] is False
    assert last["evidence_files"] == 1
    assert len(last["derived_digest"]) == 64
    assert "no case file" in workbench("verify", tmp_path / "none.case", status=2).err


def test_the_digest_of_the_derived_layer_does_not_depend_on_the_order(tmp_path, case):
    write(tmp_path / "logs/a.json", trail([record(number) for number in range(20)]))
    write(tmp_path / "logs/b.json", trail([record(number) for number in range(10, 30)]))
    workbench("add", case, tmp_path / "logs/a.json", tmp_path / "logs/b.json")
    workbench("new", tmp_path / "b.case", "--title", "B")
    workbench("add", tmp_path / "b.case", tmp_path / "logs/b.json")
    workbench("add", tmp_path / "b.case", tmp_path / "logs/a.json")
    digests = {
        workbench("verify", each, "--deep", "--json").lines[-1]["derived_digest"]
        for each in (case, tmp_path / "b.case")
    }
    assert len(digests) == 1


def test_a_deep_check_of_a_case_with_a_tag(signed):
    """What people said of an event is no part of what its record gives."""
    ref = workbench("events", signed, "--json").lines[0]["ref"]
    workbench("tag", signed, ref, "--as", "attributed", "--reason", "The record carries the key.")
    found = workbench("verify", signed, "--deep").out.decode()
    assert "nothing contradicts it" in found


def test_the_names_of_contents_are_journalled(case, tmp_path):
    with zipfile.ZipFile(tmp_path / "logs.zip", "w") as archive:
        for number in range(2):
            archive.writestr(f"{number}.json", trail([record(number)]))
    workbench("add", case, tmp_path / "logs.zip")
    added = next(
        each for each in workbench("journal", case, "--json").lines if each["kind"] == "evidence.added"
    )
    assert [each["name"] for each in added["body"]["files"][0]["members"]] == ["0.json", "1.json"]
    workbench("verify", case, "--deep")
