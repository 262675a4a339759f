"""Predicted work and the expected end of a job."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import structs

from service.domain.model import Job, Value

UNKNOWN_COST_MS = 50
"""Prediction for a kind of document never seen (median of the mixed samples)."""
Z_90 = 1.2816
"""90th percentile of the normal distribution, in standard deviations."""
WEIGHT = 0.05
"""Share of a new observation once there are many: old durations fade."""
MIN_SAMPLES = 3
"""Fewer observations than this say nothing of the spread."""
LEAST_LEFT_MS = 1.0
"""What has not ended still takes some time."""
HALF = 50
"""Percent of progress at which the bound is kept, to be judged by the real end."""

Kind = tuple[str, str, int]
"""Job type, media type, size class."""


class Durations(Value, frozen=True, kw_only=True):
    """What was observed of one kind of document."""

    samples: int = 0
    mean_ms: float = 0.0
    variance_ms2: float = 0.0

    def with_sample(self, milliseconds: float) -> "Durations":
        """Give the durations with one more observation (exponentially weighted)."""
        weight = max(WEIGHT, 1 / (self.samples + 1))
        delta = milliseconds - self.mean_ms
        return Durations(
            samples=self.samples + 1,
            mean_ms=self.mean_ms + weight * delta,
            variance_ms2=(1 - weight) * (self.variance_ms2 + weight * delta * delta),
        )


class Eta(Value, frozen=True, kw_only=True):
    """Time left until a job's end, in whole milliseconds."""

    median_ms: int
    p90_ms: int


def size_class(size_bytes: int) -> int:
    """Give the size class of a document: the bit length of its size in KiB."""
    return (size_bytes // 1024).bit_length()


def predict_ms(observed: Mapping[Kind, Durations], kind: Kind) -> int:
    """Predict the work of one document, at least 1 ms.

    Falls back from its own kind to the nearest size of the same type, then to
    `UNKNOWN_COST_MS`.
    """
    job_type, media_type, wanted = kind
    near = [
        (abs(size - wanted), durations.mean_ms)
        for (other_type, other_media, size), durations in observed.items()
        if (other_type, other_media) == (job_type, media_type)
    ]
    predicted = min(near)[1] if near else UNKNOWN_COST_MS
    return max(1, round(predicted))


class AtWork(Value, frozen=True, kw_only=True):
    """A document at work, as far as its end can be told from outside."""

    elapsed_ms: float
    cost_ms: int
    fraction: float = 0.0

    def left_ms(self, scale: float, *, limit_ms: float) -> float:
        """Give its remaining time, which is never nothing.

        Once it is over its prediction, its own reports say it; without any it may
        take as long again as it is over, up to its limit.

        Args:
            scale: How much longer documents of this job take than predicted.
            limit_ms: When it is stopped.
        """
        predicted = self.cost_ms * scale
        if self.fraction > 0 and self.elapsed_ms > predicted:
            left_ms = self.elapsed_ms * (1 - self.fraction) / self.fraction
        else:
            left_ms = abs(predicted - self.elapsed_ms)
        return max(LEAST_LEFT_MS, min(left_ms, limit_ms - self.elapsed_ms))


def expected_end(
    job: Job,
    *,
    slots: int,
    at_work: Sequence[AtWork],
    now: datetime,
    due: datetime | None = None,
) -> Job:
    """Give the job with its expected end as a median and a 90 % bound.

    Args:
        job: A job at work.
        slots: Tasks of this job that can be at work at once.
        at_work: Its documents at work.
        now: The time.
        due: When the last document that waits for its time may start.
    """
    left = job.counts.total - job.counts.done
    if not left or job.started_at is None:
        return job
    scale = (
        job.observed_ms / job.observed_cost_ms
        if job.observed_cost_ms and job.observed_ms
        else 1.0
    )
    limit_ms = job.options.document_timeout_s * 1000
    running_ms = [each.left_ms(scale, limit_ms=limit_ms) for each in at_work]
    undone_ms = job.cost_total_ms - job.cost_done_ms
    waiting_ms = undone_ms - sum(d.cost_ms * (1 - d.fraction) for d in at_work)
    width = max(1, min(job.options.max_concurrent, slots, left))
    last_ms = 0.0
    if due is not None and due > now:
        mean_ms = scale * job.cost_total_ms / job.counts.total
        last_ms = (due - now).total_seconds() * 1000 + mean_ms
    median_ms = max(
        (max(0.0, waiting_ms) * scale + sum(running_ms)) / width, *running_ms, last_ms
    )
    spread_ms = Z_90 * _deviation_ms(job) * (math.sqrt(left) / width + 1)
    bound = now + timedelta(milliseconds=median_ms + spread_ms)
    at_half = job.bound_at_half is None and job.progress >= HALF
    return structs.replace(
        job,
        expected_end=now + timedelta(milliseconds=median_ms),
        expected_end_p90=bound,
        bound_at_half=bound if at_half else job.bound_at_half,
    )


def remaining(job: Job, now: datetime) -> Eta | None:
    """Give the time left at `now`, or None while nothing can be said.

    A job that should have ended takes as long again as it is late, as far as is known.
    """
    if job.final:
        return Eta(median_ms=0, p90_ms=0)
    if job.expected_end is None or job.expected_end_p90 is None:
        return None
    left_ms = (job.expected_end - now).total_seconds() * 1000
    median_ms = max(LEAST_LEFT_MS, abs(left_ms))
    bound_ms = (job.expected_end_p90 - now).total_seconds() * 1000
    return Eta(median_ms=round(median_ms), p90_ms=round(max(bound_ms, median_ms)))


def _deviation_ms(job: Job) -> float:
    """Give the standard deviation of one document's duration, in ms."""
    if job.observed_count < MIN_SAMPLES:
        return job.cost_total_ms / max(1, job.counts.total)
    mean = job.observed_ms / job.observed_count
    variance = job.observed_square_ms2 / job.observed_count - mean * mean
    return math.sqrt(max(0.0, variance))
