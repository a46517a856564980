import lightning as L
import torch
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from torch.utils.data import DataLoader, TensorDataset


class Classifier(L.LightningModule):
    def __init__(self, batch_size: int = 16, lr: float = 1e-2):
        super().__init__()
        self.batch_size, self.lr = batch_size, lr
        self.model = torch.nn.Sequential(torch.nn.Linear(6, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3))
        x = torch.randn(384, 6)
        self.data = TensorDataset(x, x[:, :3].argmax(1))

    def _loss(self, batch):
        x, y = batch
        return torch.nn.functional.cross_entropy(self.model(x), y)

    def training_step(self, batch):
        return self._loss(batch)

    def validation_step(self, batch):
        self.log("val_loss", self._loss(batch))

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.lr)

    def train_dataloader(self):
        return DataLoader(self.data, batch_size=self.batch_size, shuffle=True)

    def val_dataloader(self):
        return DataLoader(self.data, batch_size=128)


L.seed_everything(7)
callbacks = [ModelCheckpoint(monitor="val_loss"), EarlyStopping("val_loss", patience=10)]
L.Trainer(max_epochs=3, accelerator="cpu", callbacks=callbacks, logger=False).fit(Classifier())
