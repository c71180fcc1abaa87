"""How long to search for a plan."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from fsc_logistics.cli.params import SearchTime

Command = TypeVar("Command", bound=Callable[..., Any])


def search_time_option(default_s: float, help_: str) -> Callable[[Command], Command]:
    """Return the option `--time-limit`, in seconds, with what it limits in words."""
    return click.option(
        "--time-limit",
        "time_limit_s",
        type=SearchTime(),
        default=default_s,
        show_default=True,
        metavar="SECONDS",
        help=help_,
    )
