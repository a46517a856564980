# Read by train.py, which executes this file: no imports, no rate.
out_dir = "out-poems"
batch_size = 10
block_size = 512
gradient_accumulation_steps = 4 * 6
max_iters = 9000
