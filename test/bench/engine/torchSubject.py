"""PyTorch on the CPU, for the bench: the models of workloads.ts, one line of JSON a message.

First line in: {"workload", "batchSize", "samples", "threads"} (threads 0: all); then one line for
each round. Every answer is one line of JSON.
"""

import json
import resource
import sys
import time

try:
    import torch
    from torch import nn
except ImportError as error:
    print(json.dumps({"error": str(error)}), flush=True)
    sys.exit(0)


class Recurrent(nn.Module):
    def __init__(self, kind, both_directions=False):
        super().__init__()
        self.layer = kind(28, 64, batch_first=True, bidirectional=both_directions)
        self.output = nn.Linear(128 if both_directions else 64, 10)

    def forward(self, x):
        outputs, states = self.layer(x)
        if not self.layer.bidirectional:
            return self.output(outputs[:, -1])
        last = states[0] if isinstance(states, tuple) else states
        return self.output(torch.cat([last[0], last[1]], 1))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.mix = (nn.Linear(64, 64) for _ in range(4))
        self.wide, self.narrow = nn.Linear(64, 128), nn.Linear(128, 64)
        self.first, self.second = nn.LayerNorm(64), nn.LayerNorm(64)
        self.output = nn.Linear(64, 10)

    def forward(self, x):
        scores = self.query(x) @ self.key(x).transpose(1, 2)
        mixed = self.mix(torch.softmax(scores, -1) @ self.value(x))
        attended = self.first(mixed + x)
        block = self.second(self.narrow(torch.relu(self.wide(attended))) + attended)
        return self.output(block.mean(1))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(32, 64) for _ in range(3))
        self.hidden = nn.Linear(64, 64)
        self.output = nn.Linear(64, 10)

    def forward(self, x):
        scores = self.query(x) @ self.key(x).transpose(1, 2)
        mixed = torch.softmax(scores, -1) @ self.value(x)
        return self.output(torch.relu(self.hidden(mixed)).mean(1))


def dense(*sizes):
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(800, 10),
    )


WORKLOADS = {
    "dense": ([784], lambda: dense(784, 256, 128, 10)),
    "narrow": ([64], lambda: dense(64, 128, 128, 128, 10)),
    "cnn": ([1, 28, 28], cnn),
    "lstm": ([28, 28], lambda: Recurrent(nn.LSTM)),
    "gru": ([28, 28], lambda: Recurrent(nn.GRU)),
    "bilstm": ([28, 28], lambda: Recurrent(nn.LSTM, both_directions=True)),
    "simpleRnn": ([28, 28], lambda: Recurrent(nn.RNN)),
    "transformer": ([32, 64], Transformer),
    "attention": ([32, 32], Attention),
}


def main():
    request = json.loads(sys.stdin.readline())
    if request["threads"]:
        torch.set_num_threads(request["threads"])
    torch.manual_seed(1)
    shape, build = WORKLOADS[request["workload"]]
    count, size = request["samples"], request["batchSize"]
    x = torch.rand(count, *shape) * 2 - 1
    y = torch.randint(10, (count,))
    model = build()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    loss_of = nn.CrossEntropyLoss()
    print(json.dumps({"begun": True, "version": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
    for _ in sys.stdin:
        cpu, start = time.process_time(), time.perf_counter()
        order = torch.randperm(count)
        total = torch.zeros(())
        for at in range(0, count, size):
            indices = order[at : at + size]
            loss = loss_of(model(x[indices]), y[indices])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(indices)
        answer = {
            "samples": count,
            "loss": total.item() / count,
            "wallMs": (time.perf_counter() - start) * 1000,
            "cpuMs": (time.process_time() - cpu) * 1000,
            "peakBytes": None,
            "processPeakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }
        print(json.dumps(answer), flush=True)


main()
