import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch.utils.data import DataLoader, TensorDataset


def training_function(config):
    accelerator = Accelerator(cpu=True)
    set_seed(config["seed"])
    x = torch.randn(480, 8)
    train = DataLoader(
        TensorDataset(x, (x.sum(1) > 0).long()), shuffle=True, batch_size=config["batch_size"]
    )
    valid = DataLoader(TensorDataset(x[:64], (x[:64].sum(1) > 0).long()), batch_size=64)
    model = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2))
    optimizer = torch.optim.AdamW(params=model.parameters(), lr=config["lr"])
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, total_iters=len(train) * 3)
    model, optimizer, train, valid, scheduler = accelerator.prepare(
        model, optimizer, train, valid, scheduler
    )
    for epoch in range(config["num_epochs"]):
        model.train()
        for x, y in train:
            loss = torch.nn.functional.cross_entropy(model(x), y)
            accelerator.backward(loss)
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()
        model.eval()
        for x, y in valid:
            with torch.no_grad():
                predictions = model(x).argmax(-1)
            accelerator.gather_for_metrics((predictions, y))


if __name__ == "__main__":
    training_function({"lr": 2e-2, "num_epochs": 3, "seed": 42, "batch_size": 24})
