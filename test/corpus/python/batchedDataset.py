import tensorflow as tf


def make_batched_dataset(series, batch_size=23):
    return tf.data.Dataset.from_tensor_slices(cut(series, batch_size))


model.compile(optimizer="adam")
model.fit(make_batched_dataset(x, batch_size=69), epochs=2)
