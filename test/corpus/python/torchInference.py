import torch
from torch.utils.data import DataLoader
from torchvision import models

from photos import PhotoFolder

model = models.resnet18(weights="DEFAULT")
model.eval()
loader = DataLoader(PhotoFolder("in"), batch_size=256, num_workers=4)
with torch.no_grad():
    for images, names in loader:
        for name, logits in zip(names, model(images)):
            print(name, int(logits.argmax()))
