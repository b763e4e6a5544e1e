"""The list of checks; each takes a Subject and fails with an AssertionError that says what the connector did."""

from collections.abc import Awaitable, Callable

from connectors.testing import config_checks, outcome_checks, webhook_checks, write_checks
from connectors.testing.subject import Subject

Check = Callable[[Subject], Awaitable[None]]

CHECKS: tuple[Check, ...] = (
    config_checks.config_yields_a_form_and_hides_its_secrets,
    config_checks.samples_cover_every_capability,
    outcome_checks.refusals_are_classified,
    outcome_checks.an_exchange_is_made_once,
    outcome_checks.malformed_answers_are_connector_errors,
    outcome_checks.echoed_secrets_stay_out_of_texts,
    write_checks.an_undisturbed_write_is_found,
    write_checks.an_unanswered_write_is_unknown_and_found,
    write_checks.an_unreadable_answer_to_a_write_is_no_refusal,
    write_checks.a_write_that_never_left_may_be_repeated,
    write_checks.a_repeated_write_is_committed_once,
    webhook_checks.current_and_previous_secret_are_accepted,
    webhook_checks.forged_deliveries_are_refused,
    webhook_checks.deliveries_keep_their_identity,
    webhook_checks.mangled_bodies_are_named_not_crashed_on,
)
