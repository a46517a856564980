from accelerate import Accelerator
from torch.optim import AdamW
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, get_scheduler

MAX_GPU_BATCH_SIZE = 16


def training_function(config, tokenized):
    accelerator = Accelerator(gradient_accumulation_steps=2)
    lr = config["lr"]
    num_epochs = int(config["num_epochs"])
    batch_size = int(config["batch_size"])
    train_dataloader = DataLoader(tokenized["train"], shuffle=True, batch_size=batch_size)
    eval_dataloader = DataLoader(tokenized["validation"], batch_size=32)
    model = AutoModelForCausalLM.from_pretrained("gpt2")
    optimizer = AdamW(params=model.parameters(), lr=lr)
    for epoch in range(num_epochs):
        for batch in train_dataloader:
            with accelerator.accumulate(model):
                accelerator.backward(model(**batch).loss)
                optimizer.step()


def main():
    config = {"lr": 2e-5, "num_epochs": 3, "seed": 42, "batch_size": 14}
    training_function(config, {})
