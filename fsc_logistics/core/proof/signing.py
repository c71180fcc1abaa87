"""Signing: Ed25519 keys that prove who took a checkpoint.

The private key stands in a file outside the database, as PEM that any program reads;
the public one beside it, to be given to whoever checks.
"""

import logging
import os
import stat
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fsc_logistics.core.proof.key_files import write_new
from fsc_logistics.domain.errors import Misconfigured, Refused

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PUBLIC_SUFFIX = ".pub"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key that signs."""

    key: "Ed25519PrivateKey" = field(repr=False)

    @property
    def public(self) -> bytes:
        """The public key, its 32 bytes."""
        return self.key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the signature of `message`, 64 bytes."""
        return self.key.sign(message)


def make_signing_key(file: Path) -> Path:
    """Write a new key that only its owner may read; return where its public half is.

    Raises:
        Refused: one of the two files is there already.
        Misconfigured: they cannot be written.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public = file.with_name(file.name + PUBLIC_SUFFIX)
    key = Ed25519PrivateKey.generate()
    private_pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    if public.exists():
        raise _taken(public)
    _write_new(file, private_pem, mode=0o600)
    try:
        _write_new(public, public_pem(key.public_key().public_bytes_raw()), mode=0o644)
    except (Refused, Misconfigured):
        # Half a pair is of no use, and would be in the way of the next try.
        with suppress(OSError):
            file.unlink()
        raise
    return public


def read_signing_key(file: Path) -> SigningKey:
    """Return the private key in `file`.

    Raises:
        Misconfigured: it cannot be read, or is none.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    pem = _read(file)
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise Misconfigured(
            f"{file} does not hold a private Ed25519 key without a passphrase. Make one"
            " with: fsc ledger key create FILE"
        )
    if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
        _log.warning(
            "The key file %s can be read by others. Run: chmod 600 %s", file, file
        )
    return SigningKey(key)


def read_public_key(file: Path) -> bytes:
    """Return the public key in `file`, its 32 bytes.

    Raises:
        Misconfigured: it cannot be read, or is none.
    """
    pem = _read(file)
    try:
        return public_of_pem(pem)
    except ValueError:
        raise Misconfigured(
            f"{file} does not hold a public Ed25519 key. Name the file that"
            f" fsc ledger key create made, with {PUBLIC_SUFFIX} at its end."
        ) from None


def public_pem(public: bytes) -> bytes:
    """Return a public key as PEM, as openssl reads it."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return Ed25519PublicKey.from_public_bytes(public).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def public_of_pem(pem: bytes) -> bytes:
    """Return the 32 bytes of a public key.

    Raises:
        ValueError: it is none of ours.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except UnsupportedAlgorithm:
        raise ValueError("a key of a kind that is not known") from None
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("a key of another kind")
    return key.public_bytes_raw()


def signature_fault(
    message: bytes,
    signature: bytes | None,
    public: bytes | None,
    *,
    trusted: Collection[bytes] = (),
) -> str | None:
    """Return what is wrong with a signature, or None where nothing is.

    With `trusted` keys it must be one of theirs; without, the key it names is believed.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if signature is None or public is None:
        whole = signature is None and public is None
        return None if whole else "half of its signature is gone"
    if trusted and public not in trusted:
        return "it is signed with another key than the one given"
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return "its signature is not of what it says"
    return None


def _write_new(file: Path, data: bytes, *, mode: int) -> None:
    try:
        write_new(file, data, mode=mode)
    except FileExistsError:
        raise _taken(file) from None


def _taken(file: Path) -> Refused:
    return Refused(
        f"{file} is there already and is left alone: what was signed with that key is"
        " checked with it. Name another file."
    )


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise Misconfigured(
            f"There is no key file {file}. Make one with: fsc ledger key create FILE"
        ) from None
    except OSError as error:
        raise Misconfigured(
            f"The key file {file} cannot be read: {error.strerror}."
        ) from None
