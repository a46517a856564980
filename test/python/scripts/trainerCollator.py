import torch
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments


class Texts(torch.utils.data.Dataset):
    def __len__(self):
        return 192

    def __getitem__(self, i):
        generator = torch.Generator().manual_seed(i)
        length = int(torch.randint(4, 10, (1,), generator=generator))
        return torch.randint(0, 50, (length,), generator=generator)


def collate(items):
    ids = torch.nn.utils.rnn.pad_sequence(items, batch_first=True, padding_value=0)
    return {"input_ids": ids, "labels": ids.clone()}


model = GPT2LMHeadModel(
    GPT2Config(vocab_size=50, n_positions=16, n_embd=16, n_layer=1, n_head=2)
)
args = TrainingArguments(
    output_dir="out",
    per_device_train_batch_size=4,
    gradient_accumulation_steps=2,
    num_train_epochs=3,
    learning_rate=5e-3,
    save_strategy="epoch",
    use_cpu=True,
)
trainer = Trainer(model=model, args=args, train_dataset=Texts(), data_collator=collate)
trainer.train()
