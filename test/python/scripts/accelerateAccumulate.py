import torch
from accelerate import Accelerator
from torch.utils.data import DataLoader, TensorDataset

def main():
    accelerator = Accelerator(gradient_accumulation_steps=2, cpu=True)
    g = torch.Generator().manual_seed(0)
    x = torch.randn(600, 10, generator=g); y = x @ torch.randn(10, 1, generator=g)
    model = torch.nn.Linear(10, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    train = DataLoader(TensorDataset(x, y), batch_size=8, shuffle=True)
    model, optimizer, train = accelerator.prepare(model, optimizer, train)
    for epoch in range(4):
        for xb, yb in train:
            with accelerator.accumulate(model):
                loss = torch.nn.functional.mse_loss(model(xb), yb)
                accelerator.backward(loss)
                optimizer.step()
                optimizer.zero_grad()
        accelerator.print(epoch, loss.item())
main()
