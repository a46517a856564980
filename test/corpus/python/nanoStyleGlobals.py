"""Trains a small character model. Settings are plain globals."""
import math
import os
import time

import numpy as np
import torch
from model import GPT, GPTConfig

out_dir = "out"
eval_interval = 2000
eval_iters = 200
gradient_accumulation_steps = 5 * 8
batch_size = 12  # with accumulation this is the micro batch
block_size = 1024
n_layer = 12
learning_rate = 6e-4
max_iters = 600000
weight_decay = 1e-1
device = "cuda"

tokens_per_iter = gradient_accumulation_steps * batch_size * block_size
data = np.memmap("train.bin", dtype=np.uint16, mode="r")


def get_batch(split):
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([torch.from_numpy((data[i : i + block_size]).astype(np.int64)) for i in ix])
    return x.to(device)


model = GPT(GPTConfig(n_layer=n_layer, block_size=block_size))
optimizer = model.configure_optimizers(weight_decay, learning_rate, (0.9, 0.95), device)
iter_num = 0
while iter_num < max_iters:
    for micro_step in range(gradient_accumulation_steps):
        logits, loss = model(get_batch("train"))
        (loss / gradient_accumulation_steps).backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    iter_num += 1
