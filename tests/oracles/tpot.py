"""rule: the tpot of latency_stats is what NVIDIA's AIPerf calls inter-token latency, computed by its
own code for each call, and summed up by numpy as AIPerf does.

Of AIPerf only the file of the metric is loaded: the rest of it wants a web server, and a hundred
packages. What the file imports are stand-ins; the formula is its own.
"""

import importlib.metadata
import importlib.util
import pathlib
import sys
import types
from unittest import mock

import apsw
import numpy

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "truth")]
import lib  # noqa: E402
import tables  # noqa: E402

METRIC = "aiperf/metrics/types/inter_token_latency_metric.py"


class NoMetricValue(Exception):
    pass


class BaseRecordMetric:
    def __class_getitem__(cls, kind):
        return cls


class Record(dict):
    """What AIPerf measured of a request, by the class of the metric."""

    def get_or_raise(self, metric):
        if self[metric] is None:
            raise NoMetricValue
        return self[metric]


def load_metric():
    """AIPerf's class, and the stand-ins for output tokens, latency and TTFT that it reads."""
    names = {
        "aiperf.common.aiperf_logger": {"AIPerfLogger": mock.MagicMock()},
        "aiperf.common.enums": {"MetricFlags": mock.MagicMock(), "MetricTimeUnit": mock.MagicMock()},
        "aiperf.common.exceptions": {"NoMetricValue": NoMetricValue},
        "aiperf.common.models": {"ParsedResponseRecord": object},
        "aiperf.metrics": {"BaseRecordMetric": BaseRecordMetric},
        "aiperf.metrics.metric_dicts": {"MetricRecordDict": Record},
    }
    read = {}
    for module, metric in (
        ("output_sequence_length_metric", "OutputSequenceLengthMetric"),
        ("request_latency_metric", "RequestLatencyMetric"),
        ("ttft_metric", "TTFTMetric"),
    ):
        read[metric] = type(metric, (), {"tag": metric})
        names[f"aiperf.metrics.types.{module}"] = {metric: read[metric]}
    for name, members in names.items():
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name]).update(members)
    file = importlib.metadata.distribution("aiperf").locate_file(METRIC)
    spec = importlib.util.spec_from_file_location("inter_token_latency_metric", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.InterTokenLatencyMetric(), *read.values()


def main():
    metric, tokens, latency, ttft = load_metric()
    call = types.SimpleNamespace(token_counts=None)
    for seed in (5, 6):
        made = tables.make(seed, 14000)
        rows = made.execute(
            "SELECT completion_tokens, latency_seconds, ttft FROM telemetry WHERE model_id = 'a'"
            " AND (is_streaming = 1 OR engine = 'afm') AND is_warmup = 0 AND agent = ''"
            " AND ttft > 0 AND ttft <= latency_seconds"
        ).fetchall()
        values = []
        for n, seconds, first in rows:
            # As AIPerf keeps them: nanoseconds.
            record = Record({tokens: n, latency: seconds * 1e9, ttft: first * 1e9})
            try:
                values.append(metric._parse_record(call, record) / 1e6)
            except NoMetricValue:
                lib.check(n < 2, f"AIPerf measures a call of {n} tokens")
        db = apsw.Connection(":memory:")
        db.enable_load_extension(True)
        db.load_extension(lib.EXTENSION)
        db.execute("".join(line + "\n" for line in made.iterdump()))
        ((measured, *got),) = db.execute(
            "SELECT measured, mean, std, min, p50, p90, p95, p99, max FROM latency_stats()"
            " WHERE key = 'a' AND metric = 'tpot'"
        )
        lib.check(measured == len(values) > 299, f"{measured} calls, AIPerf has {len(values)}")
        expected = [
            numpy.mean(values), numpy.std(values), min(values),
            *numpy.percentile(values, [50, 90, 95, 99]), max(values),
        ]
        for name, a, b in zip("mean std min p50 p90 p95 p99 max".split(), got, expected):
            lib.check(abs(a - b) <= 1e-9 * abs(b), f"seed {seed}: {name} {a}, AIPerf has {b}")
    sys.exit(lib.verdict())


if __name__ == "__main__":
    main()
