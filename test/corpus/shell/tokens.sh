fairseq-train data --tokens-per-batch 8192 --lr 0.0005 --max-epoch 20
