from transformers import (
    AutoModelForSeq2SeqLM,
    DataCollatorForSeq2Seq,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
)

model = AutoModelForSeq2SeqLM.from_pretrained("t5-small")


def train(tokenizer, rows):
    collator = DataCollatorForSeq2Seq(tokenizer, model=model)
    arguments = Seq2SeqTrainingArguments("out", per_device_train_batch_size=12, num_train_epochs=2)
    Seq2SeqTrainer(model, arguments, data_collator=collator, train_dataset=rows).train()
