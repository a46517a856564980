#!/bin/bash
# Options in quotes, as launch scripts of large models have them.
GPUS_PER_NODE=4
BZ=96

LAUNCH_ARGS="
    --nproc_per_node $GPUS_PER_NODE \
    --nnodes 2
"

MODEL_ARGS="
    --num-layers 12 \
    --micro-batch-size 3 \
    --global-batch-size ${BZ} \
    --lr 0.00012 \
    --train-iters 50000 \
    --vocab-file data/vocab.txt
"

torchrun $LAUNCH_ARGS pretrain_encoder.py \
    $MODEL_ARGS \
    --save checkpoints
