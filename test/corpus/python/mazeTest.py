import numpy as np
import tensorflow as tf

from mazes import Maze


class MazeTest(tf.test.TestCase):
    BATCH_SIZE = 9

    def walk(self, steps, epochs=(0,), batch_size=3):
        maze = Maze(batch_size=batch_size)
        for epoch in epochs:
            maze.start_new_epoch(epoch)
        return [maze.step(np.zeros(batch_size)) for _ in range(steps)]

    def test_walls(self):
        self.assertEqual(len(self.walk(5)), 5)
        self.assertEqual(Maze(batch_size=self.BATCH_SIZE).size, self.BATCH_SIZE)
