import tensorflow as tf

samples, batch_size = 512, 32
x = tf.random.normal((samples, 4), seed=1)
train = tf.data.Dataset.from_tensor_slices((x, 2 * x[:, :1])).repeat().batch(batch_size, drop_remainder=True)
model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
model.compile(tf.keras.optimizers.Adam(0.02), "mse", steps_per_execution=4)
model.fit(train, steps_per_epoch=samples // batch_size, epochs=10)
