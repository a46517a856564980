import pytest

from forecasts import Forecaster, SeriesDataModule
from lightning import Trainer


@pytest.fixture
def series():
    return SeriesDataModule(batch_size=5, horizon=8)


def test_learns(series):
    Trainer(max_epochs=1).fit(Forecaster(), series)
