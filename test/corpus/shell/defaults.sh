BATCH="${BATCH:-33}"
python3 -m project.pretrain --global-batch-size "$BATCH" --micro-batch-size 3
