"""What can go wrong that a person can put right.

The text of an `FscError` is for that person: what is wrong, in their words; what is
true instead; what to do next.  It never holds a citizen's name, address or CPR number.
Anything else that is raised is a bug and keeps its traceback.
"""


class FscError(Exception):
    """Something a person can act on; shown as one line."""

    exit_code = 1


class NotFound(FscError):
    """Nothing is registered under that name."""

    exit_code = 3


class BadIdentifier(FscError):
    """A barcode, tag or typed key cannot be read."""


class BadInput(FscError):
    """A file or a value a person gave cannot be used as it is."""


class Refused(FscError):
    """A rule of custody, orders or stock forbids it."""

    exit_code = 4


class VerificationFailed(FscError):
    """The ledger and what is derived from it disagree."""

    exit_code = 6


class Misconfigured(FscError):
    """The settings, a key or the database's revision do not fit this program."""


class TryLater(FscError):
    """The database is away or busy; the same call may succeed later."""

    exit_code = 75
