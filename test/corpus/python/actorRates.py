"""Rates of an actor and a critic are evidence of a training, and so is a parameter `epoch`."""
import torch
from agents import Agent, Collector, RunParameters


def main(
    task: str = "Hopper-v4",
    actor_lr: float = 3e-4,
    critic_lr: float = 1e-3,
    epoch: int = 40,
    buffer_size: int = 500_000,
    batch_size: int = 192,
) -> None:
    torch.manual_seed(1)
    agent = Agent(task, actor_rate=actor_lr, critic_rate=critic_lr)
    trials = Collector(agent, task)
    agent.run_training(
        RunParameters(collector=trials, test_collector=trials, batch_size=batch_size)
    )


if __name__ == "__main__":
    main()
