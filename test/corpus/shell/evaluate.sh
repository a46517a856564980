python evaluate.py --batch_size 64 --lr 0.1
python generate.py --batch-size 8
python train.py --eval_batch_size 32 --lr 0.1
