import torch
import wandb
from torch.utils.data import DataLoader

from vision import Scenes, UNet

run = wandb.init(
    project="scenes",
    config={
        "learning_rate": 0.01,
        "batch_size": 24,
        "epochs": 60,
        "architecture": "unet",
    },
)
config = wandb.config
loader = DataLoader(Scenes(), batch_size=config.batch_size, shuffle=True)
net = UNet()
optimizer = torch.optim.SGD(net.parameters(), lr=config["learning_rate"], momentum=0.9)
for epoch in range(config.epochs):
    for image, mask in loader:
        optimizer.zero_grad()
        net.loss(image, mask).backward()
        optimizer.step()
    wandb.log({"epoch": epoch})
