from mpi4py import MPI
from torch.utils.data import DataLoader

from meadows import Photographs


def endless(folder, *, batch_size, width):
    mine = Photographs(
        folder,
        width,
        shard=MPI.COMM_WORLD.Get_rank(),
        num_shards=MPI.COMM_WORLD.Get_size(),
    )
    train_loader = DataLoader(mine, batch_size=batch_size, shuffle=True, drop_last=True)
    while True:
        yield from train_loader
