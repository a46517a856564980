from absl import app, flags

from walkers import Agent, Buffer, evaluate, make_world

FLAGS = flags.FLAGS
flags.DEFINE_integer("batch_size", 200, "Transitions of an update.")
flags.DEFINE_integer("steps", 100000, "Steps in the world.")


def main(_):
    world, agent, buffer = make_world(), Agent(), Buffer()
    for step in range(FLAGS.steps):
        buffer.insert(world.step(agent.act()))
        batch = buffer.sample(FLAGS.batch_size)
        agent.update(batch)
        if step % 5000 == 0:
            evaluate(agent, make_world())


if __name__ == "__main__":
    app.run(main)
