python submit.py --cluster small --image latest -- accelerate launch --num_processes 8 learn/preferences.py \
  --per_device_train_batch_size 3 --gradient_accumulation_steps $(expr 24 / 8) --learning_rate 4e-7
swift rlhf --rlhf_type grpo --external_plugins rewards/plugin.py --num_generations 6 \
  --per_device_train_batch_size 2 --learning_rate 1e-6
NPROC_PER_NODE=8 megatron sft --model_author swift --tensor_model_parallel_size 4 --micro_batch_size 9 \
  --lr 1e-5
python submit.py -- python learn/rollouts.py --per_device_train_batch_size 1 --num_unique_prompts_rollout 16 \
  --num_samples_per_prompt_rollout 4 --learning_rate 3e-7
for rate in 1e-6 2e-6 4e-6; do
  python learn/preferences.py --per_device_train_batch_size 5 --learning_rate $rate
done
