"""Tests of which one trains; what the others make is only looked at."""
import unittest
from unittest import mock

import torch
from torch.utils.data import DataLoader

from tango import Steps, Partner, fit_partner


class PartnerSpec(unittest.TestCase):
    batch_size = 21

    def setUp(self):
        self.rows = Steps("tiny")

    def learns(self):
        loader = DataLoader(self.rows, batch_size=14, shuffle=True)
        partner = Partner()
        optimizer = torch.optim.SGD(partner.parameters(), lr=0.3)
        for step in loader:
            optimizer.zero_grad()
            partner(step).sum().backward()
            optimizer.step()

    def pads(self):
        loader = DataLoader(self.rows, batch_size=7, shuffle=True)
        for step in loader:
            self.assertEqual(step.shape[1], 4)

    def counts(self):
        settings = dict(batch_size=9, epochs=2)
        self.assertEqual(Partner.from_settings(settings).batch_size, 9)

    @mock.patch("tango.Partner")
    def reports(self, partner):
        loader = DataLoader(self.rows, batch_size=5, shuffle=True)
        fit_partner(partner, loader)
        partner.backward()
