import ml_collections


def get_config():
    config = ml_collections.ConfigDict()
    config.batch = 640
    config.lr = 0.003
    return config
