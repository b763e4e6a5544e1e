"""Certificates: made from the ledger, signed, chained, and honest about a ledger that does not add up."""

from sqlalchemy import update

from db.exceptions import EXCEPTIONS
from db.ledger import LEVELS
from db.restock import receive
from db.stock_audit import certificates, certify
from domain.certificate import SignedCertificate
from runtime.certificates import problems
from runtime.keys import Keys, new_key
from tests.db.world import KEYS, NOW, found


def make(database) -> SignedCertificate:
    signed: SignedCertificate = database.write_now(lambda tx: certify(tx, KEYS.sign, KEYS.public_key, NOW))
    return signed


def stocked(database) -> None:
    database.write_now(found)
    database.write_now(lambda tx: receive(tx, key="r1", item_id="TEE", location_id="berlin", quantity=5, at=NOW))


def test_a_ledger_that_adds_up_is_certified_with_its_extent(database):
    stocked(database)

    certificate = make(database).certificate

    assert certificate.holds
    assert (certificate.number, certificate.movements, certificate.units_on_hand) == (1, 1, 5)


def test_certificates_check_offline_with_the_public_key_alone(database):
    stocked(database)
    chain = (make(database), make(database), make(database))

    assert problems(chain, KEYS.public_key) == ()
    assert [one.certificate.number for one in database.read_now(certificates)] == [3, 2, 1]


def test_a_change_a_gap_and_another_key_are_found(database):
    stocked(database)
    first, second, third = make(database), make(database), make(database)
    changed = second.model_copy(update={"text": second.text.replace('"units_on_hand":5', '"units_on_hand":6')})

    assert "not signed" in problems((changed,), KEYS.public_key)[0]
    assert "does not follow" in problems((first, third), KEYS.public_key)[0]
    assert problems((first,), Keys([new_key()]).public_key)


def test_the_signing_key_outlasts_a_change_of_the_master_key():
    old, new = new_key(), new_key()

    assert Keys([new, old]).public_key == Keys([old]).public_key


def test_a_balance_without_movements_is_certified_as_wrong_and_a_person_is_told_until_it_is_mended(database):
    stocked(database)
    database.write_now(lambda tx: tx.execute(update(LEVELS).values(on_hand=9)))

    wrong = make(database)
    told = database.read_now(lambda tx: [row.closed_at for row in tx.execute(EXCEPTIONS.select())])
    database.write_now(lambda tx: tx.execute(update(LEVELS).values(on_hand=5)))
    right = make(database)
    closed = database.read_now(lambda tx: [row.closed_at for row in tx.execute(EXCEPTIONS.select())])

    assert (wrong.certificate.holds, right.certificate.holds) == (False, True)
    assert [check.differences for check in wrong.certificate.checks if not check.holds] == [1]
    assert told == [None]
    assert closed == [NOW]
    assert problems((wrong, right), KEYS.public_key) == (
        "certificate 1: every balance is the sum of its movements does not hold in 1 places",
    )
