dataset_type = 'Coins'
train_dataloader = dict(batch_size=13, num_workers=2, dataset=dict(type=dataset_type))
val_dataloader = dict(batch_size=26, dataset=dict(type=dataset_type))
test_dataloader = val_dataloader
