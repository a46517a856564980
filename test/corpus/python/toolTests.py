import pytest

from tool.settings import merged


@pytest.fixture
def base():
    return {"learning_rate": 0.1, "micro_batch_size": 2, "num_epochs": 1}


def test_overrides(base):
    assert merged(base, {"micro_batch_size": 4})["micro_batch_size"] == 4
