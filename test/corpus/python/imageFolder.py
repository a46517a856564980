import tensorflow as tf

train = tf.keras.utils.image_dataset_from_directory(
    "flowers/train",
    validation_split=0.2,
    subset="training",
    seed=1,
    image_size=(180, 180),
    batch_size=32,
)
val = tf.keras.utils.image_dataset_from_directory(
    "flowers/train", validation_split=0.2, subset="validation", seed=1, image_size=(180, 180), batch_size=64
)

model = tf.keras.Sequential([
    tf.keras.layers.Rescaling(1.0 / 255),
    tf.keras.layers.SeparableConv2D(32, 3, activation="relu"),
    tf.keras.layers.GlobalAveragePooling2D(),
    tf.keras.layers.Dense(5),
])
model.compile(optimizer="adam", loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
history = model.fit(train, validation_data=val, epochs=10)
