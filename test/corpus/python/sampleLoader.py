"""Pictures of the class are made first, in batches that nothing is trained on."""
import argparse

import torch
from diffusers import DiffusionPipeline
from torch.utils.data import DataLoader

parser = argparse.ArgumentParser()
parser.add_argument("--sample_batch_size", type=int, default=3)
parser.add_argument("--train_batch_size", type=int, default=5)
parser.add_argument("--learning_rate", type=float, default=5e-6)
args = parser.parse_args()

pipeline = DiffusionPipeline.from_pretrained("tiny")
sample_dataset = prompts("a photo of a dog", 200)
sample_loader = DataLoader(sample_dataset, batch_size=args.sample_batch_size)
for example in sample_loader:
    save(pipeline(example["prompt"]).images)

train_loader = DataLoader(pictures(), batch_size=args.train_batch_size, shuffle=True)
optimizer = torch.optim.AdamW(pipeline.unet.parameters(), lr=args.learning_rate)
for batch in train_loader:
    step_loss(pipeline, batch).backward()
    optimizer.step()
