from trl import SFTConfig, SFTTrainer

SFTTrainer(
    model=name,
    args=SFTConfig(per_device_train_batch_size=3, packing=True, num_train_epochs=2),
    train_dataset=texts,
).train()
