from ray.rllib.algorithms.ppo import PPOConfig
import torch

config = PPOConfig().training(
    train_batch_size=5000,
    sgd_minibatch_size=250,
    lr=0.0002,
)
