from typing import Any, Callable, Dict

from .session import Session


def actions(session: Session) -> Dict[str, Callable[[Any], None]]:
    return {}
