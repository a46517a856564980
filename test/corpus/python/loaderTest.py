import pytest
import torch

from forecasts import Forecaster, SeriesDataModule


@pytest.fixture
def series():
    return SeriesDataModule(batch_size=5, horizon=8)


@pytest.fixture
def forecaster():
    return Forecaster(optimizer_params={"lr": 0.002})


def test_shapes(forecaster, series):
    series.setup(stage="fit")
    batch = next(iter(series.train_dataloader()))
    with torch.no_grad():
        assert forecaster(batch).shape[1] == 8
