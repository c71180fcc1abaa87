"""The unit of systemd that runs the scanner service, as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WATCHDOG_S = 60
STOP_S = 60
"""Twice what the service takes at the longest to finish what it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What differs from one installation to the next."""

    program: Sequence[str]
    """How fsc is started: in full, for systemd searches no path."""
    settings: Path
    user: str
    station: str
    groups: Sequence[str]
    """Whose devices the service must open."""
    folders: Sequence[Path]
    """Where it writes: its spool, and a database that is a file."""


def unit_text(unit: Unit) -> str:
    """Return the unit as systemd reads it.

    Source: systemd.unit(5), systemd.service(5), systemd.exec(5).
    """
    start = [*unit.program, "--config", str(unit.settings), "--no-input"]
    start += ["scanner", "run"]
    environment = unit.settings.with_name("fsc.env")
    return f"""\
# Written by: fsc scanner install. Change what is yours in a file beside it, which
# stays when this one is written anew: systemctl edit fsc-scanner
[Unit]
Description=Scanners of station {_escaped(unit.station)}
After=network-online.target postgresql.service
Wants=network-online.target
# However often it fails, it is started again.
StartLimitIntervalSec=0

[Service]
ExecStart={" ".join(_quoted(word) for word in start)}
# Changed ports are served at once; a file that cannot be used changes nothing.
ExecReload=/bin/kill -HUP $MAINPID
# It says when it is ready, and that it is alive while every thread of it is.
Type=notify
NotifyAccess=main
WatchdogSec={WATCHDOG_S}
Restart=always
RestartSec=2
# It finishes what it holds; what does not get done is done at the next start.
TimeoutStopSec={STOP_S}
User={_escaped(unit.user)}
SupplementaryGroups={" ".join(unit.groups)}
WorkingDirectory={_escaped(str(unit.settings.parent))}
# FSC_KEY, or FSC_DATABASE with a password, where they must not be in the settings.
EnvironmentFile=-{_escaped(str(environment))}
# Nobody else reads the spool.
UMask=0077
# An operator waits for it: it comes before a plan that is being searched for.
Nice=-5
# When memory is short, others go first.
OOMScoreAdjust=-500

# All is closed to it but what it needs. Not devices: a scanner that is plugged in
# later must be found, and systemd knows only those there are at the start. Nor memory
# that is written and run, which the library of the loudspeaker needs.
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={" ".join(_quoted(str(folder)) for folder in unit.folders)}
PrivateTmp=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
CapabilityBoundingSet=
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""


def _quoted(text: str) -> str:
    r"""Return one word of a line, whatever is in it.

    >>> print(_quoted("/opt/50 %/fsc"))
    "/opt/50 %%/fsc"
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{_escaped(escaped)}"'


def _escaped(text: str) -> str:
    return text.replace("%", "%%")
