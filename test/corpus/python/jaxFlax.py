import jax
import jax.numpy as jnp
import ml_collections
import optax
from flax import linen as nn
from flax.training import train_state


class CNN(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.relu(nn.Conv(features=32, kernel_size=(3, 3))(x))
        return nn.Dense(features=10)(x.reshape((x.shape[0], -1)))


def get_config():
    config = ml_collections.ConfigDict()
    config.learning_rate = 0.1
    config.momentum = 0.9
    config.batch_size = 128
    config.num_epochs = 10
    return config


def train_epoch(state, train_ds, batch_size, rng):
    steps_per_epoch = len(train_ds["image"]) // batch_size
    perms = jax.random.permutation(rng, len(train_ds["image"]))[: steps_per_epoch * batch_size]
    for perm in perms.reshape((steps_per_epoch, batch_size)):
        grads = jax.grad(lambda p: jnp.mean(p))(state.params)
        state = state.apply_gradients(grads=grads)
    return state


def train_and_evaluate(config, train_ds, state):
    tx = optax.sgd(config.learning_rate, config.momentum)
    rng = jax.random.key(0)
    for epoch in range(1, config.num_epochs + 1):
        state = train_epoch(state, train_ds, config.batch_size, rng)
    return state
