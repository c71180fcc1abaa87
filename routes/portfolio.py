"""Several searches at once, each on its own core, and the best of their plans."""

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from time import monotonic

from routes.plan import Plan, Progress, TaskKeys
from routes.problem import Problem
from routes.solve import solve, worth

TICK_S = 0.2


def solve_together(
    problem: Problem,
    *,
    count: int,
    time_limit_s: float,
    seed: int = 0,
    initial: TaskKeys | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Plan:
    """Return the best plan of `count` searches with seeds from `seed` on.

    Each is a process of its own: OR-Tools holds Python's lock while it searches.  Of
    the progress only the time is known.  Ctrl-C ends them all with the best so far.
    """
    context = multiprocessing.get_context("spawn")
    run = partial(solve, problem, time_limit_s=time_limit_s, initial=initial)
    began_s = monotonic()
    with _deaf_to_interrupts(), ProcessPoolExecutor(count, context) as pool:
        plans = [pool.submit(run, seed=seed + n) for n in range(count)]
        while wait(plans, timeout=TICK_S).not_done:
            if progress is not None:
                elapsed_s = monotonic() - began_s
                progress(
                    Progress(elapsed_s=elapsed_s, cost=None, unassigned_count=None)
                )
        found = [plan.result() for plan in plans]
    return min(found, key=partial(worth, problem))


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Leave Ctrl-C to the searches: a terminal sends it to every process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # Not SIG_IGN, which the processes would inherit and be deaf to as well.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
