"""Compiling for speed trains nothing."""
import keras

from painters import Decoder, DiffusionModel


class Painter:
    def __init__(self, steps=25):
        self.steps = steps
        self.decoder = Decoder()
        self.decoder.compile(jit_compile=True)
        self.model = DiffusionModel()

    def words_to_picture(self, words, batch_size=2):
        noise = keras.random.normal((batch_size, 64, 64, 4))
        return self.decoder.predict_on_batch(self.model.walk(noise, words, batch_size))
