from dataclasses import dataclass, field

from accelerate import Accelerator
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, HfArgumentParser

from scoring import evaluate_choices, load_questions


@dataclass
class ScoreArguments:
    checkpoint: str = field(default="runs/latest")
    batch_size: int = field(default=12, metadata={"help": "Questions scored at once"})


def main():
    (args,) = HfArgumentParser([ScoreArguments]).parse_args_into_dataclasses()
    accelerator = Accelerator(mixed_precision="bf16")
    model = AutoModelForCausalLM.from_pretrained(args.checkpoint)
    questions = DataLoader(load_questions("dev"), batch_size=args.batch_size, num_workers=2)
    model, questions = accelerator.prepare(model, questions)
    print(evaluate_choices(model, questions))


if __name__ == "__main__":
    main()
