from datasets import load_dataset
from helpers import train_tokenizer
from transformers import AutoTokenizer

batch_size = 500
lines = load_dataset("poems", split="train")
old = AutoTokenizer.from_pretrained("gpt2")


def pieces(batch_size=batch_size):
    for start in range(0, len(lines), batch_size):
        yield lines[start : start + batch_size]["text"]


train_tokenizer(old, pieces(), 3000)
