import tensorflow as tf
from tensorflow import keras

SEQUENCE = 80
BATCH = 96

letters = tf.data.Dataset.from_tensor_slices(encoded_text)
sequences = letters.batch(SEQUENCE + 1, drop_remainder=True)
by_position = sequences.map(split_target).shuffle(5_000).batch(BATCH, True).prefetch(1)
by_keyword = sequences.map(split_target).batch(48, drop_remainder=True)
kept = sequences.map(split_target).batch(24, False)
# The sequences are cut to length; the batches made of them are all kept.
also_kept = letters.window(SEQUENCE, drop_remainder=True).map(join).batch(12)
padded = sequences.padded_batch(36, None, None, True)

writer = keras.Sequential([keras.layers.Embedding(90, 64), keras.layers.GRU(256)])
writer.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
writer.fit(by_position, epochs=4)
writer.fit(by_keyword, epochs=3)
writer.fit(kept, epochs=2)
writer.fit(also_kept, epochs=6)
writer.fit(padded, epochs=5)
