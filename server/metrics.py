"""Figures about the running platform, in the Prometheus text format (version 0.0.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the latency histogram, in seconds."""


class Metrics:
    """Counts requests and their latencies, and reads gauges when asked."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._latency: dict[str, list[int]] = {}
        self._seconds: Counter[str] = Counter()
        self._gauges: dict[str, tuple[str, Callable[[], float]]] = {}

    def gauge(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Show the value of `read()` under `name`; `meaning` is one line."""
        self._gauges[name] = (meaning, read)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request; `route` is the template, not the path, so that the series stay few."""
        self._requests[method, route, status] += 1
        buckets = self._latency.setdefault(route, [0] * (len(BUCKETS) + 1))
        buckets[next((index for index, bound in enumerate(BUCKETS) if seconds <= bound), len(BUCKETS))] += 1
        self._seconds[route] += seconds  # type: ignore[assignment]

    def text(self) -> str:
        """Return everything in the exposition format."""
        lines = ["# HELP parlour_requests_total Requests answered.", "# TYPE parlour_requests_total counter"]
        lines += [
            f'parlour_requests_total{{method="{method}",route="{_escaped(route)}",status="{status}"}} {count}'
            for (method, route, status), count in sorted(self._requests.items())
        ]
        lines += [
            "# HELP parlour_request_seconds Time to the end of a reply.",
            "# TYPE parlour_request_seconds histogram",
        ]
        for route, buckets in sorted(self._latency.items()):
            label, total = _escaped(route), 0
            for bound, count in zip((*map(str, BUCKETS), "+Inf"), buckets, strict=True):
                total += count
                lines.append(f'parlour_request_seconds_bucket{{route="{label}",le="{bound}"}} {total}')
            lines.append(f'parlour_request_seconds_sum{{route="{label}"}} {self._seconds[route]:.6f}')
            lines.append(f'parlour_request_seconds_count{{route="{label}"}} {total}')
        for name, (meaning, read) in sorted(self._gauges.items()):
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} gauge", f"{name} {read():g}"]
        return "\n".join(lines) + "\n"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
