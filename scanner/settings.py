"""What can be set: a port and what is connected to it, and how long to wait."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from scanner.protocols import FAMILIES, Family
from scanner.protocols.feedback import PROFILES, Profile
from scanner.wedge import TYPING, check_typing

_OVER_NETWORK = ("socket", "rfc2217")
PRESENCE_S = 2.0
PORTAL_APART_S = 0.15
_RFID_ONLY = (
    "presence_s",
    "reads_min",
    "rssi_min_dbm",
    "portal_antennas",
    "portal_apart_s",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortSettings:
    """One scanner: where it is connected, where it stands, what it speaks.

    Raises:
        ValueError: there is no such protocol or feedback, or what is set is not for
            this family.
    """

    name: str
    """For people, the journal and the log; unique at a station, and lasting: the mode
    that was set at a port and the scan to expect again are found by it."""
    url: str
    """A device path, COM3, socket://host:port, rfc2217://host:port or loop://; for a
    scanner that types like a keyboard evdev: and the path of its device."""
    read_point: str
    protocol: str = "line"
    feedback: str | None = None
    """A profile by its name; None is the one that fits the protocol."""
    baud: int | None = None
    """None is what readers of the protocol come with."""
    framing: str = "8N1"
    """Data bits, parity (N, E, O, M, S) and stop bits."""
    gap_s: float = 0.5
    """A code that pauses for longer is broken off and dropped.

    A cable needs a hundredth of that (a character takes 1 ms at 9600 baud, and a USB
    adapter holds it for 16 ms at most); a network may lose a packet, so allow it 2 s.
    """
    hold: bool | None = None
    """Whether a wrong scan stops the operator until he says OK; None is yes where a
    person scans, and no at RFID readers, where nobody need be near."""
    speaker: bool = False
    """Whether the loudspeaker of the PC sounds too, for a scanner that cannot."""
    follows: str = ""
    """The name of the port whose mode, place and person count here too.

    An RFID reader has no cards: what its tags mean is set at the scanner beside it, and
    once it is set there, the tags that lie here are read again.
    """
    presence_s: float = PRESENCE_S
    """RFID: a tag that was not read for so long has left.

    Short enough to see it go, long enough not to lose it: at a read rate of 30 % in
    100 ms, 2 s lose a tag that lies still once in 8 minutes. On a shelf take 5 s.
    """
    reads_min: int | None = None
    """RFID: so many reads within `presence_s` make a tag present; None is what fits the
    protocol."""
    rssi_min_dbm: float | None = None
    """RFID: weaker reads count for nothing, such as those through a wall."""
    portal_antennas: tuple[int, ...] = ()
    """RFID: the two antennas of a portal, that inside first; nothing: no portal."""
    portal_apart_s: float = PORTAL_APART_S
    """RFID: seen less far apart than that by the two, a tag went nobody knows where."""

    def __post_init__(self) -> None:
        """Check what is named, and what goes together."""
        for name in ("url", "read_point"):
            if not getattr(self, name).strip():
                raise ValueError(f'{name} = "" says nothing. Name one.')
        check_known("protocol", self.protocol, FAMILIES)
        check_known("feedback", self.profile_name, PROFILES)
        if self.family.is_confirmed and self.feedback not in (
            None,
            self.family.feedback,
        ):
            raise ValueError(
                f"protocol {self.protocol} is not answered by feedback "
                f"{self.feedback}: the scanner would send each code again and give up. "
                "Leave feedback out."
            )
        self._check_voice()
        self._check_url()
        if self.follows:
            self._check_follower()
        if not self.family.is_rfid:
            self._check_no_rfid()
        elif self.rssi_min_dbm is not None and not self.family.tells_signal:
            raise ValueError(
                f"protocol {self.protocol} does not tell how strong a tag answered. "
                "Take rssi_min_dbm out, and turn the reader's power down instead."
            )
        if self.portal_antennas:
            self._check_portal(list(self.portal_antennas))
        elif self.portal_apart_s != PORTAL_APART_S:
            raise ValueError(
                "portal_apart_s is for a portal, and there is none. Name its "
                "portal_antennas, or take portal_apart_s out."
            )
        if self.url.startswith(TYPING):
            self._check_typing()
        self.family.decoder()  # Which says what it needs and has not.

    @property
    def family(self) -> Family:
        """What the readers of this protocol have in common."""
        return FAMILIES[self.protocol]

    @property
    def set_at(self) -> str:
        """The name of the port whose cards say what scans here mean."""
        return self.follows or self.name

    @property
    def profile(self) -> Profile:
        """How the scanner is answered."""
        return PROFILES[self.profile_name]

    @property
    def profile_name(self) -> str:
        """What that is called in the settings."""
        return self.feedback or self.family.feedback

    @property
    def line_baud(self) -> int:
        """The speed of the line."""
        return self.baud or self.family.baud

    @property
    def holds(self) -> bool:
        """Whether a wrong scan stops the operator until he says OK."""
        return not self.family.is_rfid if self.hold is None else self.hold

    @property
    def reads_needed(self) -> int:
        """So many reads within `presence_s` make a tag present."""
        return self.reads_min or self.family.reads_min

    def _check_voice(self) -> None:
        """Refuse feedback that scanners of this protocol do not understand."""
        voices = sorted(self.family.voices)
        if self.profile_name not in voices:
            raise ValueError(
                f"protocol {self.protocol} does not understand feedback "
                f"{self.profile_name}. Leave it out, or choose from: "
                f"{', '.join(voices)}."
            )

    def _check_url(self) -> None:
        """Refuse an address that names no place to connect to."""
        if self.family.is_networked and "://" not in self.url:
            raise ValueError(
                f"protocol {self.protocol} is spoken over a network, and {self.url} is "
                'a device. Write url = "socket://HOST:PORT".'
            )
        scheme, _, _ = self.url.partition("://")
        if scheme in _OVER_NETWORK and not _names_host(self.url):
            raise ValueError(
                f"'{self.url}' names no host and port. Write it as "
                f"{scheme}://192.168.1.50:4001."
            )

    def _check_follower(self) -> None:
        if self.follows == self.name:
            raise ValueError(f"{self.name} cannot follow itself. Take follows out.")
        if not self.family.is_rfid:
            raise ValueError(
                f"{self.name} cannot follow {self.follows}: follows is for RFID readers"
                f", and protocol {self.protocol} reads cards itself. Take it out."
            )

    def _check_portal(self, antennas: list[int]) -> None:
        if not len(antennas) == len(set(antennas)) == 2:
            raise ValueError(
                f"portal_antennas = {antennas} are not two antennas. Name that inside "
                "first, then that outside: [1, 2]."
            )
        count = self.family.antennas_count
        if not all(1 <= antenna <= count for antenna in antennas):
            raise ValueError(
                f"portal_antennas = {antennas} cannot be, as protocol {self.protocol} "
                f"reads with antenna 1{f' to {count}' if count > 1 else ' alone'}."
            )

    def _check_typing(self) -> None:
        """Refuse what a scanner that types like a keyboard cannot do."""
        check_typing()
        if self.protocol != "line":
            raise ValueError(
                f"protocol {self.protocol} cannot be typed. Leave protocol out at "
                f"{self.url}, or set the scanner to a serial port."
            )
        if any(self.profile.sounds.values()):
            raise ValueError(
                f"a scanner that types cannot be answered. Leave feedback out at "
                f"{self.url}, and take speaker = true."
            )

    def _check_no_rfid(self) -> None:
        """Refuse what would do nothing: a wish that is not heard must be told."""
        for field in fields(self):
            if field.name in _RFID_ONLY and getattr(self, field.name) != field.default:
                raise ValueError(
                    f"{field.name} is for RFID readers, and protocol {self.protocol} "
                    "reads codes one by one. Take it out."
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long the service waits for what."""

    resend_within_s: float = 3.0
    """The same bytes this soon after their answer are a scanner that missed it."""
    resend_unanswered_s: float = 90.0
    """The same, if the answer never went out: the longest host-ack time-out."""
    resend_restart_s: float = 300.0
    """So long a machine may take to start anew: what it has not answered before may be
    scanned again then.  Not longer, for what is set at a port is forgotten, too."""
    retry_min_s: float = 0.2
    """The first pause before the house is asked again after `Unavailable`."""
    retry_max_s: float = 15.0
    """The longest: it doubles from time to time."""
    finish_s: float = 10.0
    """How long the house may take, after a stop, to record what is journaled."""
    patience_s: float = 5.0
    """A house that has not answered for so long is away, and who waits for so long
    behind others is told that the scan is saved: the operator waits no more."""
    hang_s: float = 120.0
    """Longer than that nothing takes, also not a slow database or a slow disk: the
    thread that waits for it hangs, and the service is not well."""


DEFAULT_TIMING = Timing()


def check_follows(ports: Iterable[PortSettings]) -> None:
    """Check that who follows another port follows one that is there, and set itself.

    Raises:
        ValueError: one does not.
    """
    named = {port.name: port for port in ports}
    for port in named.values():
        followed = named.get(port.set_at)
        if followed is None:
            raise ValueError(
                f"{port.name} cannot follow {port.follows}, which is no port. Name the "
                "port whose cards count for both."
            )
        if followed.set_at != followed.name:
            raise ValueError(
                f"{port.name} cannot follow {port.follows}, which follows "
                f"{followed.follows} itself. Let both follow that one."
            )


def check_apart(ports: Iterable[PortSettings]) -> None:
    """Check that no two ports are one scanner: each would get half of its bytes.

    Raises:
        ValueError: two are.
    """
    named: dict[str, str] = {}
    for port in ports:
        other = named.setdefault(port.url, port.name)
        if other != port.name:
            raise ValueError(
                f"{other} and {port.name} have the same url, {port.url}. Take one of "
                "them out."
            )


def check_known(what: str, name: str, known: Collection[str]) -> None:
    """Refuse a name that is not one of those known.

    Raises:
        ValueError: there is no such one.
    """
    if name not in known:
        choices = ", ".join(sorted(known))
        raise ValueError(f"'{name}' is not a {what}. Choose from: {choices}.")


def _names_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname and parts.port)
    except ValueError:  # Of a port that is no number.
        return False
