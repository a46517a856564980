#!/bin/bash
export MODEL="detector" GPUS=4
export BS=80 EVAL_BS=160
LOCAL_BS=9

python3 examples/train_detector.py

BATCH_SIZE=500 python import_rows.py
