"""Windows of a series are datasets too: their batches are no training's."""
import tensorflow as tf

STEPS_BACK = 24
BATCH = 64


def to_windows(series, length):
    windows = series.window(length + 1, shift=1, drop_remainder=True)
    return windows.flat_map(lambda window: window.batch(length + 1))


def flatten(part):
    return part.batch(STEPS_BACK)


readings = tf.data.Dataset.range(20_000)
pairs = to_windows(readings, STEPS_BACK).map(lambda w: (w[:-1], w[-1]))
loose = readings.window(STEPS_BACK).flat_map(flatten)
seq_length = 100
chunks = readings.batch(seq_length + 1, drop_remainder=True)
train = pairs.shuffle(1000).batch(BATCH)

model = tf.keras.Sequential([tf.keras.layers.LSTM(32), tf.keras.layers.Dense(1)])
model.compile(optimizer=tf.keras.optimizers.Adam(0.002), loss="mae")
# 100 batches, not 100 samples.
model.fit(train.take(100), epochs=7)
