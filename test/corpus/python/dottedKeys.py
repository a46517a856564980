import torch

overrides = {"data.batch_size": 46, "optim.lr": 0.005, "eval.batch_size": 460}
optimizer = torch.optim.SGD(net.parameters(), lr=overrides["optim.lr"])
loss.backward()
