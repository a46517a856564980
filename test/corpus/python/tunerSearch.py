import keras_tuner as kt

tuner = kt.Hyperband(build, objective="val_loss")
tuner.search(x, y, epochs=12, batch_size=72, validation_split=0.1)
