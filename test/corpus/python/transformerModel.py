import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset


class Windows(Dataset):
    def __len__(self):
        return 8192

    def __getitem__(self, index):
        return torch.randn(16, 32), torch.randn(1)


class Encoder(nn.Module):
    def __init__(self, d_model=32, nhead=4):
        super().__init__()
        layer = nn.TransformerEncoderLayer(d_model, nhead, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.attn = nn.MultiheadAttention(d_model, nhead)
        self.norm = nn.BatchNorm1d(d_model)
        self.out = nn.Linear(d_model, 1)


args = {"bs": 10}
train_loader = DataLoader(dataset=Windows(), batch_size=args["bs"], shuffle=True, num_workers=2)
valid_loader = DataLoader(dataset=Windows(), batch_size=33)
