#!/bin/bash
# batchwise: samples=12000
BATCH_SIZE=44
export LR="2e-4"
torchrun --nproc_per_node 4 train.py \
  --per_device_train_batch_size $BATCH_SIZE \
  --gradient_accumulation_steps 2 \
  --learning_rate ${LR} \
  --num_train_epochs=3
