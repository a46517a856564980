import unittest

import torch
from songs.data import BirdSongs, pad_clips


class BirdSongsTest(unittest.TestCase):
    def test_pads_clips(self):
        loader = torch.utils.data.DataLoader(BirdSongs("tiny"), batch_size=3, collate_fn=pad_clips)
        clip, label = next(iter(loader))
        self.assertEqual(clip.shape[0], label.shape[0])
