from torchtitan.config import TrainingConfig

training = TrainingConfig(local_batch_size=7, global_batch_size=56, seq_len=2048, steps=900)
