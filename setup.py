"""What setup.cfg cannot say: what is compiled.  The rest is there."""

import sys
from pathlib import Path

from setuptools import Extension, setup


def compiled(module: str, source: str) -> Extension:
    """Return a module that is compiled from a source and what lies beside it."""
    return Extension(
        module,
        [source],
        depends=[str(one) for one in sorted(Path(source).parent.glob("*.h"))],
        extra_compile_args=[] if sys.platform == "win32" else ["-O3", "-std=c99"],
    )


setup(
    ext_modules=[
        compiled("routes.kernel._search", "routes/kernel/c/search.c"),
        compiled(
            "fsc_logistics.core.proof._quick_look",
            "fsc_logistics/core/proof/c/quick_look.c",
        ),
    ]
)
