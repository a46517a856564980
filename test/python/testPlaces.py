"""Scripts that are tuned in other places, with a real Ray, a real Slurm and a real sshd."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, Iterator

import pytest
from places import CLI, RayCluster, Slurm, Sshd, Tune, lives, wait_until

pytestmark = pytest.mark.skipif(
    not CLI.exists() or shutil.which("node") is None or not sys.platform.startswith("linux"),
    reason="needs the built command, Node.js and Linux",
)


def ask_for_places() -> None:
    """They take minutes: npm run test:python -- --all."""
    if "BATCHWISE_TEST_PLACES" not in os.environ:
        pytest.skip("real Ray, Slurm and ssh were not asked for")


def has(*programs: str) -> bool:
    return os.geteuid() == 0 and all(shutil.which(each) for each in programs)


def is_tuned(result: Dict[str, Any], host: str = socket.gethostname()) -> None:
    assert result["recommendation"] is not None, result["notes"]
    assert {trial["batchSize"] for trial in result["trials"]} == {8, 32}
    assert {trial["status"] for trial in result["trials"]} == {"ok"}
    assert "(%s)" % host in result["backend"]["device"]


def nothing_lives(tune: Tune) -> None:
    assert tune.pids
    wait_until(lambda: not any(map(lives, tune.pids)))


@pytest.fixture(scope="module")
def ray() -> Iterator[RayCluster]:
    ask_for_places()
    if importlib.util.find_spec("ray") is None:
        pytest.skip("ray is not installed")
    # Sockets below it must have short paths.
    with short_folder() as folder, RayCluster(folder) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def slurm() -> Iterator[Slurm]:
    ask_for_places()
    if not has(*Slurm.programs):
        pytest.skip("Slurm is not installed, or this is not root")
    with short_folder() as folder, Slurm(folder) as place:
        yield place


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    ask_for_places()
    if not has(*Sshd.programs):
        pytest.skip("no OpenSSH server is installed, or this is not root")
    with short_folder() as folder, Sshd(folder) as place:
        yield place


class short_folder:
    def __enter__(self) -> Path:
        import tempfile

        self.path = Path(tempfile.mkdtemp(prefix="bw-", dir="/tmp"))
        return self.path

    def __exit__(self, *_: Any) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


@pytest.mark.xdist_group("ray")
class TestRay:
    def test_ray_is_tuned_in_actors(self, ray: RayCluster, tmp_path: Path) -> None:
        with Tune(tmp_path, {"cluster": {"ray": ray.address}}, ray.credentials) as tune:
            result = tune.result()
        is_tuned(result)
        [note] = [note["values"] for note in result["notes"] if note["id"] == "rayPlace"]
        assert note["address"] == ray.address
        assert note["resources"] == "1 CPU"
        nothing_lives(tune)
        wait_until(lambda: ray.actors() == [])

    def test_ray_cancelling_leaves_no_actor(self, ray: RayCluster, tmp_path: Path) -> None:
        found = {**ray.credentials, "RAY_ADDRESS": ray.address}
        with Tune(tmp_path, {"cluster": {"ray": "auto"}}, found, budget="10 min") as tune:
            # The first run finds out about the script; the next is a trial.
            wait_until(lambda: len(tune.pids) >= 4)
            assert tune.cancel() == 130
        nothing_lives(tune)
        wait_until(lambda: ray.actors() == [])

    def test_ray_the_death_of_the_tune_leaves_no_actor(self, ray: RayCluster, tmp_path: Path) -> None:
        trainer = {"cluster": {"ray": ray.address}}
        with Tune(tmp_path, trainer, ray.credentials, budget="10 min") as tune:
            wait_until(lambda: len(tune.pids) >= 4)
            tune.process.kill()
            tune.process.wait()
        nothing_lives(tune)
        wait_until(lambda: ray.actors() == [])

    def test_ray_waits_for_what_others_hold(self, ray: RayCluster, tmp_path: Path) -> None:
        holder = (
            "import sys, ray\n"
            "ray.init(address=sys.argv[1], log_to_driver=False)\n"
            "@ray.remote(num_cpus=2)\n"
            "class Holder:\n"
            "    def there(self): return True\n"
            "held = Holder.remote()\n"
            "print('held' if ray.get(held.there.remote()) else '', flush=True)\n"
            "sys.stdin.read()\n"
        )
        other = subprocess.Popen(
            [sys.executable, "-c", holder, ray.address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=ray.env,
        )
        try:
            assert other.stdout and b"held" in iter(other.stdout.readline, b"").__next__()
            with Tune(tmp_path, {"cluster": {"ray": ray.address}}, ray.credentials) as tune:
                wait_until(lambda: "Waiting for an actor of the Ray cluster with 1 CPU" in tune.said)
                other.stdin.close()  # type: ignore[union-attr]
                other.wait(60)
                is_tuned(tune.result())
        finally:
            other.kill()
            other.wait()

    def test_ray_resources_that_no_machine_has(self, ray: RayCluster, tmp_path: Path) -> None:
        trainer = {"cluster": {"ray": ray.address, "resources": {"GPU": 1}}}
        with Tune(tmp_path, trainer, ray.credentials) as tune:
            assert tune.process.wait(120) == 2
            assert "No machine of the Ray cluster has 1 GPU. They have: 2 CPU." in tune.said

    def test_ray_an_address_that_does_not_answer(self, ray: RayCluster, tmp_path: Path) -> None:
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            address = "127.0.0.1:%d" % silent.getsockname()[1]
            with Tune(tmp_path, {"cluster": {"ray": address}}) as tune:
                assert tune.process.wait(120) == 1
                assert "The Ray cluster at %s does not answer" % address in tune.said

    def test_ray_another_version_of_ray(self, ray: RayCluster, tmp_path: Path) -> None:
        (tmp_path / "sitecustomize.py").write_text("import ray\nray.__version__ = '2.0.0'\n")
        env = {"PYTHONPATH": str(tmp_path), "PIDS": str(tmp_path / "pids.txt")}
        trainer = {"cluster": {"ray": ray.address}, "env": env}
        with Tune(tmp_path, trainer, ray.credentials) as tune:
            assert tune.process.wait(120) == 1
            assert "Ray could not connect to the cluster at %s: " % ray.address in tune.said
            assert "2.60.0" in tune.said and "2.0.0" in tune.said

    def test_ray_an_interpreter_without_ray(self, ray: RayCluster, tmp_path: Path) -> None:
        trainer = {"cluster": {"ray": ray.address}, "env": {"PYTHONPATH": str(tmp_path)}}
        (tmp_path / "ray.py").write_text("raise ImportError('No module named ray')\n")
        with Tune(tmp_path, trainer) as tune:
            assert tune.process.wait(120) == 2
            assert "has no Ray" in tune.said and "-m pip install ray" in tune.said


@pytest.mark.xdist_group("slurm")
class TestSlurm:
    def test_slurm_is_tuned(self, slurm: Slurm, tmp_path: Path) -> None:
        with Tune(tmp_path, {"launcher": ["srun", "-n1"]}, slurm.env) as tune:
            is_tuned(tune.result(), "node")
        nothing_lives(tune)
        assert slurm.jobs() == []

    def test_slurm_waits_in_the_queue_longer_than_its_budget(self, slurm: Slurm, tmp_path: Path) -> None:
        other = subprocess.Popen(["srun", "-n2", "sleep", "1000"], env=slurm.env)
        try:
            wait_until(lambda: len(slurm.jobs()) == 1)
            began = time.monotonic()
            with Tune(tmp_path, {"launcher": ["srun", "-n1"]}, slurm.env, budget="15 s") as tune:
                wait_until(lambda: "queued and waiting for resources" in tune.said)
                wait_until(lambda: time.monotonic() - began > 20)
                assert tune.process.poll() is None, tune.said
                other.terminate()
                result = tune.result()
            # What the budget is long enough for depends on the machine.
            assert result["trials"][0]["status"] == "ok"
            assert result["cost"]["seconds"] < 30
        finally:
            other.kill()
            other.wait()

    @pytest.mark.parametrize("ends", ["cancelled", "killed"])
    @pytest.mark.parametrize("waits", [False, True], ids=["running", "waiting"])
    def test_slurm_its_end_leaves_no_job(
        self, slurm: Slurm, tmp_path: Path, waits: bool, ends: str
    ) -> None:
        other = subprocess.Popen(["srun", "-n2", "sleep", "1000"], env=slurm.env) if waits else None
        try:
            with Tune(tmp_path, {"launcher": ["srun", "-n1"]}, slurm.env, budget="10 min") as tune:
                if other:
                    wait_until(lambda: "queued and waiting for resources" in tune.said)
                else:
                    wait_until(lambda: len(tune.pids) >= 4)
                if ends == "cancelled":
                    assert tune.cancel() == 130
                else:
                    tune.process.kill()
                    tune.process.wait()
            if not other:
                nothing_lives(tune)
            wait_until(lambda: len(slurm.jobs()) == (1 if other else 0))
        finally:
            if other:
                other.terminate()
                other.wait(60)
                wait_until(lambda: slurm.jobs() == [])


@pytest.mark.xdist_group("ssh")
class TestSsh:
    def test_ssh_is_tuned_past_the_greeting(self, sshd: Sshd, tmp_path: Path) -> None:
        folder = tmp_path / "a folder"
        folder.mkdir()
        trainer = {"launcher": sshd.launcher}
        with Tune(folder, trainer) as tune:
            is_tuned(tune.result())
        nothing_lives(tune)

    def test_ssh_cancelling_ends_what_runs_there(self, sshd: Sshd, tmp_path: Path) -> None:
        with Tune(tmp_path, {"launcher": sshd.launcher}, budget="10 min") as tune:
            wait_until(lambda: len(tune.pids) >= 4)
            assert tune.cancel() == 130
        nothing_lives(tune)

    def test_ssh_a_key_that_it_does_not_know(self, sshd: Sshd, tmp_path: Path) -> None:
        launcher = [*sshd.launcher[:-1], "-o", "IdentitiesOnly=yes", "-i", "/dev/null", "127.0.0.1"]
        launcher[launcher.index(str(sshd.folder / "own"))] = "/dev/null"
        with Tune(tmp_path, {"launcher": launcher}) as tune:
            assert tune.process.wait(120) == 1
            assert "did not start Python" in tune.said and "Permission denied" in tune.said

    def test_ssh_an_address_that_does_not_answer(self, tmp_path: Path) -> None:
        if shutil.which("ssh") is None:
            pytest.skip("ssh is not installed")
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            port = str(silent.getsockname()[1])
            launcher = ["ssh", "-F", "none", "-p", port, "127.0.0.1"]
            with Tune(tmp_path, {"launcher": launcher}, budget="10 min") as tune:
                assert tune.process.wait(120) == 1
                assert "did not start Python" in tune.said and "timed out" in tune.said
