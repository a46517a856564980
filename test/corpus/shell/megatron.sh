NPROC_PER_NODE=8 \
megatron sft \
    --model some/model \
    --tensor_model_parallel_size 2 \
    --micro_batch_size 3 \
    --global_batch_size 24 \
    --lr 2e-5
