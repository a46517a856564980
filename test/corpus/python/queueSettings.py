from warehouse import defaults


def get_settings():
    settings = defaults.load()
    settings.batch_size = 250
    settings.queue = "orders"
    return settings
