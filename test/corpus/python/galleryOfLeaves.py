"""Shows what augmentation makes of a few pictures."""
import matplotlib.pyplot as plt
import tensorflow as tf
import tensorflow_datasets as tfds

BATCH_SIZE = 16


def leaves(batch_size=BATCH_SIZE):
    pictures = tfds.load("plant_leaves", split="all")
    return pictures.map(lambda row: tf.image.resize(row["image"], (64, 64))).batch(batch_size)


def gallery(pictures):
    for batch in pictures.take(1):
        for place in range(9):
            plt.subplot(3, 3, place + 1)
            plt.imshow(batch[place].numpy().astype("uint8"))
    plt.show()
