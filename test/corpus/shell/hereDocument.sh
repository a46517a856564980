set -x

read -r -d '' training_commands <<EOF
toolkit.cli.train_sft \
   --data.max_len 1024 \
   --train.batch_size 96 \
   --train.micro_batch_size 3 \
   --train.max_epochs 2 \
   --adam.lr 4e-6
EOF

deepspeed --module $training_commands
