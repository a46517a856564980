from pydantic import BaseModel, Field
import torch
from torch.utils.data import DataLoader


class TrainSettings(BaseModel):
    batch_size: int = Field(default=36, gt=0)
    num_epochs: int = Field(7, description="Epochs")
    learning_rate: float = 0.004


settings = TrainSettings()
loader = DataLoader(torch.arange(7200), batch_size=settings.batch_size)
model = torch.nn.Embedding(7200, 8)
optimizer = torch.optim.Adam(model.parameters(), lr=settings.learning_rate)
for epoch in range(settings.num_epochs):
    for index in loader:
        model(index).sum().backward()
        optimizer.step()
