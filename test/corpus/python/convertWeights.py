import torch
from safetensors.torch import save_file
from songs.settings import ModelConfig, RunConfig

weights = torch.load("songs.pt")
names = {"stem.0.weight": "stem.conv.weight", "head.bias": "head.linear.bias"}
save_file({names.get(key, key): value for key, value in weights.items()}, "songs.safetensors")
settings = RunConfig(model=ModelConfig(width=96), batch_size=640, learning_rate=0.0003)
settings.write("songs.json")
