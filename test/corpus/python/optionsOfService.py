import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--num-workers", type=int, default=4)
parser.add_argument("--scheduler", default="cron")
parser.add_argument("--arch", default="arm64")
parser.add_argument("--batch-size", type=int, default=500, help="messages at once")
args = parser.parse_args()
