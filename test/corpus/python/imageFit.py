"""Other packages fit and compile too."""
import re
import tensorflow as tf
from PIL import Image, ImageOps

PATTERN = re.compile(r"(\d+)\.png")
batch_size = 1


def load(path, width, height):
    image = Image.open(path)
    image = ImageOps.fit(image, (width, height), Image.LANCZOS)
    return tf.convert_to_tensor(image)[tf.newaxis]


detector = tf.saved_model.load("detector")
print(detector(load("street.png", 640, 480)))
