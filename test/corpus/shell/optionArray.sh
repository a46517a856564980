#!/usr/bin/env bash
set -e

TRAINING_ARGS=(
    --micro-batch-size 2      # of each device
    --global-batch-size 256
    --lr 6.0e-5
    --weight-decay 0.1
)
DATA_ARGS=(
    --data-path "$DATA"
    --split 98,2,0
)

python -m torch.distributed.run "${TRAINING_ARGS[@]}" pretrain_gpt.py "${TRAINING_ARGS[@]}" "${DATA_ARGS[@]}"
