from settings import config_dict, merge


class Pages:
    @staticmethod
    def get_default_config(changes=None):
        config = config_dict()
        config.path = "pages"
        config.sequence_length = 512
        config.batch_size = 18
        return merge(config, changes)
