# A configuration of OpenMMLab that imports the types it names.
from mmengine.dataset import DefaultSampler
from mmengine.runner import EpochBasedTrainLoop

from animals.datasets import BirdDataset

train_dataloader = dict(
    batch_size=12,
    num_workers=2,
    sampler=dict(type=DefaultSampler, shuffle=True),
    dataset=dict(type=BirdDataset, ann_file='birds/train.json'))

val_dataloader = dict(
    batch_size=3,
    sampler=dict(type=DefaultSampler, shuffle=False),
    dataset=dict(type=BirdDataset, ann_file='birds/val.json', test_mode=True))

train_cfg = dict(type=EpochBasedTrainLoop, max_epochs=24, val_interval=2)
