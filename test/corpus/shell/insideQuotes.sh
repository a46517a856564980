#!/bin/bash
#SBATCH --nodes=1

srun --ntasks=1 bash -c \
"pip install -q -r requirements.txt \
&& python3 -m toolkit.cli.train_ppo \
    --train.micro_batch_size 4 \
    --train.batch_size 64 \
    --rollout.batch_size 512 \
    --actor.adam.lr 5e-7 \
    --critic.adam.lr 9e-6" >> job.log
