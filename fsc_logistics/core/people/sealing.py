"""Sealing: personal numbers at rest, and finding them again.

One master key outside the database gives two: one seals (AES-256-GCM), one makes the
keyed hash a number is found by (HMAC-SHA-256).  Whoever has the database alone has
neither the numbers nor a way to try them out.
"""

import base64
import binascii
import hmac
import logging
import os
import secrets
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from fsc_logistics.core.proof.key_files import write_new
from fsc_logistics.domain.errors import Misconfigured, Refused

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_VERSION = b"\x01"
_NONCE_BYTES = 12
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Vault:
    """Seals and opens personal numbers; the key is read when one is first touched."""

    file: Path
    inline: str | None = None
    """The key itself, from the variable FSC_KEY; it beats the file."""

    @property
    def is_there(self) -> bool:
        """Whether there is a key at all; it may still be unreadable or wrong."""
        return self.inline is not None or self.file.exists()

    def seal(self, text: str, owner: str) -> bytes:
        """Return `text` sealed for the party `owner`, and of use to no other.

        Raises:
            Misconfigured: the key is missing or unreadable.
        """
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return (
            _VERSION + nonce + self._cipher.encrypt(nonce, text.encode(), _for(owner))
        )

    def open(self, sealed: bytes, owner: str) -> str:
        """Return what was sealed for `owner`.

        Raises:
            Misconfigured: the key is missing, unreadable or another one.
        """
        from cryptography.exceptions import InvalidTag

        nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, rest, _for(owner)).decode()
        except InvalidTag:
            raise Misconfigured(
                f"The key in {self._named} is not the one the CPR numbers here were"
                " sealed with. Put the right key file back from its safe copy."
            ) from None

    def lookup(self, text: str) -> bytes:
        """Return the keyed hash that `text` is found by.

        Raises:
            Misconfigured: the key is missing or unreadable.
        """
        return hmac.digest(self._lookup_key, text.encode(), "sha256")

    @property
    def _named(self) -> str:
        return "FSC_KEY" if self.inline is not None else str(self.file)

    @cached_property
    def _cipher(self) -> "AESGCM":
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._derived(b"fsc seal"))

    @cached_property
    def _lookup_key(self) -> bytes:
        return self._derived(b"fsc lookup")

    def _derived(self, purpose: bytes) -> bytes:
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose)
        return kdf.derive(self._master)

    @cached_property
    def _master(self) -> bytes:
        text = self.inline if self.inline is not None else _read(self.file)
        try:
            key = base64.b64decode(text.strip(), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise Misconfigured(
                f"{self._named} does not hold a key: {KEY_BYTES} bytes in base64 are"
                " needed. Put the right key back, or make one: fsc key new FILE"
            )
        return key


def make_key(file: Path) -> None:
    """Write a new master key that only its owner may read.

    Raises:
        Refused: the file is there already; what it holds may be needed.
        Misconfigured: it cannot be written.
    """
    key = base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n"
    try:
        write_new(file, key, mode=0o600)
    except FileExistsError:
        raise Refused(
            f"{file} is there already and is left alone: numbers sealed with that key"
            " cannot be read without it. Name another file."
        ) from None


def _read(file: Path) -> str:
    try:
        text = file.read_text("ascii")
    except FileNotFoundError:
        raise Misconfigured(
            f"There is no key file {file}, and CPR numbers are sealed with one. Put it"
            " back, or make the first one: fsc key new"
        ) from None
    except OSError as error:
        raise Misconfigured(
            f"The key file {file} cannot be read: {error.strerror}."
        ) from None
    except UnicodeDecodeError:
        return ""
    if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
        _log.warning(
            "The key file %s can be read by others. Run: chmod 600 %s", file, file
        )
    return text


def _for(owner: str) -> bytes:
    return b"fsc cpr " + owner.encode()
