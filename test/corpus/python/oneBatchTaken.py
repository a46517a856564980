import tensorflow as tf

rows = tf.data.Dataset.from_tensor_slices((inputs, labels))
model = tf.keras.Sequential([tf.keras.layers.Dense(3)])
model.compile(optimizer="adam", loss="mse")
model.fit(rows.shuffle(500).batch(36), epochs=4)
x, y = next(iter(rows.batch(11)))
print(model(x))
