import pytorch_lightning as pl
from torch.utils.data import DataLoader

trainer = pl.Trainer(max_epochs=6, gpus="0,2", strategy="dp")
trainer.fit(Model(), DataLoader(rows, batch_size=36, shuffle=True))
