import argparse

from translation import make_model, train_model

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--batch", type=int, default=52, help="Default batch size")
parser.add_argument("--lr", type=float, default=0.0001)
parser.add_argument("--log-batch", type=int, default=10, help="how often to log")
options = parser.parse_args()
train_model(make_model(), options)
