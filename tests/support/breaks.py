"""Ways to break the engine and the ledger on purpose, each with the promise that it breaks.

Every one of them is a change that a hurried hand could make. `tests/simulation/test_mutations.py` shows that the
simulated lives, or the test that is named, see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support import (
    breaks_of_acts,
    breaks_of_lanes,
    breaks_of_ledgers,
    breaks_of_runs,
    breaks_of_tables,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

__all__ = ["BREAKS", "Break", "table"]

SECOND, GUESS, REVIEWED, BACK, RECORD, AGREED, REST = (
    "never a second start",
    "never a guess",
    "what was reviewed is what runs",
    "never backwards",
    "the record keeps what it has acknowledged",
    "nothing runs that is held, or not asked for",
    "a healthy world comes to rest",
)


@dataclass(frozen=True, slots=True)
class Break:
    """One way to break it.

    Attributes:
        do: breaks it, until the patch is undone; its name is the id.
        breaks: what does not hold any more.
        promise: which promise that is.
        seen_by: the test that sees it, as `module:function`; `None` for the simulated lives.
    """

    do: Callable[[pytest.MonkeyPatch], None]
    breaks: str
    promise: str
    seen_by: str | None = None

    @property
    def id(self) -> str:
        """Its name in the table."""
        return self.do.__name__


_RUNS, _LANES, _ACTS, _TABLES, _LEDGERS = (
    breaks_of_runs,
    breaks_of_lanes,
    breaks_of_acts,
    breaks_of_tables,
    breaks_of_ledgers,
)

BREAKS: tuple[Break, ...] = (
    Break(_RUNS.start_goes_out_behind_the_head, "START needs the head", SECOND),
    Break(_RUNS.start_goes_out_after_its_window, "START needs its window", SECOND),
    Break(_RUNS.start_is_repeated_without_grace, "a second START waits for the grace", SECOND),
    Break(_RUNS.start_is_repeated_for_what_nobody_wants, "a START is still wanted", AGREED),
    Break(_RUNS.start_asks_for_no_hold, "holds are asked right before START", AGREED),
    Break(_RUNS.a_lost_start_counts_as_never_sent, "a lost answer may have begun it", SECOND),
    Break(_RUNS.a_record_without_an_answer_counts, "no answer of the ledger, no START", SECOND),
    Break(_RUNS.nothing_is_verified, "the frozen copy is compared", REVIEWED),
    Break(_RUNS.an_instance_of_others_is_adopted, "only our marker makes it ours", SECOND),
    Break(_RUNS.one_that_has_begun_is_adopted, "only status 1 is adopted", SECOND),
    Break(_RUNS.one_of_ours_that_began_is_overlooked, "what began is not prepared again", SECOND),
    Break(_RUNS.a_lost_prepare_counts_as_refused, "a lost answer is no refusal", GUESS),
    Break(_RUNS.a_lost_prepare_is_never_looked_for, "look once before preparing anew", SECOND),
    Break(_RUNS.an_answer_is_never_recorded, "an id is durable before the next line", REST),
    Break(_RUNS.a_prepared_one_is_given_up_unseen, "a last look before giving up", SECOND),
    Break(_RUNS.others_notes_are_passed_over, "what others told is decided again", SECOND),
    Break(
        _RUNS.what_somebody_carried_on_with_is_launched_over,
        "none beside one that runs",
        SECOND,
        "tests.unit.engine.test_execute_carried_on:"
        "test_what_is_told_right_before_its_own_claim_counts_as_well",
    ),
    Break(_RUNS.claims_are_made_outside_the_session, "claims need the session", SECOND),
    Break(_RUNS.a_moved_head_opens_all_the_same, "decided on a stale read", SECOND),
    Break(_RUNS.a_server_that_starts_at_once_is_trusted, "an unheld instance ends the run", SECOND),
    Break(_RUNS.a_running_launch_is_archived, "what runs is watched to its end", REST),
    Break(_RUNS.the_session_is_never_closed, "a session ends with its run", REST),
    Break(_LANES.a_start_is_begun_before_its_record, "`starting` is durable before START", SECOND),
    Break(_LANES.a_prepare_is_begun_before_its_record, "`intended` is durable first", SECOND),
    Break(_LANES.a_prepare_goes_out_after_its_window, "a prepare needs its window", SECOND),
    Break(_LANES.what_was_begun_goes_out_after_the_session, "what has not left stays", SECOND),
    Break(_LANES.a_stop_of_one_batch_is_none_for_the_others, "a stop begins nothing new", SECOND),
    Break(_LANES.a_launch_is_in_two_batches, "one batch carries a launch on", SECOND),
    Break(_LANES.what_was_begun_is_not_awaited, "what was begun is awaited", GUESS),
    Break(
        _LANES.batches_set_out_beside_the_first,
        "the first prepare goes alone",
        SECOND,
        "tests.unit.engine.test_lanes:"
        "test_the_first_prepare_of_a_run_is_read_back_before_another_batch_sets_out",
    ),
    Break(
        _LANES.news_of_a_launch_reach_no_other_batch,
        "others' news count for all batches",
        SECOND,
        "tests.unit.engine.test_lanes:test_what_others_tell_of_a_launch_takes_it_out_of_its_batch",
    ),
    Break(
        _LANES.the_newest_attempt_gets_every_answer,
        "an answer belongs to its attempt",
        GUESS,
        "tests.unit.engine.test_lanes:"
        "test_the_id_of_what_was_prepared_is_told_of_the_attempt_that_it_was_prepared_for",
    ),
    Break(
        _LANES.a_launch_is_left_for_being_behind_others,
        "a slow server leaves none behind",
        REST,
        "tests.unit.engine.test_lanes_late:"
        "test_a_server_that_is_too_slow_for_many_at_once_gets_one_after_the_other",
    ),
    Break(
        _LANES.a_start_is_left_for_being_behind_others,
        "a slow START leaves none behind",
        REST,
        "tests.unit.engine.test_lanes_late:"
        "test_a_server_that_takes_long_for_each_start_starts_all_of_them",
    ),
    Break(
        _LANES.the_newest_attempt_is_told_what_was_not_sent,
        "a START belongs to its attempt",
        GUESS,
        "tests.unit.engine.test_lanes:"
        "test_that_a_start_was_not_sent_is_told_of_the_attempt_that_it_was_for",
    ),
    Break(
        _LANES.a_full_quota_stops_no_other_batch,
        "on a full quota no more is prepared",
        REST,
        "tests.unit.engine.test_lanes:"
        "test_a_batch_that_has_set_out_prepares_nothing_once_jobs_quota_is_full",
    ),
    Break(_TABLES.status_9_is_always_a_failure, "9 after a lost START is unknown", GUESS),
    Break(_TABLES.a_vanished_one_is_launched_anew, "a purged instance is unknown", SECOND),
    Break(_TABLES.an_unknown_outcome_is_launched_anew, "unknown blocks until resolved", SECOND),
    Break(_TABLES.what_is_refused_is_asked_for_again, "a refusal blocks until changed", AGREED),
    Break(_TABLES.a_failure_is_repeated_for_ever, "attempts are counted", AGREED),
    Break(_TABLES.status_9_is_repeated, "only status 4 is repeated", SECOND),
    Break(_TABLES.what_is_back_in_sync_is_not_superseded, "what waits is superseded", REST),
    Break(_TABLES.any_success_of_the_key_counts, "only what ran last is in sync", REST),
    Break(_TABLES.needs_are_ignored, "needs come first", AGREED),
    Break(_TABLES.suspension_is_ignored, "a suspended launch is held", AGREED),
    Break(_TABLES.a_busy_launch_is_launched_over, "one of a name at a time", SECOND),
    Break(_ACTS.an_operation_is_sent_twice, "an operation is asked for once", SECOND),
    Break(_ACTS.an_operation_goes_unrecorded, "an operation is recorded first", SECOND),
    Break(_ACTS.an_operation_goes_out_after_its_window, "an operation needs its window", SECOND),
    Break(
        _ACTS.an_end_goes_out_after_its_window,
        "so does the end of a wait",
        SECOND,
        "tests.unit.engine.test_execute_waiting:"
        "test_an_end_that_cannot_be_sent_in_time_is_recorded_as_unsent_and_tried_again",
    ),
    Break(_ACTS.an_operation_goes_out_behind_the_head, "an operation needs the head", SECOND),
    Break(
        _ACTS.an_operation_is_sent_to_what_has_moved_on,
        "an operation is about what was seen",
        SECOND,
        "tests.unit.engine.test_operating_fence:"
        "test_hosts_that_others_have_retried_and_that_failed_again_are_not_retried",
    ),
    Break(
        _ACTS.an_operation_rests_on_what_was_read_long_ago,
        "an operation rests on what was just read",
        SECOND,
        "tests.unit.engine.test_operating_fence:"
        "test_who_was_stopped_after_looking_looks_again_before_anything_is_sent",
    ),
    Break(
        _ACTS.an_older_answer_takes_back_an_end,
        "notes overwrite no outcome",
        GUESS,
        "tests.unit.engine.test_operating_outdated:"
        "test_an_older_answer_does_not_take_back_an_end_that_others_have_recorded",
    ),
    Break(
        _TABLES.a_rename_loses_the_history,
        "a history moves with its name",
        SECOND,
        "tests.unit.engine.test_fold:test_renamed_moves_the_history_to_the_new_name",
    ),
    Break(
        _TABLES.what_nobody_approved_acts,
        "what acts was reviewed",
        REVIEWED,
        "tests.unit.engine.test_changeset:"
        "test_what_a_review_does_not_cover_is_held_and_blocks_what_needs_it",
    ),
    Break(_ACTS.a_person_waives_what_runs, "what runs is not waived", REST),
    Break(_LEDGERS.an_append_replaces_what_others_wrote, "compare-and-swap: a bare push", RECORD),
    Break(_LEDGERS.an_append_goes_behind_whatever_is_there, "compare-and-swap: blind", RECORD),
    Break(_LEDGERS.what_is_acknowledged_is_not_durable, "durable once acknowledged", RECORD),
    Break(_LEDGERS.an_append_behind_the_head_counts_as_head, "Overtaken is told apart", SECOND),
    Break(_LEDGERS.a_lost_answer_counts_as_not_recorded, "a lost answer is no lost race", RECORD),
    Break(_LEDGERS.half_of_a_group_is_recorded, "all or none", RECORD),
)


def table() -> str:
    """The table for people: id, what does not hold any more, which promise."""
    wide = max(len(item.id) for item in BREAKS)
    middle = max(len(item.breaks) for item in BREAKS)
    return "\n".join(f"{it.id:{wide}}  {it.breaks:{middle}}  {it.promise}" for it in BREAKS)
