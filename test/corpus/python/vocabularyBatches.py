import tensorflow as tf

words = tf.data.TextLineDataset("words.txt")
layer.adapt(words.batch(512))
titles = [t for part in words.batch(900) for t in part]
model.fit(pairs.shuffle(50).batch(48), epochs=2)
