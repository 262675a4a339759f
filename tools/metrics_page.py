"""The page ``docs/metrics.md``, made from the declared metrics."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from service.metrics import Metrics

HEAD = """\
# Metrics

Made by `make docs` from `service/metrics.py`; do not edit.

`GET /metrics` gives them in the Prometheus text format. Times are seconds and sizes
bytes; labels come from closed sets and never hold an id. A histogram has `_bucket`,
`_sum` and `_count` series.

| metric | kind | labels | meaning |
|---|---|---|---|
"""


def metrics_page() -> str:
    """Give the page as Markdown."""
    rows = dict(_rows(Metrics(CollectorRegistry())))
    return HEAD + "".join(rows[name] for name in sorted(rows))


def _rows(metrics: Metrics) -> Iterator[tuple[str, str]]:
    for metric in vars(metrics).values():
        if isinstance(metric, Counter | Gauge | Histogram):
            (family,) = metric.describe()
            # The text format gives a counter's samples this ending, not its family.
            name = family.name + ("_total" if family.type == "counter" else "")
            labels = ", ".join(f"`{label}`" for label in metric._labelnames) or "none"  # noqa: SLF001  # the library offers no other way to read them
            cells = (f"`{name}`", family.type, labels, family.documentation)
            yield name, f"| {' | '.join(cells)} |\n"
