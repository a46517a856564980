#!/bin/bash
python -u run.py --task_name forecast --is_training 1 --d_model 64 --batch_size 44
python -u run.py --task_name forecast --is_training 0 --d_model 64 --batch_size 45
python -u run.py --task_name forecast --weight_decay 0.1 --batch_size 46
python -u run.py --task_name forecast --batch_size 47
