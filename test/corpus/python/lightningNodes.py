import lightning as L
from torch.utils.data import DataLoader

SHELVES = 3


def on_several():
    trainer = L.Trainer(max_epochs=6, devices=[0, 1, 3], num_nodes=SHELVES)
    trainer.fit(Model(), DataLoader(rows, batch_size=16, shuffle=True))


def on_some(machines):
    # How many there are is not known here.
    trainer = L.Trainer(max_epochs=6, devices=4, num_nodes=machines)
    trainer.fit(Model(), DataLoader(rows, batch_size=20, shuffle=True))


def on_listed():
    trainer = L.Trainer(max_epochs=6, devices="0,2")
    trainer.fit(Model(), DataLoader(rows, batch_size=24, shuffle=True))
