from transformers import Seq2SeqTrainer, Seq2SeqTrainingArguments

args = Seq2SeqTrainingArguments(
    output_dir="out",
    predict_with_generate=True,
)
trainer = Seq2SeqTrainer(model=None, args=args)
trainer.train()
