"""What setup.cfg cannot say: the compiled search.  The rest is there."""

import sys
from pathlib import Path

from setuptools import Extension, setup

SOURCES = Path("routes/kernel/c")

setup(
    ext_modules=[
        Extension(
            "routes.kernel._search",
            [str(SOURCES / "search.c")],
            depends=[str(one) for one in sorted(SOURCES.glob("*.h"))],
            extra_compile_args=[] if sys.platform == "win32" else ["-O3", "-std=c99"],
        )
    ]
)
