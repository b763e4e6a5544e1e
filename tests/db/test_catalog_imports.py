"""Imports: rows are kept, carried out some at a time, and each tells what became of it, whatever is killed when."""

import pytest

from db import catalog, catalog_imports
from db.actors import Actor
from db.catalog_imports import AT_ONCE, Line
from domain.errors import DomainError
from tests.db.world import NOW

ADA = Actor("ada", "operations")


def rows(count: int, first: int = 1) -> list[Line]:
    return [
        Line(number, {"id": f"p{number}", "title": f"Product {number}", "variants": {f"SKU-{number}": {}}})
        for number in range(first, first + count)
    ]


def begin(database, digest: str = "abc"):
    return database.write_now(lambda tx: catalog_imports.begin(tx, digest, "file.csv", by=ADA, now=NOW))


def fill(database, job: str, lines: list[Line]):
    return database.write_now(lambda tx: catalog_imports.add(tx, job, lines))


def finish(database, job: str):
    database.write_now(lambda tx: catalog_imports.complete(tx, job))
    while database.write_now(lambda tx: catalog_imports.step(tx, job, NOW)):
        pass
    return database.read_now(lambda tx: catalog_imports.counts(tx, job))


def run(database, lines: list[Line], digest: str = "abc") -> tuple[str, dict[str, int]]:
    job = begin(database, digest)
    fill(database, job, lines)
    return job, finish(database, job)


def results(database, job: str) -> list[tuple[int, str, str]]:
    found = database.read_now(lambda tx: catalog_imports.results(tx, job))
    return [(row.line, row.state, row.detail) for row in found]


def test_one_bad_row_in_many_stops_no_other(database):
    lines = rows(60)
    lines[30] = Line(31, {"id": "p31", "title": "Bad", "variants": {"SKU-31": {"gtin": "4006381333932"}}})
    job, counts = run(database, lines)

    assert counts == {"created": 59, "refused": 1}
    assert "variants.SKU-31.gtin" in next(detail for _, state, detail in results(database, job) if state == "refused")


def test_a_row_that_could_not_be_read_is_told_with_the_others(database):
    job, counts = run(database, [Line(1, None, "the line is not JSON"), *rows(1, first=2)])

    assert counts == {"created": 1, "refused": 1}
    assert results(database, job)[0] == (1, "refused", "the line is not JSON")


def test_rows_of_one_product_go_in_together_with_the_options_that_they_name(database):
    lines = [
        Line(number, {"id": "tee", "title": "Tee", "variants": {f"T-{size}": {"options": {"Size": size}}}})
        for number, size in enumerate("SML", start=1)
    ]
    _, counts = run(database, lines)
    tee = database.read_now(lambda tx: catalog.load(tx, "tee"))

    assert counts == {"created": 3}
    assert tee.options[0].values == ("S", "M", "L")


def test_a_bad_variant_leaves_the_other_rows_of_its_product(database):
    lines = [
        Line(1, {"id": "tee", "title": "Tee", "variants": {"T-S": {"options": {"Size": "S"}}}}),
        Line(2, {"id": "tee", "variants": {"T-M": {"options": {"Size": "M"}, "gtin": "1"}}}),
        Line(3, {"id": "tee", "variants": {"T-L": {"options": {"Size": "L"}}}}),
    ]
    job, _ = run(database, lines)

    assert [state for _, state, _ in results(database, job)] == ["created", "refused", "changed"]
    assert [v.sku for v in database.read_now(lambda tx: catalog.load(tx, "tee")).variants] == ["T-S", "T-L"]


def test_the_same_file_again_changes_nothing_and_one_changed_row_is_told_apart(database):
    lines = [
        Line(number, {"id": "tee", "title": "Tee", "variants": {f"T-{size}": {"options": {"Size": size}}}})
        for number, size in enumerate("SM", start=1)
    ]
    run(database, lines)
    _, again = run(database, lines)
    lines[1].patch["variants"]["T-M"]["gtin"] = "96385074"  # type: ignore[index]
    job, _ = run(database, lines, digest="other")

    assert again == {"same": 2}
    assert [state for _, state, _ in results(database, job)] == ["same", "changed"]


def test_a_kill_between_any_two_steps_loses_no_row_and_does_none_twice(database):
    lines = rows(AT_ONCE * 2 + 5)
    job = begin(database)
    fill(database, job, lines[:8])  # killed while the rows were being sent
    assert begin(database) == job
    new = fill(database, job, lines)
    database.write_now(lambda tx: catalog_imports.complete(tx, job))
    database.write_now(lambda tx: catalog_imports.step(tx, job, NOW))  # killed while they were carried out

    assert new == len(lines) - 8
    assert database.read_now(catalog_imports.unfinished) == [job]
    assert begin(database) == job
    assert finish(database, job) == {"created": len(lines)}
    assert database.read_now(catalog_imports.unfinished) == []
    assert {database.read_now(lambda tx, n=line.number: catalog.version_of(tx, f"p{n}")) for line in lines} == {1}


def test_a_finished_import_of_the_same_file_is_a_new_one(database):
    first, _ = run(database, rows(1))

    assert begin(database) != first


def test_rows_after_the_last_are_refused(database):
    job, _ = run(database, rows(1))

    with pytest.raises(DomainError, match="make a new import"):
        fill(database, job, rows(1, first=2))


def test_each_row_is_on_the_history_with_its_import(database):
    job, _ = run(database, rows(1))
    (made,) = database.read_now(lambda tx: catalog.history(tx, "p1"))

    assert (made.actor, made.side) == ("ada", f"import:{job}")
