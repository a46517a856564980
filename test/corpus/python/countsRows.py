import tensorflow as tf


def rows_in(path):
    lines = tf.data.TextLineDataset(path)
    return lines.batch(4096).reduce(0, lambda total, rows: total + tf.size(rows))


def one_piece(examples):
    pieces = tf.data.Dataset.from_tensor_slices(examples)
    pieces = pieces.batch(7)
    return pieces.get_single_element()


def learn(path):
    lines = tf.data.TextLineDataset(path)
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    model.fit(lines.batch(40), epochs=3)
