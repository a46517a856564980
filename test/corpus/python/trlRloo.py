from trl import RLOOConfig

settings = RLOOConfig(per_device_train_batch_size=10, gradient_accumulation_steps=2)
