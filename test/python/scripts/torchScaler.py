import torch
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(4)
x = torch.randn(512, 6)
y = (x.sum(1) > 0).float()
loader = DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True)
model = torch.nn.Sequential(torch.nn.Linear(6, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
scaler = torch.amp.GradScaler("cpu", init_scale=2.0**8)
first = True
for epoch in range(4):
    for xb, yb in loader:
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(xb).squeeze(1)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits.float(), yb)
        scaler.scale(loss).backward()
        if first:
            # As an overflow has it: this step is skipped.
            model[0].weight.grad.fill_(float("inf"))
            first = False
        scaler.step(optimizer)
        scaler.update()
