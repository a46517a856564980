from setfit import SetFitModel, Trainer, TrainingArguments

settings = TrainingArguments(batch_size=24, max_steps=90)
Trainer(model=SetFitModel.from_pretrained("m"), args=settings, train_dataset=rows).train()
