"""The desk a command is typed at: settings, database, clock, who signs."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from fsc_logistics.core.config import Settings, load_settings
from fsc_logistics.domain.custody import Signature

if TYPE_CHECKING:
    from fsc_logistics.core.database import Sessions


@dataclass(kw_only=True)
class Desk:
    """What every command is handed; read from settings when it is first needed."""

    config: str | None = None
    database: str | None = None
    asks: bool = True
    """Whether a question may be asked at all."""
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    @cached_property
    def settings(self) -> Settings:
        """The settings of this call."""
        return load_settings(self.config, self.database, os.environ)

    @cached_property
    def sessions(self) -> "Sessions":
        """Sessions on a database of the right revision."""
        from fsc_logistics.core.database import open_sessions

        settings = self.settings
        sessions = open_sessions(
            settings.database, is_guessed=settings.is_database_guessed
        )
        if (ctx := click.get_current_context(silent=True)) is not None:
            # Else a connection would stay open until it is noticed and warned about.
            ctx.find_root().call_on_close(sessions.engine.dispose)
        return sessions

    def now(self) -> datetime:
        """Return the present moment, in UTC."""
        return self.clock()

    def sign(self) -> Signature:
        """Return who writes into the ledger here and now."""
        return self.sign_for(self.settings)

    def sign_for(self, settings: Settings) -> Signature:
        """Return who writes now into the ledger of other settings."""
        return Signature(
            station=settings.station, actor=settings.actor, record_time=self.now()
        )


def pass_desk(command: Callable[..., Any]) -> Callable[..., Any]:
    """Hand the desk to a command as its first argument."""
    return click.make_pass_decorator(Desk)(command)
