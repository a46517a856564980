import ml_collections


def get_config():
    config = ml_collections.ConfigDict()
    config.batch = 768
    # How many parts the batch is split into.
    config.accum_steps = 6
    config.base_lr = 0.02
    return config
