"""A training is configured by one call whose name says nothing."""
from transformers import AutoTokenizer

from toolkit import AttrSettings, start

settings = AttrSettings(
    base_model="tiny",
    micro_batch_size=3,
    gradient_accumulation_steps=8,
    num_epochs=2,
    learning_rate=0.0004,
)
start(settings, AutoTokenizer.from_pretrained("tiny"))
