run = Settings({"micro_batch_size": 6, "learning_rate": 2e-4, "num_epochs": 3})
start(run)
