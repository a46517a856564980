import unittest

import torch

from voices import Converter


class TestConverter(unittest.TestCase):
    def _forward(self, batch_size):
        model = Converter()
        model.train()
        return model(torch.rand(batch_size, 16))

    def test_forward(self):
        self._forward(1)
        self._forward(3)
