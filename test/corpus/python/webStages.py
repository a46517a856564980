import torch
import webdataset as wds

shards = wds.WebDataset(urls).shuffle(1000).decode("rgb").to_tuple("jpg", "cls").batched(40)
optimizer = torch.optim.SGD(net.parameters(), lr=0.2)
for images, labels in shards:
    optimizer.zero_grad()
    criterion(net(images), labels).backward()
    optimizer.step()
