from easydict import EasyDict as edict

settings = edict()
settings.TRAIN = edict()
settings.TRAIN.LEARNING_RATE = 0.002
settings.TRAIN.IMS_PER_BATCH = 2
# Regions that are taken of them.
settings.TRAIN.BATCH_SIZE = 256
