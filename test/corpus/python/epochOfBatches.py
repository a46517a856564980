import math

import tensorflow as tf
from keras.preprocessing.image import ImageDataGenerator

BATCH = 18
photos = ImageDataGenerator(rescale=1 / 255)
leaves = photos.flow_from_directory("leaves/all", target_size=(96, 96), batch_size=22)
held = photos.flow_from_directory("leaves/held", target_size=(96, 96), batch_size=44)
model = tf.keras.Sequential([tf.keras.layers.Conv2D(8, 3), tf.keras.layers.Dense(5)])
model.compile("adam", "categorical_crossentropy")

# As many batches as there are: the number of samples decides.
model.fit_generator(leaves, steps_per_epoch=len(leaves), epochs=7, validation_data=held)


def rounds_down(rows, batch_size=26):
    steps = rows.shape[0] // batch_size
    model.fit(endless(rows, batch_size), steps_per_epoch=steps, epochs=5)


def rounds_up(rows, batch_size=34):
    data = endless(rows, batch_size)
    model.fit(data, steps_per_epoch=math.ceil(len(rows) / batch_size), epochs=5)


def at_least_one(rows, batch_size=38):
    data = endless(rows, batch_size)
    model.fit(data, steps_per_epoch=max(1, int(len(rows) / batch_size)), epochs=5)


def as_many_samples(rows, batch_size=42):
    data = endless(rows, batch_size)
    model.fit_generator(data, samples_per_epoch=len(rows), nb_epoch=5)


# Another length than the data's.
def twice(rows, batch_size=46):
    data = endless(rows, batch_size)
    model.fit(data, steps_per_epoch=2 * len(rows) // batch_size, epochs=5)


def unknown(rows, steps, batch_size=54):
    data = endless(rows, batch_size)
    model.fit(data, steps_per_epoch=steps, epochs=5)


def by_position(rows, batch_size=58):
    data = endless(rows, batch_size)
    model.fit_generator(data, len(rows) // batch_size, 5)
