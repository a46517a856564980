_base_ = './coins.py'
train_dataloader = _base_.train_dataloader
train_dataloader.update(batch_size=21)
