#!/bin/bash
for size in 16 64 256; do
  python train_digits.py --batch-size $size --lr 0.1 --epochs 3
done
for seed in 1 2; do
  python train_digits.py --batch-size 8 --seed $seed
done
