import base64
import errno
import os
import stat

import pytest

from fsc_logistics.core.people.sealing import Vault, make_key
from fsc_logistics.domain.errors import Misconfigured, Refused


@pytest.fixture
def vault(tmp_path):
    make_key(tmp_path / "fsc.key")
    return Vault(tmp_path / "fsc.key")


def test_what_was_sealed_is_opened_again(vault):
    assert vault.open(vault.seal("secret", "CIT-1"), "CIT-1") == "secret"


def test_the_same_text_is_never_sealed_the_same_way_twice(vault):
    assert vault.seal("secret", "CIT-1") != vault.seal("secret", "CIT-1")


def test_a_sealed_number_is_of_no_use_in_another_citizens_row(vault):
    sealed = vault.seal("secret", "CIT-1")

    with pytest.raises(Misconfigured, match="is not the one"):
        vault.open(sealed, "CIT-2")


def test_another_key_opens_nothing_and_says_what_to_do(vault, tmp_path):
    sealed = vault.seal("secret", "CIT-1")
    make_key(tmp_path / "other.key")

    with pytest.raises(Misconfigured) as error:
        Vault(tmp_path / "other.key").open(sealed, "CIT-1")

    assert str(error.value) == (
        f"The key in {tmp_path}/other.key is not the one the CPR numbers here were"
        " sealed with. Put the right key file back from its safe copy."
    )


def test_the_lookup_is_the_same_each_time_and_another_with_another_key(vault, tmp_path):
    make_key(tmp_path / "other.key")
    other = Vault(tmp_path / "other.key")

    again = Vault(vault.file)

    assert again.lookup("0201609995") == vault.lookup("0201609995")
    assert other.lookup("0201609995") != vault.lookup("0201609995")


def test_a_new_key_is_its_owners_alone_and_replaces_none(tmp_path):
    file = tmp_path / "fsc.key"
    make_key(file)
    before = file.read_bytes()

    with pytest.raises(Refused, match="is there already and is left alone"):
        make_key(file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(base64.b64decode(before)) == 32
    assert file.read_bytes() == before


def test_a_full_disk_leaves_no_half_of_a_key(tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(Misconfigured) as error:
        make_key(tmp_path / "fsc.key")

    told = f"{tmp_path / 'fsc.key'} cannot be written: No space left on device."
    assert str(error.value) == told
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_others_can_read_is_warned_about(vault, caplog):
    os.chmod(vault.file, 0o644)

    vault.lookup("x")

    assert "can be read by others. Run: chmod 600" in caplog.text


def test_a_missing_key_is_told_only_when_it_is_needed(tmp_path):
    vault = Vault(tmp_path / "none.key")

    with pytest.raises(Misconfigured, match="There is no key file"):
        vault.lookup("x")


@pytest.mark.parametrize("text", ["", "not a key", "QUJD", "\u00e6"])
def test_a_file_without_a_key_is_told(tmp_path, text):
    file = tmp_path / "fsc.key"
    file.write_text(text, "utf-8")
    file.chmod(0o600)

    with pytest.raises(Misconfigured, match="does not hold a key: 32 bytes in base64"):
        Vault(file).lookup("x")


def test_the_variable_beats_the_file(vault):
    inline = vault.file.read_text("ascii")

    found = Vault(vault.file.with_name("none"), inline).lookup("x")

    assert found == vault.lookup("x")
