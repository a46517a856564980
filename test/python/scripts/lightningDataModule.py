import torch, lightning as L
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

class Net(L.LightningModule):
    def __init__(self, lr=1e-3):
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.BatchNorm1d(32), nn.Linear(32, 4))
    def training_step(self, batch, _):
        x, y = batch
        loss = nn.functional.cross_entropy(self.net(x), y)
        self.log("train_loss", loss)
        return loss
    def validation_step(self, batch, _):
        x, y = batch
        self.log("val_loss", nn.functional.cross_entropy(self.net(x), y))
    def configure_optimizers(self):
        opt = torch.optim.AdamW(self.parameters(), lr=self.hparams.lr)
        return {"optimizer": opt, "lr_scheduler": torch.optim.lr_scheduler.CosineAnnealingLR(opt, 10)}

class Data(L.LightningDataModule):
    def __init__(self, batch_size=16):
        super().__init__()
        self.batch_size = batch_size
    def setup(self, stage):
        g = torch.Generator().manual_seed(0)
        x = torch.randn(800, 16, generator=g); y = (x[:, :4]).argmax(1)
        self.train, self.val = random_split(TensorDataset(x, y), [640, 160], generator=g)
    def train_dataloader(self):
        return DataLoader(self.train, batch_size=self.batch_size, shuffle=True)
    def val_dataloader(self):
        return DataLoader(self.val, batch_size=64)

if __name__ == "__main__":
    L.seed_everything(1)
    L.Trainer(max_epochs=5, accelerator="cpu", logger=False).fit(Net(), Data())
