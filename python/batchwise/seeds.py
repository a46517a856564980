"""Random numbers: seeded before the script runs, and shifted where it seeds them itself."""

from __future__ import annotations

import random
from typing import Any, Callable, Dict

from .session import Session


def seed_python(seed: int) -> None:
    random.seed(seed)


def actions(session: Session) -> Dict[str, Callable[[Any], None]]:
    """
    A script's own seed is kept for the first seed of a tune, so that its losses are those of the
    script run alone; for each further seed it is shifted, or all trials would be equal.
    """
    seed = int(session.options["seed"])
    offset = session.seed_offset
    if offset:
        shift(random, "seed", offset)

    def numpy(module: Any) -> None:
        module.random.seed(seed % 2**32)
        if offset:
            shift(module.random, "seed", offset)

    def tensorflow(module: Any) -> None:
        module.random.set_seed(seed)
        if offset:
            shift(module.random, "set_seed", offset)

    return {"numpy": numpy, "tensorflow": tensorflow}


def shift(owner: Any, name: str, offset: int) -> None:
    given = getattr(owner, name)

    def shifted(seed: Any = None, *args: Any, **kwargs: Any) -> Any:
        if isinstance(seed, int):
            seed = (seed + offset) % 2**32
        return given(seed, *args, **kwargs)

    setattr(owner, name, shifted)
