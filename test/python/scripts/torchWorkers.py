import torch
from torch.utils.data import DataLoader, TensorDataset, random_split

if __name__ == "__main__":
    torch.manual_seed(6)
    x = torch.randn(400, 5)
    train, valid = random_split(TensorDataset(x, x.sum(1, keepdim=True)), [320, 80])
    train_dl = DataLoader(train, batch_size=16, shuffle=True, num_workers=1)
    valid_dl = DataLoader(valid, batch_size=80)
    model = torch.nn.Linear(5, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for epoch in range(3):
        for x, y in train_dl:
            loss = torch.nn.functional.mse_loss(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            total = sum(torch.nn.functional.mse_loss(model(x), y) for x, y in valid_dl)
        print(epoch, float(total))
