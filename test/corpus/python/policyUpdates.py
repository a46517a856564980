import torch


def learn(policy, env, timesteps_per_batch=2048, optim_batchsize=128, optim_epochs=5, lr=3e-4):
    optimizer = torch.optim.Adam(policy.parameters(), lr=lr)
    for part in policy.collect(env, timesteps_per_batch):
        for piece in part.split(optim_batchsize):
            optimizer.zero_grad()
            policy.loss(piece).backward()
            optimizer.step()
