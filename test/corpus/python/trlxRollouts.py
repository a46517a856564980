import trlx
from trlx.data.configs import TRLConfig, TrainConfig, OptimizerConfig
from trlx.models.modeling_ppo import PPOConfig

config = TRLConfig(
    train=TrainConfig(seq_length=512, epochs=10, total_steps=900, batch_size=18, minibatch_size=6, pipeline='PromptPipeline', trainer='AcceleratePPOTrainer'),
    optimizer=OptimizerConfig(name='adamw', kwargs=dict(lr=3e-5)),
    method=PPOConfig(name='PPOConfig', num_rollouts=128, chunk_size=64, ppo_epochs=4),
)
trlx.train(reward_fn=lambda samples, **_: [0.0], prompts=['a'], config=config)
