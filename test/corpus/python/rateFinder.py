import lightning.pytorch as pl
from lightning.pytorch.tuner import Tuner
from torch.utils.data import DataLoader


def run(net, readings):
    loader = DataLoader(readings, batch_size=72, shuffle=True)
    trainer = pl.Trainer(gradient_clip_val=0.4)
    net.rate = Tuner(trainer).lr_find(net, train_dataloaders=loader).suggestion()
    trainer = pl.Trainer(max_epochs=14, limit_train_batches=45)
    trainer.fit(net, train_dataloaders=loader)
