import argparse

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers as optim

from herbarium import leaves

parser = argparse.ArgumentParser()
parser.add_argument("--batch_size", type=int, default=88)
parser.add_argument("--epochs", type=int, default=17)
parser.add_argument("--lr", type=float, default=7e-4)


def main(net, args):
    group = mx.distributed.init()
    optimizer = optim.Adam(learning_rate=args.lr)
    step = nn.value_and_grad(net, net.loss)
    for epoch in range(args.epochs):
        for x, y in leaves(args.batch_size, group.rank(), group.size()):
            loss, gradients = step(net, x, y)
            optimizer.update(net, nn.utils.average_gradients(gradients))
