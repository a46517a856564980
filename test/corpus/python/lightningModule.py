import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader, random_split


class Forecaster(pl.LightningModule):
    def __init__(self, hidden=64, lr=3e-4, batch_size=96):
        super().__init__()
        self.save_hyperparameters()
        self.batch_size = batch_size
        self.lstm = nn.LSTM(8, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 1)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = nn.functional.mse_loss(self.head(self.lstm(x)[0][:, -1]), y)
        self.log("train_loss", loss, batch_size=x.shape[0])
        return loss

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.hparams.lr)

    def train_dataloader(self):
        return DataLoader(self.train_set, batch_size=self.batch_size, shuffle=True)

    def val_dataloader(self):
        return DataLoader(self.val_set, batch_size=512)


trainer = pl.Trainer(max_epochs=25, accumulate_grad_batches=4, gradient_clip_val=1.0)
trainer.fit(Forecaster())
