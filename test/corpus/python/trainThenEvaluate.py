from torch.utils.data import DataLoader

from engine import evaluate, run_training
from data import birds

train_loader = DataLoader(birds("train"), batch_size=28, shuffle=True)
val_loader = DataLoader(birds("val"), batch_size=100)

model = run_training(train_loader)
print(evaluate(model, val_loader))
