import os

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
import numpy as np

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
x = rng.normal(size=(480, 8, 8, 1)).astype("float32")
y = (x.mean(axis=(1, 2, 3)) > 0).astype("float32")
inputs = keras.Input((8, 8, 1))
hidden = keras.layers.Conv2D(4, 3, activation="relu")(inputs)
outputs = keras.layers.Dense(1, activation="sigmoid")(keras.layers.Flatten()(hidden))
model = keras.Model(inputs, outputs)
schedule = keras.optimizers.schedules.ExponentialDecay(0.05, 100, 0.9)
model.compile(keras.optimizers.SGD(schedule), loss="binary_crossentropy")
model.fit(
    x[:400], y[:400], 16, 3, validation_data=(x[400:], y[400:]),
    callbacks=[keras.callbacks.ModelCheckpoint("best.keras")],
)
