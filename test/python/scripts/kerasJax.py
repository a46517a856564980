import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np

x = np.random.default_rng(0).normal(size=(500, 6, 6, 1)).astype("float32")
y = (x.mean((1, 2, 3)) > 0).astype("float32")
model = keras.Sequential([
    keras.Input((6, 6, 1)), keras.layers.Conv2D(4, 3), keras.layers.BatchNormalization(), keras.layers.ReLU(),
    keras.layers.Flatten(), keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy")
model.fit(x[:400], y[:400], batch_size=25, epochs=10, validation_data=(x[400:], y[400:]), verbose=0)
