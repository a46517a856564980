from datasets import load_dataset
from peft import LoraConfig
from trl import SFTConfig, SFTTrainer

config = SFTConfig(
    output_dir="sft",
    per_device_train_batch_size=2,
    gradient_accumulation_steps=16,
    num_train_epochs=3,
    max_seq_length=2048,
)
trainer = SFTTrainer("facebook/opt-350m", args=config, train_dataset=load_dataset("imdb", split="train"), peft_config=LoraConfig(r=8))
trainer.train()
