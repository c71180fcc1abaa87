"""Checkpoints at the command line: taken, signed, written, held against the ledger."""

import json
import shutil
import subprocess
from base64 import b64decode

import pytest


@pytest.fixture
def run(fsc, centre):
    return lambda *arguments: fsc("--database", centre, *arguments)


def test_a_signed_checkpoint_in_a_file_proves_the_ledger(run, folder):
    made = run("ledger", "key", "create", "sign.pem")
    taken = run("ledger", "checkpoint", "--sign", "sign.pem", "-o", "kept.json")
    file = json.loads((folder / "kept.json").read_text("utf-8"))
    run("move", "OXI-000001", "--to", "VAN-ANNA")

    proved = run(
        "ledger", "verify", "--against", "kept.json", "--public-key", "sign.pem.pub"
    )

    assert made.out == (
        "sign.pem signs, for its owner alone; sign.pem.pub checks what was signed.\n"
    )
    assert taken.out.endswith(f"ledger  1 event  {file['hash']}\n")
    assert list(file) == [
        "taken_at",
        "actor",
        "before",
        "events",
        "stations",
        "text",
        "hash",
        "signature",
        "public_key",
    ]
    assert proved.code == 0
    assert proved.out.endswith(" 0 mismatches\n")


def test_a_file_that_was_altered_fails_the_proof(run, folder):
    run("ledger", "checkpoint", "-o", "kept.json")
    text = (folder / "kept.json").read_text("utf-8").replace("BIRTE", "EVA")
    (folder / "kept.json").write_text(text, "utf-8")

    found = run("ledger", "verify", "--against", "kept.json")

    assert found.code == 6
    assert found.out.splitlines()[0] == (
        "kept.json: it was altered after it was taken: its hash is not that of what it"
        " says"
    )


def test_a_checkpoint_on_stdout_is_the_file_alone(run):
    run("ledger", "key", "create", "sign.pem")

    taken = run("ledger", "checkpoint", "--sign", "sign.pem", "-o", "-")

    assert json.loads(taken.out)["events"] == 1


def test_without_its_key_nothing_is_taken(run):
    failed = run("ledger", "checkpoint", "--sign", "gone.pem")

    assert (failed.code, failed.err) == (
        1,
        "Error: There is no key file gone.pem. Make one with: fsc ledger key create"
        " FILE\n",
    )
    first = json.loads(run("ledger", "checkpoint", "--json").out)
    assert first["before"] == "0" * 64


def test_openssl_checks_a_file_as_the_page_says(run, folder):
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl here")
    run("ledger", "key", "create", "sign.pem")
    run("ledger", "checkpoint", "--sign", "sign.pem", "-o", "kept.json")
    file = json.loads((folder / "kept.json").read_text("utf-8"))
    (folder / "kept.text").write_text(file["text"], "utf-8")
    (folder / "kept.sig").write_bytes(b64decode(file["signature"]))

    hashed = openssl("dgst -sha256 -binary -out kept.hash kept.text", folder)
    checked = openssl(
        "pkeyutl -verify -pubin -inkey sign.pem.pub -rawin -in kept.hash"
        " -sigfile kept.sig",
        folder,
    )

    assert (hashed.returncode, checked.returncode) == (0, 0)
    assert (folder / "kept.hash").read_bytes().hex() == file["hash"]


def openssl(arguments, folder):
    return subprocess.run(
        ["openssl", *arguments.split()],
        cwd=folder,
        capture_output=True,
        timeout=60,
        check=False,
    )
