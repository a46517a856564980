#!/bin/bash
# Read by the launcher, which knows the command.
TP=${TP:-2}
MICRO_BATCH_SIZE=${MICRO_BATCH_SIZE:-2}
TRAINING_BATCH_SIZE=${TRAINING_BATCH_SIZE:-192}
BATCH=40

OPTIONS="\
  --micro-batch-size $MICRO_BATCH_SIZE \
  --global-batch-size $TRAINING_BATCH_SIZE \
  --clip-grad 1.0"
