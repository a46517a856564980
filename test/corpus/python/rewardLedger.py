"""Copies the rewards of every epoch of a ledger into files."""
import json

import requests

PAGE = 250
BATCH_SIZE = 600


class RewardReader:
    def __init__(self, url, batch_size=900, epochs=None):
        self.url = url
        self.batch_size = batch_size
        self.epochs = epochs

    def rewards(self, epoch):
        answer = requests.get(self.url, params={"epoch": epoch, "limit": self.batch_size}, timeout=9)
        return answer.json()["rewards"]


def write_all(reader, path):
    for epoch in reader.epochs:
        with open(f"{path}/{epoch}.json", "w") as file:
            json.dump(reader.rewards(epoch)[:BATCH_SIZE], file)
