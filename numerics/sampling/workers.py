"""Jobs that do not depend on each other, here or in other processes and on other machines.

Any executor of `concurrent.futures` will do: `ThreadPoolExecutor`, `ProcessPoolExecutor`, or
``Client.get_executor()`` of a Dask cluster.  Every job holds all that it needs, its generator
included, so the answers do not depend on who does which job, or when.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Executor, Future, as_completed
from typing import TypeVar

from backproof.theory.errors import BackproofError

Job = TypeVar("Job")
Result = TypeVar("Result")
Progress = Callable[[int, int], None]  # done, total


def spread(
    work: Callable[[Job], Result],
    jobs: Sequence[Job],
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> list[Result]:
    """``work(job)`` of every job, in the order of the jobs; without an executor one by one here.

    ``progress`` is told after each job.  The first job that fails ends the run: those that wait
    are cancelled, and a `BackproofError` says which it was and what to do, or is the job's own.

    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(2) as executor:
    ...     spread(abs, [-3, 1, -2], executor)
    [3, 1, 2]
    """
    total = len(jobs)
    if executor is None:
        results = []
        for n, job in enumerate(jobs):
            results.append(work(job))
            if progress is not None:
                progress(n + 1, total)
        return results
    futures: list[Future[Result]] = []
    try:
        futures += (executor.submit(work, job) for job in jobs)
        place = {future: n for n, future in enumerate(futures)}
        for done, future in enumerate(as_completed(futures), start=1):
            _checked(future, place[future], total)
            if progress is not None:
                progress(done, total)
        return [future.result() for future in futures]
    finally:  # what has not begun is not wanted any more; nothing is left where all are done
        for future in futures:
            future.cancel()


def _checked(future: Future[Result], number: int, total: int) -> None:
    try:
        future.result()
    except BackproofError:
        raise
    except (Exception, CancelledError) as error:
        said = str(error).partition("\n")[0]
        raise BackproofError(
            f"job {number + 1} of {total}",
            f"{type(error).__name__}: {said}" if said else type(error).__name__,
            "a worker that finishes its job",
            "run the same without an executor to see the failure where it happens; if a worker "
            "was killed, start fewer workers or give them more memory",
        ) from error
