from trl import GRPOConfig, GRPOTrainer

settings = GRPOConfig(output_dir="out", per_device_train_batch_size=6, num_generations=3)
GRPOTrainer(model=name, args=settings, reward_funcs=score, train_dataset=prompts).train()
