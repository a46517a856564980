import keras

left.compile(optimizer=keras.optimizers.Adam(learning_rate=0.002), loss="mse")
right.compile(optimizer=keras.optimizers.Adam(learning_rate=0.002), loss="mse")
left.fit(x, y, batch_size=20)
right.fit(x, y, batch_size=40)
