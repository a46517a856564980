from torch.utils.data import DataLoader
import lightning as L


class Graphs(L.LightningDataModule):
    def __init__(self, graphs, **kwargs):
        super().__init__()
        kwargs.setdefault("batch_size", 6)
        kwargs.setdefault("learning_rate", 0.01)
        kwargs.setdefault("num_workers", 0)
        self.graphs = graphs
        self.kwargs = kwargs

    def train_dataloader(self):
        return DataLoader(self.graphs, shuffle=True, **self.kwargs)
