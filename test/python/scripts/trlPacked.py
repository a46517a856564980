import random

from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast
from trl import SFTConfig, SFTTrainer

words = "the a cat dog bird sees hears likes every old small house tree and then it goes home".split()
vocabulary = {word: number for number, word in enumerate(["<pad>", "<eos>", *words])}
tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<pad>"))
tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>")

rng = random.Random(0)
texts = [{"text": " ".join(["the", rng.choice(["cat", "dog"]), "sees", "a", rng.choice(words)])} for _ in range(960)]
model = GPT2LMHeadModel(
    GPT2Config(vocab_size=len(vocabulary), n_positions=24, n_embd=24, n_layer=1, n_head=2)
)
trainer = SFTTrainer(
    model=model,
    args=SFTConfig(
        output_dir="out",
        per_device_train_batch_size=8,
        num_train_epochs=6,
        learning_rate=3e-3,
        warmup_steps=20,
        lr_scheduler_type="cosine",
        packing=True,
        max_length=24,
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
    ),
    train_dataset=Dataset.from_list(texts),
    processing_class=tokenizer,
)
trainer.train()
