"""Whether the GPU may be used: no device, no probing; what a probe found is kept as long as nothing changed."""

import sys
import time
from pathlib import Path

import msgspec
import pytest

from kiosk.devices import gpu
from kiosk.devices.gpu import ProbeResult, graphics_devices, is_software, probe, why_no_gpu

SIZE = (1920, 1080)
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads Linux's /dev and /sys")


def plug(root: Path, node: str, driver: str | None) -> None:
    """Make a render node with its kernel driver, as /dev and /sys show them."""
    (root / "dev/dri").mkdir(parents=True, exist_ok=True)
    (root / "dev/dri" / node).touch()
    device = root / "sys/class/drm" / node / "device"
    device.mkdir(parents=True)
    if driver is not None:
        (root / "sys/bus/drivers" / driver).mkdir(parents=True, exist_ok=True)
        (device / "driver").symlink_to(root / "sys/bus/drivers" / driver)


@pytest.fixture
def probed(monkeypatch: pytest.MonkeyPatch) -> list[ProbeResult]:
    """Return the results that the next probes find; each probe takes one."""
    results: list[ProbeResult] = []
    monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
    monkeypatch.setattr(gpu, "probe", lambda size, rotate: results.pop(0))
    return results


@pytest.mark.parametrize(
    ("nodes", "found"),
    [
        ({}, ()),
        ({"renderD128": "v3d"}, ("renderD128:v3d",)),
        ({"renderD128": "vgem", "renderD129": "i915"}, ("renderD129:i915",)),
        ({"renderD128": "vgem"}, ()),
        ({"renderD128": None}, ("renderD128:unknown",)),
        ({"card0": "simpledrm"}, ()),
    ],
)
@linux
def test_a_gpu_is_a_render_node_with_a_driver_for_one(
    nodes: dict[str, str | None], found: tuple[str, ...], tmp_path: Path
) -> None:
    for node, driver in nodes.items():
        plug(tmp_path, node, driver)

    assert graphics_devices(tmp_path) == found


@linux
def test_a_gpu_of_nvidia_needs_no_render_node(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/nvidia0").touch()
    (tmp_path / "dev/nvidiactl").touch()

    assert graphics_devices(tmp_path) == ("nvidia0:nvidia",)


@linux
def test_without_a_gpu_device_nothing_is_probed_or_kept(tmp_path: Path, probed: list[ProbeResult]) -> None:
    assert why_no_gpu(tmp_path / "gpu.json", SIZE, 0, root=tmp_path) == "this machine has no GPU device"
    assert probed == []
    assert not (tmp_path / "gpu.json").exists()


def test_the_dummy_driver_is_never_probed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr(gpu, "probe", lambda size, rotate: pytest.fail("probed"))
    plug(tmp_path, "renderD128", "v3d")

    assert "dummy" in why_no_gpu(tmp_path / "gpu.json", SIZE, 0, root=tmp_path)


@linux
def test_a_verdict_is_kept_while_machine_and_drivers_stay_the_same(tmp_path: Path, probed: list[ProbeResult]) -> None:
    plug(tmp_path, "renderD128", "v3d")
    cache = tmp_path / "gpu.json"
    probed += [ProbeResult("", "V3D 4.2", 3.0), ProbeResult("it is slow"), ProbeResult("it draws nothing")]

    assert [why_no_gpu(cache, SIZE, 0, root=tmp_path) for _ in range(3)] == ["", "", ""]
    assert why_no_gpu(cache, (1280, 720), 0, root=tmp_path) == "it is slow"
    library = tmp_path / "usr/lib/aarch64-linux-gnu/libEGL_mesa.so.0"
    library.parent.mkdir(parents=True)
    library.write_text("a new Mesa")
    assert why_no_gpu(cache, (1280, 720), 0, root=tmp_path) == "it draws nothing"
    assert probed == []


@linux
@pytest.mark.parametrize("content", [b"", b"{", b'{"key":1}', b'{"key":"x","at":1,"result":{"refusal":""}}'])
def test_a_kept_verdict_that_is_damaged_or_of_another_machine_is_ignored(
    content: bytes, tmp_path: Path, probed: list[ProbeResult]
) -> None:
    plug(tmp_path, "renderD128", "v3d")
    (tmp_path / "gpu.json").write_bytes(content)
    probed.append(ProbeResult("probed again"))

    assert why_no_gpu(tmp_path / "gpu.json", SIZE, 0, root=tmp_path) == "probed again"


@linux
@pytest.mark.parametrize("days", [2, -2])
def test_a_refusal_is_asked_for_again_after_a_day(
    days: int, tmp_path: Path, probed: list[ProbeResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    plug(tmp_path, "renderD128", "v3d")
    probed += [ProbeResult("it was busy"), ProbeResult("", "V3D 4.2", 3.0)]
    now = time.time()

    assert why_no_gpu(tmp_path / "gpu.json", SIZE, 0, root=tmp_path) == "it was busy"
    monkeypatch.setattr("time.time", lambda: now + days * 86400)
    assert why_no_gpu(tmp_path / "gpu.json", SIZE, 0, root=tmp_path) == ""


@linux
def test_no_display_says_nothing_about_the_gpu(tmp_path: Path, probed: list[ProbeResult]) -> None:
    plug(tmp_path, "renderD128", "v3d")
    probed += [ProbeResult("no display", lasting=False), ProbeResult("", "V3D 4.2", 3.0)]

    assert why_no_gpu(tmp_path / "gpu.json", SIZE, 0, root=tmp_path) == "no display"
    assert why_no_gpu(tmp_path / "gpu.json", SIZE, 0, root=tmp_path) == ""


@linux
def test_a_home_that_cannot_be_written_probes_at_each_start(tmp_path: Path, probed: list[ProbeResult]) -> None:
    plug(tmp_path, "renderD128", "v3d")
    probed += [ProbeResult("", "V3D 4.2", 3.0)] * 2

    assert [why_no_gpu(tmp_path / "missing/gpu.json", SIZE, 0, root=tmp_path) for _ in range(2)] == ["", ""]
    assert probed == []


@pytest.mark.parametrize(
    ("name", "software"),
    [
        ("llvmpipe (LLVM 15.0.6, 256 bits)", True),
        ("softpipe", True),
        ("virgl (LLVMPIPE (LLVM 15.0.6, 256 bits))", True),
        ("Google SwiftShader", True),
        ("V3D 4.2", False),
        ("NVIDIA H100 80GB HBM3/PCIe/SSE2", False),
        ("Mesa Intel(R) UHD Graphics 620 (KBL GT2)", False),
        ("", False),
    ],
)
def test_software_renderers_are_known_by_name(name: str, software: bool) -> None:
    assert is_software(name) is software


@pytest.mark.slow
@pytest.mark.parametrize("driver", ["dummy", "no such driver"])
def test_the_probe_answers_in_a_process_of_its_own(driver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", driver)
    result = probe((800, 480), 0)

    assert result.refusal
    assert result.lasting is (driver == "dummy")


def test_the_probe_loads_no_modules_from_the_directory_it_was_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kiosk").mkdir()
    (tmp_path / "kiosk" / "__init__.py").write_text("open('loaded', 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")

    assert probe((800, 480), 0).refusal
    assert not (tmp_path / "loaded").exists()


def test_a_driver_that_crashes_the_probe_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "crashing_probe.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    assert "ended the probing process" in probe((800, 480), 0, module="crashing_probe").refusal


def test_a_driver_that_hangs_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hanging_probe.py").write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(gpu, "PROBE_TIMEOUT_S", 0.2)

    assert "did not answer" in probe((800, 480), 0, module="hanging_probe").refusal


def test_a_result_survives_the_way_to_the_parent() -> None:
    result = ProbeResult("", "V3D 4.2", 3.25)

    assert msgspec.json.decode(msgspec.json.encode(result), type=ProbeResult) == result
