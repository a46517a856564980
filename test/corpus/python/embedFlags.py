import tensorflow as tf
from absl import flags

FLAGS = flags.FLAGS
flags.DEFINE_string("texts", None, "One text a line.")
flags.DEFINE_integer("batch_size", 48, "Batch size for extracting the vectors.")
flags.DEFINE_float("learning_rate", 1e-4, "Rate of the probe that is fitted afterwards.")
flags.DEFINE_integer("train_batch_size", 96, "Batch size of the probe.")
