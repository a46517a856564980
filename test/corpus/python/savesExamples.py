import torch
import matplotlib.pyplot as plt
from torch.utils.data import DataLoader
import torchvision

def save_examples(rows, batch_size=27):
    loader = DataLoader(rows, batch_size=batch_size, shuffle=True)
    for images, labels in loader:
        torchvision.utils.save_image(images, 'x.png')
        break

def plot(rows):
    loader = DataLoader(rows, batch_size=6, shuffle=True)
    for images, labels in loader:
        plt.imshow(images[0])
        plt.show()
        break

def overfit(rows, net, optimizer):
    loader = DataLoader(rows, batch_size=17, shuffle=True)
    x, y = next(iter(loader))
    for _ in range(100):
        optimizer.zero_grad()
        net(x).sum().backward()
        optimizer.step()

def first(rows):
    loader = DataLoader(rows, batch_size=13, shuffle=True)
    return next(iter(loader))

def make(rows):
    loader = DataLoader(rows, batch_size=14, shuffle=True)
    print(next(iter(loader))[0].shape)
    return loader
