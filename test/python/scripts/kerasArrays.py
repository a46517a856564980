import os
os.environ["KERAS_BACKEND"] = "torch"
import numpy as np, keras
from keras import layers
rng = np.random.default_rng(0)
x = rng.normal(size=(1000, 20)).astype("float32"); y = (x @ rng.normal(size=(20, 3))).argmax(1)
model = keras.Sequential([layers.Input((20,)), layers.Dense(32, activation="relu"), layers.Dense(3, activation="softmax")])
model.compile(optimizer=keras.optimizers.Adam(1e-2), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=32, epochs=4, validation_split=0.2)
