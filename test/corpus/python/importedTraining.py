import torch
from helpers import make_loaders, train_model

BATCH_SIZE = 28
train_loader, test_loader = make_loaders("flowers", BATCH_SIZE)
net = torch.hub.load("pytorch/vision", "resnet18")
train_model(net, train_loader, test_loader)
