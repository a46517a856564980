"""Runs each trial in an actor of a Ray cluster.

The tuner speaks to it as to a server of forks (server.py): by JSON lines on stdin and stdout, and
through it to the trials. Ray is the interpreter's own.
"""

from __future__ import annotations

import hashlib
import json
import os
import queue
import signal
import socket
import sys
import threading
from typing import Any, Dict, List, Optional, Tuple

from .pipes import exited, line_of, taken_streams, told_by, write_all

#: Seconds in which a cluster must show that it is there, and a healthy one be joined.
_ANSWER_SECONDS = 4
_JOIN_SECONDS = 60
#: An actor that is not there after so many seconds waits for its resources.
_PROMPT_SECONDS = 3
#: What ending may take before it is left to Ray.
_END_SECONDS = 1


class _Fault(Exception):
    """Why there is no cluster to run in."""

    def __init__(self, reason: str, **values: Any) -> None:
        super().__init__(reason)
        self.problem = {"reason": reason, "values": values, "place": None}


class _Trial:
    def __init__(self, name: str, actor: Any) -> None:
        self.name = name
        self.actor = actor
        #: What it is told, in order; None ends its stdin.
        self.told: "queue.Queue[Optional[bytes]]" = queue.Queue()
        self.is_there = False
        self.rest = b""


class _Relay:
    def __init__(self) -> None:
        # What Ray prints goes to the log.
        self._input, self._output = taken_streams()
        self._calls: "queue.Queue[Dict[str, Any]]" = queue.Queue()
        self._trials: Dict[str, _Trial] = {}
        self._lock = threading.Lock()
        self._ray: Any = None
        self._class: Any = None
        self._resources: Dict[str, float] = {}
        self._files: Tuple[Any, str] = (None, "")
        #: Where the first trial ran: step times of different machines cannot be compared.
        self._node: Optional[str] = None

    def run(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            self._answer(self._calls.get())

    def _listen(self) -> None:
        rest = b""
        while True:
            try:
                piece = os.read(self._input, 65536)
            except OSError:
                piece = b""
            if not piece:
                self._leave()
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                try:
                    message = json.loads(line)
                except ValueError:
                    continue
                if message.get("kind") == "pass":
                    trial = self._trials.get(message["to"])
                    if trial is not None:
                        trial.told.put(line_of(message["message"]))
                elif message.get("kind") == "call":
                    self._calls.put(message)

    def _answer(self, message: Dict[str, Any]) -> None:
        name, given = message["name"], message["input"]
        output: Dict[str, Any] = {}
        if name == "connect":
            try:
                output = {"ok": True, "value": self._connect(given["address"], given["resources"])}
            except _Fault as fault:
                output = {"ok": False, "problem": fault.problem}
        elif name == "fork":
            self._start(given["name"])
            output = {"pid": None}
        elif name in ("close", "signal") and given["name"] in self._trials:
            self._end(self._trials[given["name"]], given.get("signal"))
        self._post({"kind": "answer", "id": message["id"], "output": output})

    def _connect(self, address: str, wanted: Dict[str, float]) -> Dict[str, Any]:
        try:
            import ray
        except ImportError as error:
            raise _Fault("rayMissing", path=sys.executable, cause=_sentence(error))
        where = _address(ray, address)
        if where is not None:
            _expect_answer(where)
        shown = where or address
        late = threading.Timer(_JOIN_SECONDS, self._give_up, (shown,))
        late.daemon = True
        late.start()
        try:
            ray.init(address=address, namespace="batchwise", log_to_driver=False)
        except ConnectionError as error:
            reason = "rayNone" if where is None else "rayRefused"
            raise _Fault(reason, address=shown, cause=_sentence(error))
        except Exception as error:
            raise _Fault("rayRefused", address=shown, cause=_sentence(error))
        finally:
            late.cancel()
        # Ray's own handler would leave without ending the actors.
        signal.signal(signal.SIGTERM, lambda *_: self._leave())
        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        self._resources = wanted or _usual(nodes)
        fits = [node for node in nodes if _times(node, self._resources) > 0]
        if not fits:
            raise _Fault(
                "rayResources",
                resources=_listed(self._resources),
                nodes="; ".join(sorted({_listed(node) for node in nodes})),
            )
        self._ray = ray
        self._class = _actor_class(ray)
        files, digest = _runner_files()
        self._files = (ray.put(files), digest)
        return {
            "address": shown,
            "resources": _listed(self._resources),
            "places": max(_times(node, self._resources) for node in fits),
        }

    def _give_up(self, address: str) -> None:
        sys.stderr.write(
            "Error: Ray did not connect to %s within %d s.\n" % (address, _JOIN_SECONDS)
        )
        os._exit(1)

    def _start(self, name: str) -> None:
        others = dict(self._resources)
        options: Dict[str, Any] = {
            "num_cpus": others.pop("CPU", 0),
            "num_gpus": others.pop("GPU", 0),
            "resources": others,
            "max_restarts": 0,
        }
        if self._node is not None:
            from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

            options["scheduling_strategy"] = NodeAffinitySchedulingStrategy(self._node, soft=False)
        trial = _Trial(name, self._class.options(**options).remote(*self._files))
        self._trials[name] = trial
        threading.Thread(target=self._follow, args=(trial,), daemon=True).start()

    def _follow(self, trial: _Trial) -> None:
        ray = self._ray
        status = 1
        try:
            there = trial.actor.whereabouts.remote()
            ready, _ = ray.wait([there], timeout=_PROMPT_SECONDS)
            if not ready:
                self._event("waiting", {"name": trial.name, "what": _listed(self._resources)})
            place = ray.get(there)
            self._node = self._node or place["node"]
            trial.is_there = True
            threading.Thread(target=self._feed, args=(trial,), daemon=True).start()
            ended = None
            while ended is None:
                pieces, ended = ray.get(trial.actor.take.remote())
                self._pass_back(trial, pieces)
            status = ended
        except Exception as error:
            if trial.name in self._trials:
                sys.stderr.write("Error: %s\n" % _sentence(error))
                sys.stderr.flush()
        self._bury(trial, status)

    def _feed(self, trial: _Trial) -> None:
        try:
            while True:
                data = trial.told.get()
                given = trial.actor.end.remote(None) if data is None else trial.actor.give.remote(data)
                self._ray.get(given)
                if data is None:
                    return
        except Exception:
            # It is gone, which _follow tells.
            pass

    def _pass_back(self, trial: _Trial, pieces: List[Tuple[bool, bytes]]) -> None:
        for is_channel, piece in pieces:
            if not is_channel:
                os.write(2, piece)
                continue
            *lines, trial.rest = (trial.rest + piece).split(b"\n")
            for line in lines:
                self._write(told_by(trial.name, line))

    def _end(self, trial: _Trial, signal_name: Optional[str]) -> None:
        if not trial.is_there or signal_name == "SIGKILL":
            if trial.is_there:
                self._ray.wait([trial.actor.end.remote(signal_name)], timeout=_END_SECONDS)
            self._ray.kill(trial.actor)
        elif signal_name is None:
            trial.told.put(None)
        else:
            trial.actor.end.remote(signal_name)

    def _bury(self, trial: _Trial, status: int) -> None:
        self._trials.pop(trial.name, None)
        trial.told.put(None)
        try:
            self._ray.kill(trial.actor)
        except Exception:
            # The connection is gone, and with it the actor.
            pass
        self._post(exited(trial.name, status))

    def _leave(self) -> None:
        """Ends every actor and this process. Ray ends the actors of a process that is gone, too."""
        if self._ray is not None:
            leaving = threading.Thread(target=self._end_all, daemon=True)
            leaving.start()
            leaving.join(_END_SECONDS)
        os._exit(0)

    def _end_all(self) -> None:
        trials = list(self._trials.values())
        self._trials.clear()
        ends = [trial.actor.end.remote("SIGKILL") for trial in trials if trial.is_there]
        if ends:
            self._ray.wait(ends, num_returns=len(ends), timeout=_END_SECONDS / 2)
        for trial in trials:
            self._ray.kill(trial.actor)
        self._ray.shutdown()

    def _event(self, name: str, payload: Dict[str, Any]) -> None:
        self._post({"kind": "event", "name": name, "payload": payload})

    def _post(self, message: Dict[str, Any]) -> None:
        self._write(line_of(message))

    def _write(self, data: bytes) -> None:
        with self._lock:
            try:
                write_all(self._output, data)
            except OSError:
                self._leave()


def relay() -> None:
    _Relay().run()


def _actor_class(ray: Any) -> Any:
    """Sent by value: the cluster has no such module."""
    from . import ray_place

    ray.cloudpickle.register_pickle_by_value(ray_place)

    class TrialPlace(ray_place.Place):
        def whereabouts(self) -> Dict[str, Any]:
            import ray

            return {**super().whereabouts(), "node": ray.get_runtime_context().get_node_id()}

    # One thread for each, so that what is given stays in order while something is waited for.
    groups = {"give": 1, "take": 1, "end": 1}
    for name in groups:
        method = ray.method(concurrency_group=name)
        setattr(TrialPlace, name, method(getattr(ray_place.Place, name)))
    return ray.remote(concurrency_groups=groups)(TrialPlace)


def _runner_files() -> Tuple[Dict[str, bytes], str]:
    """The runner, by relative paths, and what tells its version."""
    package = os.path.dirname(os.path.abspath(__file__))
    names = ["batchwise/" + name for name in sorted(os.listdir(package)) if name.endswith(".py")]
    files: Dict[str, bytes] = {}
    digest = hashlib.sha256()
    for name in ["run.py", *names]:
        with open(os.path.join(os.path.dirname(package), *name.split("/")), "rb") as file:
            files[name] = file.read()
        digest.update(name.encode() + b"\0" + files[name])
    return files, digest.hexdigest()[:16]


def _address(ray: Any, address: str) -> Optional[str]:
    """Host and port that will be asked, where that is known beforehand."""
    if address != "auto":
        return address
    named = os.environ.get("RAY_ADDRESS", "")
    if named:
        return None if named in ("auto", "local") else named
    try:
        from ray._private.utils import read_ray_address

        return str(read_ray_address() or "") or None
    except Exception:
        # Internal to Ray: other versions may have it elsewhere, and find the cluster all the same.
        return None


def _expect_answer(address: str) -> None:
    """
    Speaks as much HTTP/2, over which gRPC goes, as makes a server answer: connecting to an address
    where none is takes Ray minutes.
    """
    host, _, port = address.rpartition("://")[2].rpartition(":")
    host = "127.0.0.1" if host == "localhost" else host.strip("[]")
    try:
        with socket.create_connection((host, int(port)), timeout=_ANSWER_SECONDS) as connection:
            if os.environ.get("RAY_USE_TLS", "0").lower() in ("1", "true"):
                return
            connection.settimeout(_ANSWER_SECONDS)
            connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
            answer = connection.recv(9)
    except socket.timeout:
        raise _Fault("rayUnreachable", address=address, cause="causeNoAnswer", seconds=_ANSWER_SECONDS)
    except (OSError, OverflowError) as error:
        raise _Fault("rayUnreachable", address=address, cause=_sentence(error))
    # A frame of settings comes first.
    if len(answer) < 4 or answer[3] != 4:
        raise _Fault("rayUnreachable", address=address, cause="causeNotRay")


def _usual(nodes: List[Dict[str, float]]) -> Dict[str, float]:
    """A CPU for each trial, and a GPU where the cluster has any."""
    return {"CPU": 1, "GPU": 1} if any(node.get("GPU", 0) >= 1 for node in nodes) else {"CPU": 1}


def _times(node: Dict[str, float], resources: Dict[str, float]) -> int:
    """How many trials a machine holds."""
    return min(int(node.get(name, 0) / amount + 1e-9) for name, amount in resources.items())


def _listed(resources: Dict[str, float]) -> str:
    """Such as "4 CPU, 1 GPU"; without what Ray itself adds to each machine."""
    own = {
        name: amount
        for name, amount in resources.items()
        if not name.startswith("node:") and name not in ("object_store_memory", "memory")
    }
    return ", ".join("%g %s" % (amount, name) for name, amount in sorted(own.items())) or "-"


def _sentence(error: BaseException) -> str:
    """The first paragraph of what an error says."""
    words: List[str] = []
    for line in str(error).strip().splitlines():
        if not line.strip() and words:
            break
        words += line.split()
    text = " ".join(words)[:400].rstrip(".")
    said = text or type(error).__name__
    return "out of memory: " + said if "OutOfMemory" in type(error).__name__ else said
