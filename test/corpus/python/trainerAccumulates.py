from transformers import Trainer, TrainingArguments

# batchwise: samples=5000
settings = TrainingArguments(
    output_dir="runs",
    per_device_train_batch_size=12,
    gradient_accumulation_steps=5,
    dataloader_drop_last=True,
    max_steps=700,
)
Trainer(model=net, args=settings, train_dataset=rows).train()
