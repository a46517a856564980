import tensorflow as tf
import tensorflow_datasets as tfds

BATCH = 56

flowers, info = tfds.load("tf_flowers", split="train", with_info=True)
batches = flowers.shuffle(1000).batch(BATCH)
model = tf.keras.Sequential([tf.keras.layers.Flatten(), tf.keras.layers.Dense(5)])
optimizer = tf.keras.optimizers.SGD(0.05)
for epoch in range(7):
    for row in batches:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(model(row["image"]))
        optimizer.apply_gradients(
            zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
