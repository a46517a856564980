import torch
from torch.utils.data import DataLoader
from data import Faces

hparams = dict(batch_size=88, lr=0.0002, num_epochs=5, z_dim=100)
opts = {"loader": {"batch_size": 44, "num_workers": 2}, "val": {"batch_size": 4}}

loader = DataLoader(Faces(), hparams["batch_size"], shuffle=True)
other = DataLoader(Faces(), **opts["loader"])
opt = torch.optim.Adam([], hparams["lr"], betas=(0.5, 0.999))
for epoch in range(hparams.get("num_epochs", 1)):
    for real in loader:
        opt.zero_grad()
        real.sum().backward()
        opt.step()
