import torch

BATCH_SIZE = "BATCH_SIZE"
defaults = {BATCH_SIZE: 58, "learning_rate": 0.02}
optimizer = torch.optim.SGD(net.parameters(), lr=defaults["learning_rate"])
loss.backward()
