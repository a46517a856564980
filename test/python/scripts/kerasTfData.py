import tensorflow as tf

BATCH_SIZE = 16
x = tf.random.normal((640, 8), seed=1)
y = tf.reduce_sum(x, 1, keepdims=True)
train = tf.data.Dataset.from_tensor_slices((x[:512], y[:512])).shuffle(512, seed=2).batch(BATCH_SIZE).prefetch(2)
held = tf.data.Dataset.from_tensor_slices((x[512:], y[512:])).batch(64)
inputs = tf.keras.Input((8,))
hidden = tf.keras.layers.Dense(16, activation="relu")(inputs)
model = tf.keras.Model(inputs, tf.keras.layers.Dense(1)(hidden))
rate = tf.keras.optimizers.schedules.CosineDecay(0.02, 1000)
model.compile(tf.keras.optimizers.SGD(rate, momentum=0.9), "mse")
model.fit(train, validation_data=held, epochs=10, verbose=2)
