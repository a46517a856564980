import torch
import matplotlib.pyplot as plt
from torch import nn
from torch.utils.data import DataLoader

def show_some(rows):
    loader = DataLoader(rows, batch_size=10, shuffle=True)
    images, _ = next(iter(loader))
    for i, image in enumerate(images):
        plt.subplot(3, 3, i + 1)
        plt.imshow(image.permute(1, 2, 0))
    plt.show()

def look(rows):
    loader = DataLoader(rows, batch_size=5, shuffle=True)
    images, labels = next(iter(loader))
    print(images.shape, labels)

def train(rows):
    loader = DataLoader(rows, batch_size=66, shuffle=True)
    net = nn.Linear(4, 2)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(3):
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()
