import tensorflow as tf


def make_input(files, batch_size):
    def read(context):
        share = context.get_per_replica_batch_size(batch_size)
        rows = tf.data.TFRecordDataset(files).shuffle(1000)
        return rows.batch(share, drop_remainder=True)

    return read


def train(model, strategy, files):
    optimizer = tf.keras.optimizers.Adam(1e-3)
    rows = strategy.distribute_datasets_from_function(make_input(files, 208))
    for x, y in rows:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(model(x) - y)
        optimizer.apply_gradients(
            zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
