"""Starts a training of another module, which imports what it trains with."""
from ponds import duck_policy, make_pond, ppo


def dive(pond_id, steps):
    pond = make_pond(pond_id)
    ppo.learn(pond, duck_policy, max_timesteps=steps, optim_batchsize=104, clip=0.2)
    pond.close()
