"""Makes a telemetry.db with the writers of one release of OpenJarvis, unmodified: every kind of
row they can write.

    writers.py DIRECTORY DATABASE      (DIRECTORY: what `pip install --no-deps --target` left)

Beside the database stands DATABASE.json: which ids each step wrote, under the step's name. What is
fake: the clock that the writers read, the servers behind the engines, and the NVIDIA driver, a
counter of WATTS times the clock. So the same bytes of data come out every time, but for the number
of polls, which all read the same. The packages' __init__ files are not run and what is not
installed (httpx, fastapi, pydantic) is stood in for: see `Stub`.
"""

import asyncio
import contextlib
import dataclasses
import json
import os
import pathlib
import sys
import types

from fakes import (
    CLOCK,
    DRIVER,
    START,
    Engine,
    Monitor,
    Peer,
    Second,
    Turning,
    spread,
    usage,
    wait_for_poll,
)


class Writer:
    def __init__(self, peer, path):
        self.peer, self.path, self.steps = peer, path, {}
        self.bus = peer.events.EventBus()
        self.store = peer.store.TelemetryStore(path)
        self.store.subscribe_to_bus(self.bus)
        self.nvidia = peer.energy_nvidia.NvidiaEnergyMonitor(poll_interval_ms=1)

    def engine(self, engine, monitor="nvidia"):
        monitor = self.nvidia if monitor == "nvidia" else monitor
        return self.peer.instrumented_engine.InstrumentedEngine(
            engine, self.bus, energy_monitor=monitor
        )

    @contextlib.contextmanager
    def step(self, name):
        """Sixty quiet seconds on the clock, then what is written inside is the step's."""
        CLOCK.now = START + 60.0 * (1 + len(self.steps))
        DRIVER.polled.clear()
        DRIVER.asked = False
        before = self.last_id()
        yield
        self.steps[name] = list(range(before + 1, self.last_id() + 1))

    def last_id(self):
        if hasattr(self.store, "flush"):
            self.store.flush()
        return self.store._conn.execute("SELECT COALESCE(MAX(id), 0) FROM telemetry").fetchone()[0]

    def plain(self, name, engine, monitor="nvidia", model="local:7b", prompt=()):
        with self.step(name):
            try:
                self.engine(engine, monitor).generate(list(prompt), model=model)
            except RuntimeError:
                pass

    def streamed(
        self, name, engine, monitor="nvidia", model="local:7b", stop_after=None, full=False
    ):
        async def read():
            outer = self.engine(engine, monitor)
            chunks = (outer.stream_full if full else outer.stream)([], model=model)
            got = 0
            async for _ in chunks:
                got += 1
                if got == stop_after:
                    break
            await chunks.aclose()

        with self.step(name):
            try:
                asyncio.run(read())
            except RuntimeError:
                pass

    def overlapping(self, name, plans):
        """Streams of one engine in flight at once, stepped in order of their next chunk."""

        async def read():
            calls = []
            for begin, chunks, end in plans:
                outer = self.engine(Engine("vllm", chunks=chunks, end=end))
                moments = [begin] + [begin + moment for moment in chunks]
                calls.append((moments, outer.stream([], model="local:7b")))
            base = CLOCK.now
            events = sorted(
                (moment, index) for index, (moments, _) in enumerate(calls) for moment in moments
            )
            for moment, index in events:
                CLOCK.now = base + moment
                with contextlib.suppress(StopAsyncIteration):
                    await calls[index][1].__anext__()

        with self.step(name):
            asyncio.run(read())

    def direct(self, name, engine, instrumented=True, model="local:7b"):
        """A call that came in over HTTP, as server/routes.py handles it."""
        with self.step(name):
            outer = self.engine(engine) if instrumented else engine
            request = types.SimpleNamespace(messages=[], tools=None, temperature=0.7, max_tokens=10)
            handle = self.peer.routes._handle_direct
            with contextlib.suppress(
                AttributeError, TypeError
            ):  # making the HTTP answer out of stubs
                handle(outer, model, request, bus=self.bus)

    def research(self, name):
        if self.peer.research_router is None:
            return
        router = self.peer.research_router
        router.DEFAULT_CONFIG_DIR = pathlib.Path(self.path).parent
        with self.step(name):
            begin = CLOCK.now
            CLOCK.now += 30.0
            parameters = router._record_research_telemetry.__code__.co_varnames
            engine = {"engine_key": "vllm"} if "engine_key" in parameters else {}
            router._record_research_telemetry(
                **engine,
                model="local:7b",
                usage=usage(5000, 700),
                latency_seconds=CLOCK.now - begin,
                energy_joules=9000.0,
                mean_power_watts=300.0,
                peak_power_watts=390.0,
                energy_method="hw_counter",
            )

    def own(self, name, **fields):
        """A record of somebody's own writer, through the store."""
        known = {field.name for field in dataclasses.fields(self.peer.types.TelemetryRecord)}
        with self.step(name):
            self.store.record(
                self.peer.types.TelemetryRecord(
                    timestamp=CLOCK.now, **{k: v for k, v in fields.items() if k in known}
                )
            )

    def close(self):
        self.store.close()
        self.nvidia.close()


def cloud_engine(peer, prompt, completion, seconds, openrouter=False):
    def create(**kwargs):
        wait_for_poll()
        CLOCK.now += seconds
        numbers = types.SimpleNamespace(
            prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion
        )
        message = types.SimpleNamespace(content="x", tool_calls=None)
        choice = types.SimpleNamespace(message=message, finish_reason="stop")
        return types.SimpleNamespace(usage=numbers, choices=[choice], model=kwargs["model"])

    engine = object.__new__(peer.cloud.CloudEngine)
    client = types.SimpleNamespace(
        chat=types.SimpleNamespace(completions=types.SimpleNamespace(create=create))
    )
    for name in ("_openai_client", "_openrouter_client"):
        setattr(engine, name, client)
    for name in (
        "_anthropic_client",
        "_google_client",
        "_minimax_client",
        "_codex_client",
        "_deepseek_client",
    ):
        setattr(engine, name, None)
    engine.list_models = lambda: ["gpt-4o-mini"]
    return engine


def ollama_engine(peer, seconds, **answer):
    def post(url, json=None):
        wait_for_poll()
        CLOCK.now += seconds
        return types.SimpleNamespace(
            status_code=200, raise_for_status=lambda: None, json=lambda: answer
        )

    engine = object.__new__(peer.ollama.OllamaEngine)
    engine._host, engine._client = "fake", types.SimpleNamespace(post=post)
    return engine


def write(peer, path):
    writer = Writer(peer, path)
    vllm = lambda **kwargs: Engine("vllm", **kwargs)
    # streams
    writer.streamed("stream", vllm(chunks=spread(0.2, 0.01, 100), end=1.25))
    writer.streamed("stream_two_chunks", vllm(chunks=[0.2, 0.25], end=0.3))
    writer.streamed("stream_one_chunk", vllm(chunks=[0.2], end=0.3))
    writer.streamed("stream_no_chunk", vllm(chunks=[], end=0.3))
    writer.streamed("stream_bursts", vllm(chunks=[0.5, 0.5, 0.5, 0.5, 0.6], end=0.7))
    writer.streamed("stream_buffered", vllm(chunks=spread(2.0, 0.0001, 50), end=2.01))
    writer.streamed("stream_no_monitor", vllm(chunks=spread(0.2, 0.02, 50), end=1.3), monitor=None)
    writer.streamed(
        "stream_cloud", Engine("cloud", chunks=spread(0.4, 0.02, 60), end=1.7), model="gpt-4o-mini"
    )
    writer.streamed("stream_abandoned", vllm(chunks=spread(0.2, 0.01, 100)), stop_after=10)
    writer.streamed("stream_failed", vllm(chunks=spread(0.2, 0.01, 10), fails=True))
    writer.streamed("stream_full", vllm(chunks=spread(0.2, 0.01, 10)), full=True)
    # plain calls
    writer.plain("plain", vllm(seconds=2.0, usage=usage(1000, 100)))
    writer.plain("plain_refusal", vllm(seconds=0.5, usage=usage(1000, 0)))
    writer.plain("plain_no_usage", vllm(seconds=0.5))
    writer.plain("plain_failed", vllm(fails=True))
    writer.plain("plain_no_monitor", vllm(seconds=2.0, usage=usage(1000, 100)), monitor=None)
    writer.plain(
        "ollama",
        ollama_engine(
            peer,
            3.0,
            prompt_eval_count=40,
            prompt_eval_duration=250_000_000,
            load_duration=1_000_000_000,
            eval_count=90,
            message={"content": "x"},
        ),
        prompt=[peer.types.Message(role=peer.types.Role.USER, content="word " * 200)],
    )
    writer.plain("cloud", cloud_engine(peer, 1000, 200, 2.5), model="gpt-4o-mini")
    writer.plain(
        "cloud_openrouter", cloud_engine(peer, 1000, 200, 2.5), model="openrouter/qwen/qwen3-8b"
    )
    writer.plain("cloud_unknown_model", cloud_engine(peer, 1000, 200, 2.5), model="gpt-unheard-of")
    multi = peer.multi.MultiEngine(
        [
            ("ollama", vllm(seconds=1.0, usage=usage(10, 5))),
            ("cloud", cloud_engine(peer, 1000, 200, 2.5)),
        ]
    )
    writer.plain("multi_cloud", multi, model="gpt-4o-mini")
    writer.plain("multi_local", multi, model="local:7b")
    writer.plain(
        "afm", Engine("afm", seconds=1.5, usage=usage(50, 40), more={"ttft": 0.3}), monitor=None
    )
    writer.plain("no_engine_id", Engine(None, seconds=1.0, usage=usage(10, 5)))
    # energy
    writer.overlapping("overlap_identical", [(0.0, spread(0.5, 0.05, 10), 1.0)] * 3)
    writer.overlapping(
        "overlap_staggered", [(0.25 * i, spread(0.5, 0.05, 10), 1.0) for i in range(4)]
    )
    DRIVER.failing = 1
    writer.plain("energy_failed_at_start", Turning(0, seconds=1.0, usage=usage(10, 5)))
    writer.plain("energy_failed_at_end", Turning(1, seconds=1.0, usage=usage(10, 5)))
    writer.plain("energy_failed_both", vllm(seconds=1.0, usage=usage(10, 5)))
    DRIVER.failing = 0
    writer.plain(
        "energy_rapl",
        vllm(seconds=1.0, usage=usage(10, 5)),
        Monitor(peer, "cpu_rapl", "rapl", 60.0),
    )
    writer.plain(
        "energy_modelled",
        vllm(seconds=1.0, usage=usage(10, 5)),
        Monitor(peer, "apple", "cpu_time_estimate", 18.0),
    )
    writer.plain(
        "energy_already_split",
        vllm(seconds=1.0, usage=usage(10, 5)),
        Monitor(peer, "nvidia", "hw_counter", 80.0, power=400.0),
    )
    # clocks
    writer.plain("clock_set_back", vllm(seconds=-5.0, usage=usage(10, 5)), monitor=None)
    writer.streamed(
        "clock_set_back_mid_stream", vllm(chunks=[0.2, 0.3, -3.0, -2.9], end=-2.8), monitor=None
    )
    # the server
    writer.direct("served", vllm(seconds=1.0, usage=usage(100, 50)))
    writer.direct("served_cloud", cloud_engine(peer, 1000, 200, 2.5), model="gpt-4o-mini")
    writer.direct(
        "served_not_instrumented", vllm(seconds=1.0, usage=usage(100, 50)), instrumented=False
    )
    # `jarvis serve` with a cloud key or a second server, 1.0.3 and later: only the first engine is
    # instrumented
    several = peer.multi.MultiEngine(
        [
            ("vllm", writer.engine(vllm(seconds=1.0, usage=usage(100, 50)))),
            ("ollama", Second("ollama", seconds=1.0, usage=usage(100, 50))),
            ("cloud", cloud_engine(peer, 1000, 200, 2.5)),
        ]
    )
    writer.direct("served_multi_first", several, instrumented=False)
    writer.direct("served_multi_second", several, instrumented=False, model="second:7b")
    writer.direct("served_multi_cloud", several, instrumented=False, model="gpt-4o-mini")
    writer.research("research")
    # somebody's own
    writer.own(
        "own_warmup",
        model_id="local:7b",
        engine="vllm",
        prompt_tokens=100,
        completion_tokens=50,
        total_tokens=150,
        latency_seconds=1.0,
        energy_joules=400.0,
        power_watts=400.0,
        energy_method="hw_counter",
        energy_vendor="nvidia",
        is_warmup=True,
        batch_id="own-1",
        token_counting_version=2,
    )
    writer.close()
    return writer.steps


def main():
    directory, path = sys.argv[1:]
    for file in (path, path + "-wal", path + "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.remove(file)
    steps = write(Peer(os.path.abspath(directory)), os.path.abspath(path))
    with open(path + ".json", "w", encoding="utf-8") as file:
        json.dump(steps, file, indent=1)


if __name__ == "__main__":
    main()
