import torch


def parts(rows, batch_size=14):
    # The caller says when to stop, so `yield` stands in an assignment.
    for start in range(0, len(rows), batch_size):
        goes_on = yield rows
        if not goes_on:
            return


def total(rows, batch_size=5):
    amount = 0
    for start in range(0, len(rows), batch_size):
        amount += rows[start]
    return amount


net = torch.nn.Linear(4, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for x in parts(torch.ones(10, 4)):
    optimizer.zero_grad()
    net(x).sum().backward()
    optimizer.step()
