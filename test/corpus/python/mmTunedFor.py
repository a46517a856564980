train_dataloader = dict(batch_size=4, num_workers=2, dataset=dict(type="RoadSigns"))
optim_wrapper = dict(optimizer=dict(type="AdamW", lr=2e-4))
default_batch_size = 32
auto_scale_lr = dict(base_batch_size=32, enable=True)
train_cfg = dict(by_epoch=True, max_epochs=24)
