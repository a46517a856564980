import batchwise
import jax
import jax.numpy as jnp
import numpy as np
import optax

batch_size, rate = batchwise.batch_size(32), batchwise.learning_rate(0.01)
x = jax.random.normal(jax.random.PRNGKey(0), (640, 6))
y = x.sum(1)
batchwise.dataset_size(len(x))
optimizer = optax.adam(rate)
weights = jnp.zeros(6)
state = optimizer.init(weights)


@jax.jit
def update(weights, state, x, y):
    loss, gradient = jax.value_and_grad(lambda w: jnp.mean((x @ w - y) ** 2))(weights)
    change, state = optimizer.update(gradient, state)
    return optax.apply_updates(weights, change), state, loss


for epoch in range(10):
    order = np.random.permutation(len(x))
    for start in range(0, len(x), batch_size):
        chosen = order[start : start + batch_size]
        weights, state, loss = update(weights, state, x[chosen], y[chosen])
        batchwise.report(loss=loss, samples=len(chosen))
