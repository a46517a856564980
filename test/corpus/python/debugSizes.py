"""Sizes that only a trial of the program has."""
import ml_collections


def get_config(runlocal=False):
    config = ml_collections.ConfigDict()
    config.batch_size = 6 if runlocal else 768
    config.lr = 0.3
    config.num_epochs = 40
    return config
