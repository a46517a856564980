# Größe der Stapel, 訓練
import torch
from torch.utils.data import DataLoader

stapel_größe = 28  # 一批
beschreibung = "🧠 Netz"
loader = DataLoader(daten, batch_size=stapel_größe, shuffle=True)
for epoch in range(9):
	for x in loader:
		modell(x).backward()
