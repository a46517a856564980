data = dict(samples_per_gpu=3, workers_per_gpu=2, val=dict(samples_per_gpu=1))
optimizer = dict(type='SGD', lr=0.01)
runner = dict(type='EpochBasedRunner', max_epochs=24)
