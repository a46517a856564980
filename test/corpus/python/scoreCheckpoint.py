import argparse

import torch
from songs import SongNet, label_names
from songs.scoring import score_clips

parser = argparse.ArgumentParser(description="Scores a checkpoint on the clips of a folder.")
parser.add_argument("folder")
parser.add_argument("--batch-size", type=int, default=24)
args = parser.parse_args()
# The scorer reads these from the arguments of the training script.
args.epochs = 1
args.learning_rate = 0.0

net = SongNet(len(label_names)).eval()
net.load_state_dict(torch.load("songs.pt"))
print(score_clips(net, args.folder, args))
