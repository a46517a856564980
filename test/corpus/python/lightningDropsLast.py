import lightning as L
from torch.utils.data import DataLoader


def train(module, pictures):
    loader = DataLoader(pictures, batch_size=160, shuffle=True, drop_last=True)
    trainer = L.Trainer(max_epochs=20, devices=1)
    trainer.fit(module, loader)
