"""The master key: encryption, change of key, and the cases in which the hub refuses to start."""

import base64
import stat

import pytest

from runtime.keys import (
    CannotDecryptError,
    KeyMissingError,
    Keys,
    load_keys,
    make_key_file,
    new_key,
    rotate_key_file,
    seal,
    unseal,
)
from runtime.settings import Settings


@pytest.fixture
def keys() -> Keys:
    return Keys([new_key()])


def production(settings: Settings) -> Settings:
    return settings.model_copy(update={"environment": "production"})


def test_decrypts_what_it_encrypted_and_never_writes_it_twice_alike(keys: Keys) -> None:
    first, second = keys.encrypt(b"42 Main St", b"orders.1"), keys.encrypt(b"42 Main St", b"orders.1")

    assert keys.decrypt(first, b"orders.1") == b"42 Main St"
    assert first != second
    assert b"Main" not in first


def test_refuses_a_text_that_was_moved_to_another_row(keys: Keys) -> None:
    text = keys.encrypt(b"42 Main St", b"orders.1")

    with pytest.raises(CannotDecryptError):
        keys.decrypt(text, b"orders.2")


@pytest.mark.parametrize("position", [0, 2, 10, -1])
def test_refuses_a_text_that_was_changed_in_any_part(keys: Keys, position: int) -> None:
    text = bytearray(keys.encrypt(b"42 Main St", b""))
    text[position] ^= 1

    with pytest.raises(CannotDecryptError):
        keys.decrypt(bytes(text), b"")


@pytest.mark.parametrize("text", [b"", b"\x01", b"\x01abcd", b"short"])
def test_refuses_what_is_too_short_to_be_a_text_of_ours(keys: Keys, text: bytes) -> None:
    with pytest.raises(CannotDecryptError):
        keys.decrypt(text, b"")


def test_after_a_change_of_key_old_texts_are_read_and_new_ones_use_the_new_key() -> None:
    old, new = new_key(), new_key()
    before = Keys([old])
    after = Keys([new, old])

    text = before.encrypt(b"secret", b"")

    assert after.decrypt(text, b"") == b"secret"
    assert not after.is_current(text)
    assert after.is_current(after.encrypt(b"secret", b""))
    assert before.blind_index("jo@example.com") == after.blind_index("jo@example.com")


def test_a_key_that_was_given_up_reads_nothing() -> None:
    text = Keys([new_key()]).encrypt(b"secret", b"")

    with pytest.raises(CannotDecryptError):
        Keys([new_key()]).decrypt(text, b"")


def test_destroying_a_subjects_key_is_all_that_erasure_takes(keys: Keys) -> None:
    subject = new_key()
    wrapped = keys.wrap(subject)
    sealed = seal(subject, b"Jo Doe", b"addresses.7")

    assert unseal(keys.unwrap(wrapped), sealed, b"addresses.7") == b"Jo Doe"
    with pytest.raises(CannotDecryptError):
        unseal(new_key(), sealed, b"addresses.7")


def test_an_index_tells_equal_texts_from_others_and_needs_the_key(keys: Keys) -> None:
    index = keys.blind_index("jo@example.com")

    assert keys.blind_index("jo@example.com") == index
    assert keys.blind_index("al@example.com") != index
    assert Keys([new_key()]).blind_index("jo@example.com") != index


def test_development_makes_a_key_that_only_its_owner_can_read(settings: Settings) -> None:
    text = load_keys(settings).encrypt(b"secret", b"")

    assert stat.S_IMODE(settings.key_file.stat().st_mode) == 0o600
    assert load_keys(settings).decrypt(text, b"") == b"secret"


def test_production_refuses_to_start_without_a_key(settings: Settings) -> None:
    with pytest.raises(KeyMissingError, match="tutti keys new"):
        load_keys(production(settings))

    assert not settings.key_file.exists()


def test_production_refuses_a_key_that_others_can_read(settings: Settings) -> None:
    make_key_file(settings.key_file)
    settings.key_file.chmod(0o644)

    with pytest.raises(KeyMissingError, match="chmod 600"):
        load_keys(production(settings))


def test_the_environment_wins_over_the_file(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTTI_MASTER_KEY", base64.b64encode(new_key()).decode())

    load_keys(production(settings))

    assert not settings.key_file.exists()


@pytest.mark.parametrize("text", ["not base64!", "c2hvcnQ=", "   "])
def test_a_key_that_is_none_is_named_as_such(settings: Settings, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("TUTTI_MASTER_KEY", text)

    with pytest.raises(KeyMissingError):
        load_keys(settings)


def test_never_overwrites_a_key_file(settings: Settings) -> None:
    make_key_file(settings.key_file)
    before = settings.key_file.read_text()

    with pytest.raises(FileExistsError):
        make_key_file(settings.key_file)

    assert settings.key_file.read_text() == before


def test_a_changed_key_file_still_reads_what_was_written_before(settings: Settings) -> None:
    text = load_keys(settings).encrypt(b"secret", b"")

    rotate_key_file(settings.key_file)

    after = load_keys(settings)
    assert after.decrypt(text, b"") == b"secret"
    assert not after.is_current(text)
    assert stat.S_IMODE(settings.key_file.stat().st_mode) == 0o600
