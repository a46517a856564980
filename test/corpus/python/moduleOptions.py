from argparse import ArgumentParser

import pytorch_lightning as pl


class Encoder(pl.LightningModule):
    def training_step(self, batch, index):
        return self(batch).mean()


def add_options(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("--batch_size", type=int, default=80)
    parser.add_argument("--learning_rate", type=float, default=2e-3)
    return parser
