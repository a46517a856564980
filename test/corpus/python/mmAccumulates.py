_base_ = ['../_base_/models/resnet.py', '../_base_/default_runtime.py']

train_dataloader = dict(batch_size=24, num_workers=4, drop_last=True)
optim_wrapper = dict(
    type='OptimWrapper', accumulative_counts=6, optimizer=dict(type='LARS', lr=1.2))
