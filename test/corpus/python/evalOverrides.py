# Evaluates only.
eval_only = True
batch_size = 10
eval_iters = 400
init_from = "large"
