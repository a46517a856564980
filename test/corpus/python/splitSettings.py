"""Settings of data sets, each of one split."""
import jax

from herons import data, model

LR = 0.02
learned = dict(split="train", batch_size=208, shuffle=True)
held_out = dict(split="validation", batch_size=17, shuffle=False)
shown = {"subset": "test", "batch_size": 9}

model.train(data.make(learned), lr=LR)
print(model.score(data.make(held_out)), model.score(data.make(shown)), jax.devices())
