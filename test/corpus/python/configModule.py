"""Settings that train.py imports."""
from pathlib import Path

DATA = Path("data")
IMAGE_SIZE = 256
BATCH_SIZE = 8
VAL_BATCH_SIZE = 1
NUM_EPOCHS = 200
LEARNING_RATE = 2e-4
LAMBDA_CYCLE = 10
NUM_WORKERS = 4
