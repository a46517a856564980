import tensorflow as tf

numbers = tf.data.Dataset.range(12).repeat(2).batch(5)
for item in numbers:
    print(item)

for row in tf.data.TFRecordDataset(["rows.tfrecord"]).batch(9).map(parse):
    print(row)

train_set = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(100).batch(36)
model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
model.fit(train_set, epochs=6)
model.fit(x, y, epochs=2)
