import keras

encoder.compile(optimizer="adam", loss="mse")
encoder.fit(x, x, epochs=4, batch_size=28)
decoder.compile(optimizer=keras.optimizers.RMSprop(learning_rate=0.003), loss="mse")
decoder.fit(z, x, epochs=6)
