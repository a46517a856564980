DATA   ?= data/flowers
SIZE := 48
EPOCHS ?= 12
SERVE_BATCH = 9

.PHONY: train evaluate serve

train: $(DATA)/index.json
	@echo "training on $(DATA)"
	@python -m flowers.train --data $(DATA) --batch-size $(SIZE) \
		--epochs $(EPOCHS) --lr 0.003 --eval-batch-size 128

finetune: train
	-torchrun --nproc_per_node 2 finetune.py --per_device_train_batch_size=6 --learning_rate 2e-5

evaluate:
	python evaluate.py --batch-size 256

serve:
	gunicorn app:api --batch-size $(SERVE_BATCH)
