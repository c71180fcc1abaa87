"""An export is whole in its file, or the command says that it is not."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fsc_logistics.cli.output import stands_for_a_device

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


def test_an_exported_file_is_what_is_printed(fsc, centre, folder):
    told = fsc("--database", centre, "device", "export", "out.csv")
    printed = fsc("--database", centre, "device", "export", "-")

    assert (told.code, told.out, told.err) == (0, "", "")
    assert (folder / "out.csv").read_bytes().decode() == printed.out
    assert len(printed.out.splitlines()) == 26
    assert not list(folder.glob("*.partial"))


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("/dev/stdout", True),
        ("/proc/self/fd/1", True),
        ("/dev/shm/centre/devices.csv", False),
        ("/home/anna/dev/devices.csv", False),
        ("devices.csv", False),
    ],
)
def test_a_folder_of_files_in_memory_is_no_device(path, is_one, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    assert stands_for_a_device(Path(path)) is is_one


@posix
@pytest.mark.parametrize("what", ["device", "model"])
def test_a_full_disk_is_told(fsc, centre, what):
    told = fsc("--database", centre, what, "export", "/dev/full")

    assert (told.code, told.out) == (1, "")
    assert told.err == (
        "Error: /dev/full could not be written: No space left on device.\n"
    )
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)


@posix
def test_a_pipe_is_written_and_stays_a_pipe(fsc, centre, folder):
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()

    told = fsc("--database", centre, "model", "export", pipe)
    reader.join(60)

    assert told.code == 0
    assert [text.splitlines()[1].split(",")[0] for text in read] == ["3230"]
    assert pipe.is_fifo()


@posix
def test_a_file_keeps_its_mode_and_a_link_stays_one(fsc, centre, folder):
    file, link = folder / "old.csv", folder / "link.csv"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)

    told = fsc("--database", centre, "model", "export", link)

    assert told.code == 0
    assert link.is_symlink()
    assert file.read_text().startswith("model,")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_folder_that_is_not_there_is_told(fsc, centre):
    told = fsc("--database", centre, "model", "export", "none/out.csv")

    assert (told.code, told.out) == (1, "")
    assert told.err == (
        "Error: none/out.csv could not be written: No such file or directory.\n"
    )


@posix
def test_what_stdout_leads_to_is_added_to(centre, folder):
    file = folder / "all.csv"
    file.write_text("before\n")
    program = "from fsc_logistics.cli.main import main; main()"
    command = (sys.executable, "-c", program, "--database", centre)

    with file.open("ab") as stream:
        subprocess.run(
            [*command, "model", "export", "/dev/stdout"], stdout=stream, check=True
        )

    lines = file.read_text().splitlines()
    assert lines[:2] == [
        "before",
        "model,maker,name,category,gtin,setup_min,training_min,skill,volume_ml",
    ]
    assert len(lines) == 3
