from stable_baselines3 import PPO

model = PPO("MlpPolicy", "CartPole-v1", learning_rate=3e-4, n_steps=2048, batch_size=64, n_epochs=10)
model.learn(total_timesteps=100_000)
