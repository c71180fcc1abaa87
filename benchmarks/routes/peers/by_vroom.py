"""VROOM, as its wheel for Python carries it, at its deepest exploration.

It is deterministic and stops by itself, often long before the limit; another run would
find the same plan again, so what it leaves of its time is left.
"""

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.routes.peers.question import asked

EXPLORATION_MAX = "5"


def main() -> None:
    """Solve what the command line asks."""
    question = asked()
    done = subprocess.run(
        [
            Path(sys.executable).with_name("vroom"),
            *("-x", EXPLORATION_MAX, "-t", str(question.threads)),
            *("-l", f"{question.seconds:g}", "-i", question.path),
        ],
        stdout=subprocess.PIPE,
        check=True,
    )
    print(json.dumps({"plan": json.loads(done.stdout)}))


if __name__ == "__main__":
    main()
