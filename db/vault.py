"""Personal data under one key per person: destroying the key erases the person from every copy."""

import json
import re
import unicodedata
from collections import OrderedDict
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, select, update

from db.tables.orders import DataSubjectRow
from db.upsert import insert_once
from domain.errors import DomainError

_CACHE = 4096


class Cipher(Protocol):
    """What the vault needs of the installation's keys."""

    def encrypt(self, data: bytes, aad: bytes) -> bytes:
        """Under the master key."""

    def decrypt(self, data: bytes, aad: bytes) -> bytes:
        """Under the master key that it was encrypted with."""

    def blind_index(self, text: str) -> str:
        """The same for the same text; tells nothing about it."""

    def wrap(self, key: bytes) -> bytes:
        """Encrypt a subject's key."""

    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypt a subject's key."""

    def new_key(self) -> bytes:
        """A fresh key for one subject."""

    def seal(self, key: bytes, data: bytes, aad: bytes) -> bytes:
        """Encrypt under a subject's key."""

    def unseal(self, key: bytes, sealed: bytes, aad: bytes) -> bytes:
        """Decrypt under a subject's key."""


SUBJECTS = DataSubjectRow.__table__  # type: ignore[attr-defined]
_KEY = select(SUBJECTS.c.wrapped_key).where(SUBJECTS.c.id == bindparam("subject_id"))


class ErasedError(DomainError):
    """The person behind this record was erased."""

    def __init__(self, subject_id: str) -> None:
        super().__init__("person_erased", f"the person {subject_id} was erased; their data is gone for good")


class Vault:
    """Seals and opens personal data; the process keeps some opened keys in memory."""

    def __init__(self, cipher: Cipher) -> None:
        self.cipher = cipher
        self._keys: OrderedDict[bytes, bytes] = OrderedDict()

    def index(self, email: str) -> str | None:
        """What an e-mail address is looked up by; None for no address."""
        return self.cipher.blind_index(email.strip().lower()) if email.strip() else None

    def name_index(self, name: str) -> str | None:
        """What a name is looked up by: whatever its case, accents and the order of its words; None for no name."""
        plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
        words = sorted(re.findall(r"[^\W_]+", plain.casefold()))
        return self.cipher.blind_index(f"name {' '.join(words)}") if words else None

    def seal(self, tx: Connection, subject_id: str, person: dict[str, Any], *, email: str = "") -> bytes:
        """Encrypt under the subject's key, which is made if there is none yet."""
        return self.cipher.seal(self._key(tx, subject_id, email), json.dumps(person).encode(), subject_id.encode())

    def unseal(self, tx: Connection, subject_id: str, sealed: bytes) -> dict[str, Any]:
        """Raises ErasedError when the key was destroyed."""
        row = tx.execute(_KEY, {"subject_id": subject_id}).first()
        if row is None or row.wrapped_key is None:
            raise ErasedError(subject_id)
        key = self._unwrapped(row.wrapped_key)
        opened: dict[str, Any] = json.loads(self.cipher.unseal(key, sealed, subject_id.encode()))
        return opened

    def destroy(self, tx: Connection, subject_id: str, at: Any) -> bool:
        """Erase the person; True if there was a key to destroy."""
        wrapped = tx.execute(_KEY, {"subject_id": subject_id}).scalar()
        self._keys.pop(wrapped or b"", None)
        done = tx.execute(
            update(SUBJECTS)
            .where(SUBJECTS.c.id == subject_id, SUBJECTS.c.wrapped_key.is_not(None))
            .values(wrapped_key=None, email_index=None, erased_at=at)
        )
        return bool(done.rowcount)

    def _key(self, tx: Connection, subject_id: str, email: str) -> bytes:
        row = tx.execute(_KEY, {"subject_id": subject_id}).first()
        if row is not None:
            if row.wrapped_key is None:
                raise ErasedError(subject_id)
            return self._unwrapped(row.wrapped_key)
        key = self.cipher.new_key()
        new = {"id": subject_id, "wrapped_key": self.cipher.wrap(key), "email_index": self.index(email)}
        return key if insert_once(tx, SUBJECTS, [new]) else self._key(tx, subject_id, email)

    def _unwrapped(self, wrapped: bytes) -> bytes:
        """Remembered by what is stored: a key whose transaction was rolled back is never used for the next one."""
        key = self._keys.get(wrapped) or self.cipher.unwrap(wrapped)
        self._keys[wrapped] = key
        if len(self._keys) > _CACHE:
            self._keys.popitem(last=False)
        return key
