#!/bin/bash
python convert_weights.py --batch_size 11 weights.pt
export BATCH_SIZE=34
python run_tagger.py --batch_size $BATCH_SIZE --num_train_epochs 3
python run_tagger.py --batch_size 35
