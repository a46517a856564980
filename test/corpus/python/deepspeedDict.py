import deepspeed
import torch

ds_config = {
    "train_micro_batch_size_per_gpu": 4,
    "gradient_accumulation_steps": 8,
    "optimizer": {"type": "AdamW", "params": {"lr": 3e-5}},
    "zero_optimization": {"stage": 2},
}
engine, optimizer, _, _ = deepspeed.initialize(model=torch.nn.Linear(8, 8), config=ds_config)
for step in range(100):
    loss = engine(torch.ones(4, 8)).sum()
    engine.backward(loss)
    engine.step()
