#!/bin/bash
python3 -m rl.trainer.main_ppo \
    data.train_batch_size=640 \
    actor_rollout_ref.actor.ppo_mini_batch_size=160 \
    actor_rollout_ref.actor.ppo_micro_batch_size_per_gpu=20 \
    actor_rollout_ref.rollout.log_prob_micro_batch_size_per_gpu=40 \
    trainer.total_epochs=4
