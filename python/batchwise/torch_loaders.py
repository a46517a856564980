"""The data loaders of a PyTorch script: where they are made, how large their batches are."""

from __future__ import annotations

import os
import sys
import weakref
from collections import deque
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import faults
from .session import Session


class Loader:
    """A data loader that the script made, and the batches it gave out."""

    def __init__(self, key: Dict[str, Any], batch_size: Optional[int]) -> None:
        self.key = key
        #: As the script has it.
        self.batch_size = batch_size
        self.updates = 0
        self.fetched = 0
        self.samples: Optional[int] = None
        self.features: List[int] = []
        self.drop_last = False
        self.workers = 0
        self.kind = "loader"
        self.own: Callable[[], Any] = lambda: None


class LoaderHooks:
    """What follows the batches that loaders give out."""

    def epoch_begins(self, loader: Loader, own: Any) -> None:
        """A pass over the loader, which is `own`, begins."""

    def batch_fetched(self, loader: Loader, batch: Any, samples: Optional[int]) -> None:
        """It gave out a batch of so many samples; None where only the batch itself tells."""

    def epoch_ended(self, loader: Loader) -> None:
        """It has no more."""


class Loaders:
    """All loaders of the script. The one that a trial is about is made with the trial's size."""

    def __init__(self, session: Session, hooks: LoaderHooks, per_update: int) -> None:
        self.session = session
        self.hooks = hooks
        #: Batches of an update.
        self.per_update = per_update
        self.all: List[Loader] = []
        self.places: Dict[str, int] = {}
        #: With the sampler itself, whose id another could take once it is gone.
        self.by_sampler: Dict[int, Tuple[Any, Loader]] = {}

    def install(self, data_module: Any) -> None:
        loaders = self
        hooks = self.hooks
        kind = data_module.DataLoader
        initialize = kind.__init__
        begin = kind.__iter__
        base = data_module.dataloader._BaseDataLoaderIter
        advance = base.__next__

        def __init__(self: Any, dataset: Any, *args: Any, **kwargs: Any) -> None:
            names = ("batch_size", "shuffle", "sampler", "batch_sampler", "num_workers")
            given = dict(zip(names, args))
            given.update(kwargs)
            batch_sampler = given.get("batch_sampler")
            known = loaders._known(batch_sampler)
            if known is not None:
                # A framework wraps the script's loader: its batches are the script's.
                initialize(self, dataset, *args, **kwargs)
                object.__setattr__(self, "_batchwise", known)
                return
            loader = loaders._made(given)
            size = loaders._size_for(loader)
            if size is not None:
                if batch_sampler is not None:
                    loaders._set_sampler_size(batch_sampler, size)
                elif loader.batch_size is None:
                    loaders.session.fault("pythonOwnBatches", {})
                elif args:
                    args = (size, *args[1:])
                else:
                    kwargs["batch_size"] = size
            initialize(self, dataset, *args, **kwargs)
            object.__setattr__(self, "_batchwise", loader)
            loader.own = weakref.ref(self)
            loader.workers = self.num_workers
            loader.drop_last = bool(getattr(self, "drop_last", False))
            sampler = getattr(self, "batch_sampler", None)
            if sampler is not None:
                loaders.by_sampler[id(sampler)] = (sampler, loader)
                loader.drop_last = bool(getattr(sampler, "drop_last", loader.drop_last))

        def __iter__(self: Any) -> Any:
            loader = getattr(self, "_batchwise", None)
            if loader is not None:
                hooks.epoch_begins(loader, self)
            return begin(self)

        def __next__(self: Any) -> Any:
            loader = getattr(self, "_batchwise_loader", None)
            if loader is None:
                return advance(self)
            try:
                batch = advance(self)
            except StopIteration:
                hooks.epoch_ended(loader)
                raise
            counts = self._batchwise_counts
            hooks.batch_fetched(loader, batch, counts.popleft() if counts else None)
            return batch

        made = base.__init__
        choose = base._next_index
        reset = base._reset

        def iterator_made(self: Any, loader: Any) -> None:
            self._batchwise_counts = deque()
            made(self, loader)
            self._batchwise_loader = getattr(loader, "_batchwise", None)

        def _next_index(self: Any) -> Any:
            # A collator may make one long row of all samples, or put the time before them.
            index = choose(self)
            if isinstance(index, list) and index and index[0] is not None:
                self._batchwise_counts.append(len(index))
            return index

        def _reset(self: Any, *args: Any, **kwargs: Any) -> Any:
            self._batchwise_counts.clear()
            return reset(self, *args, **kwargs)

        kind.__init__ = __init__
        kind.__iter__ = __iter__
        base.__init__ = iterator_made
        base.__next__ = __next__
        base._next_index = _next_index
        base._reset = _reset
        # Both kinds of iterator inherit it, and only name it anew where they must.
        for name in ("_SingleProcessDataLoaderIter", "_MultiProcessingDataLoaderIter"):
            iterator = getattr(data_module.dataloader, name)
            if "__next__" in vars(iterator):
                iterator.__next__ = __next__

    def _known(self, batch_sampler: Any) -> Optional[Loader]:
        """The loader whose batch sampler this is, or is wrapped around."""
        for _ in range(5):
            if batch_sampler is None:
                return None
            known = self.by_sampler.get(id(batch_sampler))
            if known is not None:
                return known[1]
            batch_sampler = getattr(batch_sampler, "batch_sampler", None)
        return None

    def _made(self, given: Dict[str, Any]) -> Loader:
        batch_sampler = given.get("batch_sampler")
        size = given.get("batch_size", 1) if batch_sampler is None else None
        if batch_sampler is not None:
            size = getattr(batch_sampler, "batch_size", None)
        place = self._place()
        name = "%s:%s" % (place.get("file"), place.get("line"))
        ordinal = self.places.get(name, 0)
        self.places[name] = ordinal + 1
        loader = Loader({**place, "ordinal": ordinal}, size)
        if batch_sampler is not None:
            loader.kind = "batchSampler"
        self.all.append(loader)
        return loader

    def _place(self) -> Dict[str, Any]:
        """Where in the person's own code this call comes from."""
        root = os.path.realpath(self.session.options["root"])
        frame = sys._getframe(2)
        while frame is not None:
            file = os.path.abspath(frame.f_code.co_filename)
            if faults.is_own_file(file, root) and "batchwise" + os.sep not in file:
                return {"file": file, "line": frame.f_lineno}
            frame = frame.f_back  # type: ignore[assignment]
        return {"file": None, "line": None}

    def _size_for(self, loader: Loader) -> Optional[int]:
        wanted = self.session.options.get("loader")
        size = self.session.batch_size
        if wanted is None or size is None or wanted != loader.key:
            return None
        parts = self.per_update
        if size % parts:
            self.session.fault("pythonNotDivisible", {"batchSize": size, "parts": parts})
        return size // parts

    def _set_sampler_size(self, batch_sampler: Any, size: int) -> None:
        if not isinstance(getattr(batch_sampler, "batch_size", None), int):
            self.session.fault("pythonFixedSampler", {"name": type(batch_sampler).__name__})
        batch_sampler.batch_size = size
