python src/train.py data.batch_size=27 optimizer.lr=0.01 trainer.max_epochs=9
