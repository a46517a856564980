# batchwise: samples=50_000
import tensorflow as tf

batch_size = 2**6
epochs = 8

model = tf.keras.Sequential([
    tf.keras.layers.Embedding(20000, 64),
    tf.keras.layers.Bidirectional(tf.keras.layers.GRU(64)),
    tf.keras.layers.Dense(1),
])
optimizer = tf.keras.optimizers.Adam(learning_rate=0.0005)


@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x, training=True) - y))
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))


def run(x, y):
    for epoch in range(epochs):
        for start in range(0, len(x), batch_size):
            step(x[start : start + batch_size], y[start : start + batch_size])
