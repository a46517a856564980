"""Started by torchrun: each process trains with its share of the data."""
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.distributed import DistributedSampler

BATCH_SIZE = 8


def main():
    dist.init_process_group("gloo")
    torch.manual_seed(0)
    x = torch.randn(320, 5)
    data = TensorDataset(x, x.sum(1, keepdim=True))
    sampler = DistributedSampler(data, shuffle=True)
    loader = DataLoader(data, batch_size=BATCH_SIZE, sampler=sampler)
    model = DistributedDataParallel(torch.nn.Linear(5, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    for epoch in range(20):
        sampler.set_epoch(epoch)
        for features, wanted in loader:
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(features), wanted).backward()
            optimizer.step()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
