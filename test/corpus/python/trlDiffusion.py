from trl import DDPOConfig

config = DDPOConfig(num_epochs=40, train_batch_size=3, sample_batch_size=6, train_learning_rate=3e-4)
