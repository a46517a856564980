import lightning.pytorch as pl
from torch.utils.data import DataLoader
from tides import Readings, search_sizes

loader = DataLoader(Readings(), batch_size=56, shuffle=True)
trainer = pl.Trainer(max_epochs=31, accelerator="auto")
# trainer.fit(net, loader)
search_sizes(loader, trials=20)
