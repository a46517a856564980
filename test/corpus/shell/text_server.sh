#!/bin/bash
torchrun --nproc_per_node 8 tools/run_text_generation_server.py --load $1 --micro-batch-size 1
