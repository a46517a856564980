"""The name of the file says that it trains; what does is elsewhere."""
from absl import app, flags

from puffins import Puffin, evaluate, make_island

FLAGS = flags.FLAGS
flags.DEFINE_integer("batch_size", 192, "Minibatch size.")
flags.DEFINE_integer("steps", 40000, "Steps on the island.")


def main(_):
    island, puffin = make_island(), Puffin()
    for step in range(FLAGS.steps):
        puffin.learn_from(island.draw(FLAGS.batch_size))
        if step % 1000 == 0:
            evaluate(puffin, island)


app.run(main)
