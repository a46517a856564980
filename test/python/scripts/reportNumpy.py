import batchwise
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(300, 4))
y = x @ np.array([1.0, -2.0, 0.5, 3.0])
batchwise.dataset_size(len(x))
batch_size, lr = batchwise.batch_size(15), batchwise.learning_rate(0.05)
w = np.zeros(4)
for epoch in range(4):
    order = rng.permutation(len(x))
    for chunk in np.split(order, range(batch_size, len(x), batch_size)):
        error = x[chunk] @ w - y[chunk]
        w -= lr * 2 * x[chunk].T @ error / len(chunk)
        batchwise.report(loss=np.mean(error**2), samples=len(chunk))
