"""All metrics of the service, declared in one place.

Base units, prefix ``docmill_``, labels from closed sets, never ids. The page
``docs/metrics.md`` is generated from here.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

PREFIX = "docmill"

PROCESSING_BUCKETS_S = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0),
)
"""From an empty document to the longest a scan usually takes."""
WAITING_BUCKETS_S = (0.001, 0.01, 0.1, 1.0, 10.0, 60.0, 300.0, 1_800.0, 7_200.0)
"""From an idle service to a large job behind others."""
FOLD_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
"""Around one commit to disk; above 0.1 s streams become slow."""
FOLD_BATCH_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
"""Events of one commit: 1 when idle, 200 is one full group."""
HTTP_BUCKETS_S = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0)
"""Answers come in milliseconds, large uploads in seconds."""

MODEL_BUCKETS_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)
"""From an embedding to a long answer of a local model."""


class Metrics:
    """The metrics of one process, in the registry it is given.

    The aggregator keeps what follows from job state; it alone knows which events were
    accepted. Gateway and workers keep what only they see. Safe on any thread.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._declare_documents()
        self._declare_queues()
        self._declare_aggregator()
        self._declare_gateway()
        self._declare_transport()
        self._declare_models()

    def _declare_documents(self) -> None:
        self.documents = self._counter(
            "documents_total",
            "Documents that ended, as completed, failed, timeout or cancelled.",
            ("job_type", "outcome"),
        )
        self.failures = self._counter(
            "failures_total",
            "Documents that ended without a result, by the code of the reason.",
            ("code",),
        )
        self.retries = self._counter(
            "retries_total",
            "Attempts that failed and are tried again, by the code of the reason.",
            ("code",),
        )
        self.jobs = self._counter(
            "jobs_total",
            "Jobs that ended, as succeeded, partial, failed, timeout or cancelled.",
            ("outcome",),
        )
        self.predictions = self._counter(
            "predictions_total",
            "Completed jobs by whether they ended inside the 90 % bound predicted at "
            "half time.",
            ("held",),
        )
        self.processing = self._histogram(
            "document_processing_seconds",
            "Time a worker spent on one attempt at a document.",
            ("job_type",),
            buckets=PROCESSING_BUCKETS_S,
        )
        self.time_in_queue = self._histogram(
            "document_queue_seconds",
            "Time from a document's release to its start at a worker.",
            ("job_type",),
            buckets=WAITING_BUCKETS_S,
        )

    def _declare_queues(self) -> None:
        self.tasks = self._gauge(
            "tasks",
            "Tasks that are not final: waiting to be released, or out.",
            ("status",),
        )
        self.backlog = self._gauge(
            "backlog_documents", "Documents accepted and not final: what is to be done."
        )
        self.backlog_oldest = self._gauge(
            "backlog_oldest_seconds",
            "Age of the oldest job of which a document waits to be released.",
        )
        self.in_flight_limit = self._gauge(
            "in_flight_limit", "Most tasks that may be out at once.", ("queue",)
        )
        self.in_flight = self._gauge(
            "in_flight", "Tasks released and not final.", ("queue",)
        )
        self.live_slots = self._gauge(
            "live_slots", "Tasks that the live workers can run at once.", ("queue",)
        )

    def _declare_aggregator(self) -> None:
        self.books_violations = self._counter(
            "books_violations_total",
            "Recounts that found a job's counts wrong. Anything but 0 is a bug.",
        )
        self.fold_batch_size = self._histogram(
            "fold_batch_events",
            "Events folded into one commit.",
            buckets=FOLD_BATCH_BUCKETS,
        )
        self.fold_duration = self._histogram(
            "fold_seconds",
            "Time from reading a group of events to its commit.",
            buckets=FOLD_BUCKETS_S,
        )
        self.ignored_events = self._counter(
            "ignored_events_total",
            "Events that changed nothing, by why: duplicate, late or unknown.",
            ("reason",),
        )
        self.mailbox_lag = self._gauge(
            "mailbox_lag_seconds", "Age of the oldest event of the last group read."
        )
        self.leader = self._gauge(
            "leader", "1 while this process's aggregator leads, else 0."
        )

    def _declare_gateway(self) -> None:
        self.open_streams = self._gauge("open_streams", "Event streams open now.")
        self.uploaded_bytes = self._counter(
            "uploaded_bytes_total", "Content of the files that were stored."
        )
        self.http_requests = self._counter(
            "http_requests_total",
            "Answered requests, by route template and status.",
            ("method", "route", "status"),
        )
        self.http_duration = self._histogram(
            "http_request_seconds",
            "Time from a request to the end of its answer, event streams excepted.",
            ("method", "route"),
            buckets=HTTP_BUCKETS_S,
        )

    def _declare_transport(self) -> None:
        self.transport_incidents = self._counter(
            "transport_incidents_total",
            "Messages to or from the broker that went wrong, by how: undecodable, "
            "unroutable, refused or given_up.",
            ("kind",),
        )

    def _declare_models(self) -> None:
        self.model_calls = self._counter(
            "model_calls_total",
            "Requests to a language model, by how they ended: ok, stopped or a "
            "trouble.",
            ("model", "outcome"),
        )
        self.model_duration = self._histogram(
            "model_call_seconds",
            "Time from a request to a language model to the end of its answer.",
            ("model",),
            buckets=MODEL_BUCKETS_S,
        )
        self.model_tokens = self._counter(
            "model_tokens_total",
            "Tokens that a language model read (prompt) and wrote (completion).",
            ("model", "kind"),
        )
        self.model_breaker = self._gauge(
            "model_breaker",
            "1 for the state of a language model's circuit breaker in this process "
            "(closed, open or half_open), else 0.",
            ("model", "status"),
        )

    def count_incident(self, kind: str) -> None:
        """Count an incident of the transport."""
        self.transport_incidents.labels(kind=kind).inc()

    def _counter(
        self, name: str, meaning: str, labels: tuple[str, ...] = ()
    ) -> Counter:
        return Counter(name, meaning, labels, namespace=PREFIX, registry=self.registry)

    def _gauge(self, name: str, meaning: str, labels: tuple[str, ...] = ()) -> Gauge:
        return Gauge(name, meaning, labels, namespace=PREFIX, registry=self.registry)

    def _histogram(
        self,
        name: str,
        meaning: str,
        labels: tuple[str, ...] = (),
        *,
        buckets: tuple[float, ...],
    ) -> Histogram:
        return Histogram(
            name,
            meaning,
            labels,
            namespace=PREFIX,
            registry=self.registry,
            buckets=buckets,
        )
