"""An environment that was broken off halfway is made anew."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WHOLE = '#!/bin/sh\necho "$@" >> {log}\n'
HALF = "#!/bin/sh\necho 'No module named pip' >&2\nexit 1\n"
MAKES = """#!/bin/sh
test "$1 $2 $3" = "-m venv --clear" || exit 1
mkdir -p "$4/bin" && cp {whole} "$4/bin/python"
"""


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("found", ["none", "half", "whole"])
def test_the_environment_has_pip_whatever_was_there(tmp_path, found):
    log, venv = tmp_path / "log", tmp_path / "venv"
    whole = script(tmp_path / "whole", WHOLE.format(log=log))
    python = script(tmp_path / "python", MAKES.format(whole=whole))
    if found != "none":
        begun = {"half": HALF, "whole": WHOLE.format(log=log)}[found]
        script(venv / "bin" / "python", begun)

    done = subprocess.run(
        ["make", f"VENV={venv}", f"PYTHON={python}", f"{venv}/.installed"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "-c constraints.txt -e ." in log.read_text().splitlines()[-1]
    assert (venv / ".installed").exists()
