"""The master key: where it comes from, and what is encrypted, wrapped and indexed under it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from runtime.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from runtime.settings import Settings

KEY_BYTES = 32
_NONCE_BYTES = 12
_ID_BYTES = 4
_FORMAT = b"\x01"  # the first byte of everything under the master key, so that a later format can be told apart


class KeyMissingError(OperatorError):
    """There is no usable master key; the text says how to mend it."""


class CannotDecryptError(Exception):
    """The text was not made under a key that we hold, or for this purpose, or it was changed."""


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, data: bytes, aad: bytes) -> bytes:
    """AES-256-GCM under one key (such as a data subject's); `aad` ties the result to the place it is stored at."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, aad)


def unseal(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], aad)
    except (InvalidTag, ValueError) as error:
        raise CannotDecryptError("the text was made under another key, for another place, or was changed") from error


class Keys:
    """The newest master key encrypts; older ones still decrypt, so that a key can be changed while the hub runs."""

    new_key = staticmethod(new_key)
    seal = staticmethod(seal)
    unseal = staticmethod(unseal)

    def __init__(self, masters: Sequence[bytes]) -> None:
        if not masters or any(len(master) != KEY_BYTES for master in masters):
            raise KeyMissingError(f"a master key has {KEY_BYTES} bytes, written in base64")
        self._masters = {hashlib.sha256(b"tutti key id" + master).digest()[:_ID_BYTES]: master for master in masters}
        self._current = next(iter(self._masters))
        self._data_keys = {key_id: _derive(master, "encrypt") for key_id, master in self._masters.items()}
        # The oldest key makes the indexes: a look-up by e-mail must still find what was written before the change.
        self._index_key = _derive(masters[-1], "blind index")
        # The oldest key signs as well: certificates of last year are checked with the public key that is known.
        self._signing_key = Ed25519PrivateKey.from_private_bytes(_derive(masters[-1], "certificates"))

    def encrypt(self, data: bytes, aad: bytes) -> bytes:
        header = _FORMAT + self._current
        return header + seal(self._data_keys[self._current], data, header + aad)

    def decrypt(self, data: bytes, aad: bytes) -> bytes:
        header, sealed = data[: 1 + _ID_BYTES], data[1 + _ID_BYTES :]
        key = self._data_keys.get(header[1:])
        if header[:1] != _FORMAT or key is None:
            raise CannotDecryptError("made under a master key that is not among ours")
        return unseal(key, sealed, header + aad)

    def is_current(self, data: bytes) -> bool:
        """Whether this was made under the newest key, or should be made anew before an older key is given up."""
        return data[1 : 1 + _ID_BYTES] == self._current

    def wrap(self, key: bytes) -> bytes:
        """Encrypt the key of a data subject; destroying the wrapped key erases all that is sealed under it."""
        return self.encrypt(key, b"wrapped key")

    def unwrap(self, wrapped: bytes) -> bytes:
        return self.decrypt(wrapped, b"wrapped key")

    def blind_index(self, text: str) -> str:
        """Equal texts give equal indexes and the text cannot be read back; normalize (case, blanks) before."""
        return hmac.new(self._index_key, text.encode(), hashlib.sha256).hexdigest()

    @property
    def public_key(self) -> str:
        """What certificates of this installation are checked with, in base64; no secret."""
        return base64.b64encode(self._signing_key.public_key().public_bytes_raw()).decode()

    def sign(self, data: bytes) -> str:
        """An Ed25519 signature in base64."""
        return base64.b64encode(self._signing_key.sign(data)).decode()


def _derive(master: bytes, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=f"tutti {purpose}".encode()).derive(master)


def load_keys(settings: Settings) -> Keys:
    """From `TUTTI_MASTER_KEY`, else the key file; in development a missing file is made, elsewhere it is refused."""
    if text := os.environ.get("TUTTI_MASTER_KEY"):
        return Keys(_parse(text, "TUTTI_MASTER_KEY"))
    path = settings.key_file
    if settings.environment == "development":
        with suppress(FileExistsError):
            make_key_file(path)
    if not path.exists():
        raise KeyMissingError(
            f"no master key: set TUTTI_MASTER_KEY or make {path} with `tutti keys new`, and keep a copy elsewhere"
        )
    if settings.environment != "development" and path.stat().st_mode & 0o077:
        raise KeyMissingError(f"{path} can be read by others: chmod 600 {path}")
    return Keys(_parse(path.read_text(), str(path)))


def make_key_file(path: Path) -> None:
    """Whole or not at all, also when two processes do it at once; raises FileExistsError if there is one."""
    if path.exists():
        raise FileExistsError(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = write_private(path.with_suffix(f".{os.getpid()}"), _line(new_key()))
    try:
        os.link(draft, path)
    finally:
        draft.unlink()


def rotate_key_file(path: Path) -> None:
    """Put a new key before the others; what was encrypted under those stays readable."""
    draft = write_private(path.with_suffix(f".{os.getpid()}"), _line(new_key()) + path.read_text())
    draft.replace(path)


def write_private(path: Path, text: str) -> Path:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    return path


def _line(key: bytes) -> str:
    return base64.b64encode(key).decode() + "\n"


def _parse(text: str, source: str) -> list[bytes]:
    """One key a line (or between commas), newest first."""
    try:
        return [base64.b64decode(key, validate=True) for key in text.replace(",", "\n").split()]
    except binascii.Error as error:
        raise KeyMissingError(f"{source} does not hold master keys in base64, one a line, newest first") from error
