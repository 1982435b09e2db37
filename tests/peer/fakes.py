"""What stands under the real writers: packages, a clock, a GPU driver, servers."""

import contextlib
import importlib
import importlib.machinery
import os
import sys
import threading
import types

START = 1790000000.0
WATTS = 400.0
STUBS = (
    "httpx",
    "fastapi",
    "pydantic",
    "openjarvis.agents",
    "openjarvis.connectors",
    "openjarvis.core.config",
    "openjarvis.core.paths",
    "openjarvis.server.models",
    "openjarvis.server.model_capabilities",
    "openjarvis.engine._discovery",
    "openjarvis.engine._http_async",
)
PACKAGES = (
    "openjarvis",
    "openjarvis.telemetry",
    "openjarvis.security",
    "openjarvis.core",
    "openjarvis.engine",
    "openjarvis.server",
)


class Stub:
    """Whatever is asked of it: a base class, a decorator, a call, an attribute."""

    def __init__(self, *args, **kwargs):
        self.__dict__.update(kwargs)

    def __call__(self, *args, **kwargs):
        return Stub()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Stub()


class StubModule(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        bases = (Exception,) if name.endswith(("Error", "Exception", "Timeout")) else (Stub,)
        setattr(self, name, type(name, bases, {}))
        return self.__dict__[name]


class StubFinder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if any(name == stub or name.startswith(stub + ".") for stub in STUBS):
            return importlib.machinery.ModuleSpec(name, StubFinder)

    @staticmethod
    def create_module(spec):
        return StubModule(spec.name)

    @staticmethod
    def exec_module(module):
        pass


class Clock:
    now = START

    def time(self):
        return self.now

    def monotonic(self):  # the cloud engine's own clock starts late and stops early
        self.now += 1e-6
        return self.now


CLOCK = Clock()


class Driver(types.ModuleType):
    """pynvml: one GPU whose counter is WATTS times the clock; `failing` makes reads fail."""

    NVML_TEMPERATURE_GPU = 0
    failing = 0
    polled = threading.Event()
    asked = False  # since the step began

    def nvmlInit(self):
        pass

    def nvmlDeviceGetCount(self):
        return 1

    def nvmlDeviceGetHandleByIndex(self, index):
        return index

    def nvmlDeviceGetName(self, handle):
        return "Fake GPU"

    def nvmlDeviceGetUtilizationRates(self, handle):
        return types.SimpleNamespace(gpu=75)

    def nvmlDeviceGetMemoryInfo(self, handle):
        return types.SimpleNamespace(used=20 * 1024**3)

    def nvmlDeviceGetTemperature(self, handle, sensor):
        self.polled.set()
        return 60

    def nvmlDeviceGetPowerUsage(self, handle):
        return WATTS * 1000

    def nvmlDeviceGetTotalEnergyConsumption(self, handle):
        self.asked = True
        if self.failing:
            raise OSError("NVML_ERROR_GPU_IS_LOST")
        return (CLOCK.now - START + 1e7) * WATTS * 1000


DRIVER = Driver("pynvml")


def wait_for_poll():
    """The monitor's thread reads power at least once in a call, as it does in any call of 50 ms."""
    if DRIVER.asked:
        DRIVER.polled.wait(2)


class Peer:
    def __init__(self, directory):
        sys.meta_path.insert(0, StubFinder)
        sys.modules["pynvml"] = DRIVER
        for package in PACKAGES:
            module = types.ModuleType(package)
            module.__path__ = [os.path.join(directory, *package.split("."))]
            sys.modules[package] = module
        names = (
            "telemetry.instrumented_engine",
            "telemetry.wrapper",
            "telemetry.store",
            "telemetry.energy_monitor",
            "telemetry.energy_nvidia",
            "telemetry.gpu_monitor",
            "core.types",
            "core.events",
            "engine.cloud",
            "engine.ollama",
            "engine.multi",
            "engine._stubs",
            "server.routes",
        )
        for name in names:
            setattr(self, name.split(".")[1], importlib.import_module(f"openjarvis.{name}"))
        self.clocked = [self.instrumented_engine, self.wrapper, self.cloud]
        research = os.path.join(directory, "openjarvis", "server", "research_router.py")
        self.research_router = None
        if os.path.exists(research):
            self.research_router = importlib.import_module("openjarvis.server.research_router")
            self.clocked.append(self.research_router)
        for module in self.clocked:
            module.time = CLOCK


class Engine:
    """An engine that answers in `seconds`, or yields chunks at the given moments of the call."""

    def __init__(
        self, engine_id, seconds=1.0, chunks=(), end=0.0, usage=None, more=None, fails=False
    ):
        if engine_id is not None:
            self.engine_id = engine_id
        self.seconds, self.chunks, self.end = seconds, chunks, end
        self.usage, self.more, self.fails = usage, more or {}, fails

    def generate(self, messages, **kwargs):
        wait_for_poll()
        CLOCK.now += self.seconds
        if self.fails:
            raise RuntimeError("the server is gone")
        result = {"content": "x", **self.more}
        if self.usage is not None:
            result["usage"] = self.usage
        return result

    async def stream(self, messages, **kwargs):
        start = CLOCK.now
        wait_for_poll()
        for moment in self.chunks:
            CLOCK.now = start + moment
            yield "x"
        if self.fails:
            raise RuntimeError("the server is gone")
        CLOCK.now = start + max(self.end, max(self.chunks, default=0))

    async def stream_full(self, messages, **kwargs):
        async for token in self.stream(messages):
            yield token

    def list_models(self):
        return ["local:7b"]


class Turning(Engine):
    """The driver fails, or recovers, while it answers."""

    def __init__(self, failing, **kwargs):
        super().__init__("vllm", **kwargs)
        self.failing = failing

    def generate(self, messages, **kwargs):
        DRIVER.failing = self.failing
        return super().generate(messages, **kwargs)


class Second(Engine):
    def list_models(self):
        return ["second:7b"]


class Monitor:
    """A monitor of another vendor: `watts` times the clock, and nothing of a GPU."""

    def __init__(self, peer, vendor, method, watts, power=None):
        self.peer, self.vendor_, self.method = peer, vendor, method
        self.watts, self.power = watts, watts if power is None else power

    @contextlib.contextmanager
    def sample(self):
        sample = self.peer.energy_monitor.EnergySample(
            vendor=self.vendor_, energy_method=self.method
        )
        start = CLOCK.now
        yield sample
        sample.energy_joules = sample.cpu_energy_joules = self.watts * (CLOCK.now - start)
        sample.mean_power_watts = self.power


def usage(prompt, completion, **more):
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        **more,
    }


def spread(first, gap, n):
    return [first + gap * i for i in range(n)]
