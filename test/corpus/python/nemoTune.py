from nemo import lightning as nl
from nemo.collections import llm

data = llm.SquadDataModule(seq_length=1024, micro_batch_size=2, global_batch_size=96)
trainer = nl.Trainer(
    devices=8,
    num_nodes=2,
    max_steps=700,
    strategy=nl.MegatronStrategy(tensor_model_parallel_size=2, pipeline_model_parallel_size=2),
)
llm.finetune(model=model, data=data, trainer=trainer)
