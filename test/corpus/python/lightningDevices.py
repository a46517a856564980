import lightning as L
from torch.utils.data import DataLoader

loader = DataLoader(rows, batch_size=14, shuffle=True)
trainer = L.Trainer(devices=3, num_nodes=2, accumulate_grad_batches=4, max_epochs=6)
trainer.fit(net, loader)
