from absl import app, flags

from mailing import Archive, Report

FLAGS = flags.FLAGS
flags.DEFINE_integer("batch_size", 200, "Messages of a page.")


def main(_):
    archive, report = Archive(), Report()
    for page in archive.pages(FLAGS.batch_size):
        report.update(page)


if __name__ == "__main__":
    app.run(main)
