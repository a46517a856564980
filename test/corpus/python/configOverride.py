from songs.configs import default


def get_config():
    """The default, for a machine with eight accelerators."""
    config = default.get_config()
    config.batch_size = 768
    config.cache = True
    return config
