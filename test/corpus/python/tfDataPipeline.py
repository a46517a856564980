import tensorflow as tf
import tensorflow_datasets as tfds

GLOBAL_BATCH = 256
AUTOTUNE = tf.data.AUTOTUNE


def prepare(ds, training=False):
    ds = ds.map(lambda x, y: (tf.cast(x, tf.float32) / 255.0, y), num_parallel_calls=AUTOTUNE)
    if training:
        ds = ds.shuffle(10_000)
    return ds


train_ds, val_ds = tfds.load("cifar10", split=["train", "test"], as_supervised=True)
train_ds = prepare(train_ds, training=True).batch(GLOBAL_BATCH, drop_remainder=True).prefetch(AUTOTUNE)
val_ds = prepare(val_ds).batch(1024)

model = tf.keras.applications.MobileNetV2(weights=None, classes=10, input_shape=(32, 32, 3))
model.compile(optimizer=tf.keras.optimizers.SGD(0.1, momentum=0.9), loss="sparse_categorical_crossentropy")
model.fit(train_ds, validation_data=val_ds, epochs=30)
