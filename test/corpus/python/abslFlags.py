from absl import app, flags
import tensorflow as tf

FLAGS = flags.FLAGS
flags.DEFINE_integer("batch_size", 56, "Examples per step.")
flags.DEFINE_integer("eval_batch_size", 8, "Examples per evaluation step.")
flags.DEFINE_float("learning_rate", 0.01, "Step size.")
flags.DEFINE_integer(name="num_epochs", default=11, help="Epochs.")


def main(_):
    ds = tf.data.TFRecordDataset("train.tfrecord").shuffle(100).batch(FLAGS.batch_size)
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(tf.keras.optimizers.Adagrad(FLAGS.learning_rate), "mse")
    model.fit(ds, epochs=FLAGS.num_epochs)


if __name__ == "__main__":
    app.run(main)
