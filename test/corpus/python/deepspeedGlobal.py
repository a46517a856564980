import deepspeed

settings = {
    "train_batch_size": 144,
    "train_micro_batch_size_per_gpu": 6,
    "gradient_accumulation_steps": 4,
    "optimizer": {"type": "Adam", "params": {"lr": 2e-4}},
}
engine, *_ = deepspeed.initialize(model=net, config=settings)
for x in rows:
    engine.backward(engine(x))
    engine.step()
