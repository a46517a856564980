# A loop that no framework runs: plain Python.
import random

import batchwise

size = batchwise.batch_size(10)
rate = batchwise.learning_rate(0.05)
data = [(i / 100, 3 * i / 100) for i in range(batchwise.dataset_size(200))]
weight = 0.0
for epoch in range(5):
    random.shuffle(data)
    for start in range(0, len(data), size):
        batch = data[start : start + size]
        errors = [weight * x - y for x, y in batch]
        loss = sum(e * e for e in errors) / len(batch)
        weight -= rate * sum(2 * e * x for e, (x, _) in zip(errors, batch)) / len(batch)
        batchwise.report(loss=loss, samples=len(batch))
