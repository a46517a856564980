#!/bin/bash
CUDA_VISIBLE_DEVICES=0 python main.py -a resnet18 -b 192 --lr 0.1 --epochs 5 /data
python segment/train.py --batch 10 --weights small.pt
python report.py -b 3 --title weekly
