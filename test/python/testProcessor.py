"""What other programs took of a block of updates."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "python"))

from batchwise.processor import Given, Threads, given, threads  # noqa: E402

own, helper = 1, 2
start = Threads(own, {own: (5.0, 1.0), helper: (3.0, 1.0)})


def after(own_ran: float, own_waited: float, helper_ran: float, helper_waited: float) -> Threads:
    return Threads(
        own,
        {
            own: (5 + own_ran, 1 + own_waited),
            helper: (3 + helper_ran, 1 + helper_waited),
        },
    )


def test_a_quiet_block_took_what_the_clock_says() -> None:
    # It slept for a quarter, as where batches are awaited.
    assert given(1.0, start, after(0.75, 0, 0.5, 0), "threads") == Given(1.0, 0.0)


def test_waiting_of_the_training_thread_is_left_out() -> None:
    found = given(1.0, start, after(0.5, 0.5, 0.5, 0), "threads")
    assert found.seconds == 0.5
    assert found.waiting_share == 0.5 / 1.5


def test_sleep_is_left_out_as_far_as_another_thread_waited() -> None:
    assert given(1.0, start, after(0.5, 0, 0.5, 0.25), "threads").seconds == 0.75
    assert given(1.0, start, after(0.5, 0, 0.5, 3.0), "threads").seconds == 0.5


def test_threads_that_wait_at_the_same_time_cost_their_time_once() -> None:
    many = {own: (5.5, 1.0), **{helper + i: (3.0, 1.25) for i in range(8)}}
    before = Threads(own, {own: (5.0, 1.0), **{helper + i: (2.5, 1.0) for i in range(8)}})
    assert given(1.0, before, Threads(own, many), "threads").seconds == 0.75


def test_a_device_is_timed_by_the_clock_and_the_share_is_told() -> None:
    found = given(1.0, start, after(0.25, 0.25, 0, 0), "device")
    assert found == Given(1.0, 0.5)


def test_without_a_report_nothing_is_said_of_waiting() -> None:
    assert given(1.0, None, None, "threads") == Given(1.0, None)
    another = Threads(helper, start.times)
    assert given(1.0, start, another, "threads") == Given(1.0, None)


def test_clocks_that_disagree_never_make_a_block_negative_or_longer() -> None:
    for own_ran in (0.0, 0.5, 1.5):
        for own_waited in (0.0, 0.5, 1.5):
            for helper_waited in (0.0, 0.5, 1.5):
                found = given(1.0, start, after(own_ran, own_waited, 1, helper_waited), "threads")
                assert 0 <= found.seconds <= 1
                assert found.waiting_share is not None and 0 <= found.waiting_share <= 1


def test_this_process_is_reported_where_linux_counts() -> None:
    found = threads()
    if not Path("/proc/self/schedstat").exists():
        assert found is None
        return
    assert found is not None
    assert found.times[found.own][0] > 0
