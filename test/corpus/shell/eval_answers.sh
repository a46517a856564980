#!/bin/bash
# Answers of a trained model are scored.
python -m torch.distributed.run tasks/main.py --task ANSWERS --micro-batch-size 4 --load $1
