import torch

learning_rate = 0.1
batch_size = x.size(0) if x.ndim == 3 else 1
out.backward()
