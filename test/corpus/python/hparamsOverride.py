import tensorflow as tf

from plans import registry
from plans.video import base_plan


@registry.register_hparams
def longer_clips():
    hparams = base_plan()
    hparams.batch_size = 3
    hparams.clip_length = 24
    hparams.add_hparam("optimization_batch_size", 40)
    return hparams


def infer(features):
    return tf.zeros([features["inputs"].shape[0], 4])
