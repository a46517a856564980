import os

import torch

batch_size = 6 * int(os.environ["TRAIN_NUM_GPUS"])
learning_rate = 0.0004


def training_loop(data, batch_gpu=3, lr=learning_rate):
    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
    for images in data.split(batch_gpu):
        optimizer.zero_grad()
        net(images).mean().backward()
        optimizer.step()
