_base_ = ['../base/coins.py', '../base/schedule.py']
train_dataloader = dict(batch_size=17)
auto_scale_lr = dict(base_batch_size=170)
