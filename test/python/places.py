"""Other places that scripts are tuned in, for real and on loopback, each ended by its process id."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

CLI = Path(__file__).resolve().parents[2] / "dist" / "cli.js"

#: A linear fit by hand, so that nothing but Python is needed.
SCRIPT = """
import os, random, subprocess, sys
import batchwise

open(os.environ["PIDS"], "a").write("%d\\n" % os.getpid())
# As a loader's worker, which lives on for as long as nobody ends it.
worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
open(os.environ["PIDS"], "a").write("%d\\n" % worker.pid)
print("the script says hello")
size = batchwise.batch_size(16)
rate = batchwise.learning_rate(0.02)
random.seed(1)
data = [(x, 3 * x + random.gauss(0, 0.1)) for x in (random.uniform(-1, 1) for _ in range(512))]
batchwise.dataset_size(len(data))
weight = 0.0
for epoch in range(400):
    random.shuffle(data)
    for start in range(0, len(data), size):
        batch = data[start : start + size]
        errors = [weight * x - y for x, y in batch]
        loss = sum(e * e for e in errors) / len(batch)
        weight -= rate * sum(2 * e * x for e, (x, _) in zip(errors, batch)) / len(batch)
        batchwise.report(loss=loss, samples=len(batch))
"""


def wait_until(holds: Callable[[], Any], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lives(pid: int) -> bool:
    """Whether a process lives on; one that only waits to be buried does not."""
    try:
        return Path("/proc/%d/stat" % pid).read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Tune:
    """`batchwise tune` of a small script, in a folder of its own."""

    def __init__(
        self,
        folder: Path,
        trainer: Dict[str, Any],
        env: Optional[Dict[str, str]] = None,
        budget: str = "2 min",
    ) -> None:
        self.folder = folder
        self._pids = folder / "pids.txt"
        (folder / "train.py").write_text(SCRIPT)
        config = {
            "trainer": {
                "python": "train.py",
                "interpreter": sys.executable,
                "env": {"PIDS": str(self._pids)},
                **trainer,
            },
            "tuning": {"batchSizes": [8, 32], "budget": budget},
        }
        (folder / "batchwise.json").write_text(json.dumps(config))
        # Sweeps elsewhere on this machine are no business of this test.
        own = {**os.environ, "TMPDIR": str(folder), **(env or {})}
        self._output = open(folder / "output.txt", "w")
        self.process = subprocess.Popen(
            ["node", str(CLI), "tune", "batchwise.json", "--no-cache"],
            cwd=folder,
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> "Tune":
        return self

    def __exit__(self, *_: Any) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._output.close()

    @property
    def said(self) -> str:
        return (self.folder / "output.txt").read_text()

    @property
    def pids(self) -> List[int]:
        """Of all runs of the script, and of what they started."""
        return [int(line) for line in self._pids.read_text().split()] if self._pids.exists() else []

    def cancel(self) -> int:
        """As Ctrl+C does."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def result(self) -> Dict[str, Any]:
        code = self.process.wait(240)
        assert code == 0, self.said
        [latest] = self.folder.glob(".batchwise/**/latest.json")
        return dict(json.loads(latest.read_text()))

    def log(self) -> str:
        return "".join(file.read_text() for file in self.folder.glob(".batchwise/**/*.log"))


class Daemons:
    """Processes of a place, each ended by its id."""

    def __init__(self, folder: Path, env: Optional[Dict[str, str]] = None) -> None:
        self.folder = folder
        self.env = {**os.environ, **(env or {})}
        self._started: List["subprocess.Popen[bytes]"] = []

    def start(self, name: str, *command: str) -> "subprocess.Popen[bytes]":
        with open(self.folder / (name + ".out"), "wb") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=self.env
            )
        self._started.append(process)
        return process

    def ask(self, *command: str) -> str:
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=60)
        return done.stdout if done.returncode == 0 else ""

    def said(self, name: str) -> str:
        return (self.folder / (name + ".out")).read_text(errors="replace")

    def __enter__(self) -> Any:
        try:
            self.begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def begin(self) -> None:
        raise NotImplementedError

    def __exit__(self, *_: Any) -> None:
        for process in reversed(self._started):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class RayCluster(Daemons):
    """A head of Ray with two CPUs. Its servers listen everywhere, so that a token guards them."""

    def __init__(self, folder: Path) -> None:
        self.session = folder / "r"
        super().__init__(
            folder,
            {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32), "TMPDIR": str(folder)},
        )

    def begin(self) -> None:
        # 127.0.0.1 itself is replaced by an address that other machines reach.
        self.start(
            "ray",
            *(str(Path(sys.executable).parent / "ray"), "start", "--head", "--block"),
            *("--node-ip-address=127.0.0.2", "--port=0", "--include-dashboard=false"),
            *("--num-cpus=2", "--object-store-memory=80000000", "--disable-usage-stats"),
            "--temp-dir=%s" % self.session,
        )
        wait_until(lambda: "Ray runtime started" in self.said("ray"))
        self.address = (self.session / "ray_current_cluster").read_text().strip()

    @property
    def credentials(self) -> Dict[str, str]:
        return {name: self.env[name] for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN")}

    def actors(self) -> List[str]:
        """The classes of actors that are not dead, as the cluster itself says."""
        program = (
            "import json, sys, ray\n"
            "ray.init(address=sys.argv[1], log_to_driver=False, logging_level='ERROR')\n"
            "from ray._private.state import actors\n"
            "print(json.dumps([each['ActorClassName'] for each in actors().values()"
            " if each['State'] != 'DEAD']))\n"
        )
        return list(json.loads(self.ask(sys.executable, "-c", program, self.address) or "[null]"))


class Slurm(Daemons):
    """A controller and a node with two CPUs."""

    programs = ("munged", "slurmctld", "slurmd", "srun", "squeue")

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, {"SLURM_CONF": str(folder / "slurm.conf")})

    def begin(self) -> None:
        folder = self.folder
        munge = folder / "munge"
        munge.mkdir(mode=0o711)
        key = munge / "key"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o400)
        settings = {
            "ClusterName": "batchwise",
            "SlurmctldHost": "%s(127.0.0.1)" % socket.gethostname(),
            "SlurmUser": "root",
            "AuthType": "auth/munge",
            "AuthInfo": "socket=%s" % (munge / "socket"),
            "SlurmctldPort": free_port(),
            "SlurmdPort": free_port(),
            "StateSaveLocation": folder / "state",
            "SlurmdSpoolDir": folder / "spool",
            "SlurmctldPidFile": folder / "slurmctld.pid",
            "SlurmdPidFile": folder / "slurmd.pid",
            "ProctrackType": "proctrack/pgid",
            "TaskPlugin": "task/none",
            "SelectType": "select/cons_tres",
            "SelectTypeParameters": "CR_CPU",
            "MpiDefault": "none",
            "ReturnToService": 2,
        }
        lines = ["%s=%s" % setting for setting in settings.items()]
        lines += ["NodeName=node NodeAddr=127.0.0.1 CPUs=2", "PartitionName=all Nodes=node Default=YES"]
        (folder / "slurm.conf").write_text("\n".join(lines) + "\n")
        for name in ("state", "spool"):
            (folder / name).mkdir()
        of_munge = {"key-file": key, "socket": munge / "socket", "pid-file": munge / "pid"}
        of_munge.update({"log-file": munge / "log", "seed-file": munge / "seed"})
        self.start(
            *("munged", "munged", "--foreground", "--force"),
            *("--%s=%s" % option for option in of_munge.items()),
        )
        wait_until(lambda: (munge / "socket").exists())
        self.start("slurmctld", "slurmctld", "-D")
        self.start("slurmd", "slurmd", "-D", "-N", "node")
        wait_until(lambda: "idle" in self.ask("sinfo", "--noheader", "--format=%T"))

    def __exit__(self, *_: Any) -> None:
        # A job that a failed test has left would outlive the node's daemon.
        self.ask("scancel", "--user=root")
        super().__exit__()

    def jobs(self) -> List[str]:
        return self.ask("squeue", "--noheader", "--format=%i").split()


class Sshd(Daemons):
    """A server that lets in who has its key, and greets in the shell's start file."""

    programs = ("sshd", "ssh", "ssh-keygen")

    def begin(self) -> None:
        folder = self.folder
        folder.chmod(0o700)
        for name in ("host", "own"):
            self.ask("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name))
        shutil.copy(folder / "own.pub", folder / "authorized")
        self.port = free_port()
        settings = {
            "ListenAddress": "127.0.0.1:%d" % self.port,
            "HostKey": folder / "host",
            "AuthorizedKeysFile": folder / "authorized",
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PasswordAuthentication": "no",
            # What a person's start file prints comes before the command's own output.
            "ForceCommand": 'echo "Welcome to this machine"; eval "$SSH_ORIGINAL_COMMAND"',
        }
        config = folder / "sshd_config"
        config.write_text("".join("%s %s\n" % setting for setting in settings.items()))
        # Debian's makes it at boot.
        Path("/run/sshd").mkdir(exist_ok=True)
        self.start("sshd", str(shutil.which("sshd")), "-D", "-e", "-f", str(config))
        wait_until(lambda: "listening" in self.said("sshd"))

    @property
    def launcher(self) -> List[str]:
        return [
            *("ssh", "-F", "none", "-i", str(self.folder / "own"), "-p", str(self.port)),
            *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
            *("-o", "LogLevel=ERROR", "127.0.0.1"),
        ]
