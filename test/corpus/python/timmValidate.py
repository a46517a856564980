"""Measures accuracy; the loader shuffles nothing and trains nothing."""
import argparse

import torch
from timm.data import create_loader, create_dataset
from timm.models import create_model

parser = argparse.ArgumentParser()
parser.add_argument("-b", "--batch-size", type=int, default=256)
parser.add_argument("--num-gpu", type=int, default=1)
args = parser.parse_args()

model = torch.compile(create_model("resnet50", pretrained=True))
model.eval()
loader = create_loader(
    create_dataset("imagenet", root="data"),
    input_size=(3, 224, 224),
    batch_size=args.batch_size,
)
with torch.no_grad():
    hits = sum((model(x).argmax(1) == y).sum() for x, y in loader)
print(hits)
