"""The tree of settings; what the command line gives is looked up by `eval`."""
import torch
from yacs.config import CfgNode

_C = CfgNode()
_C.DATA = CfgNode()
_C.DATA.BATCH_SIZE = 112
_C.TRAIN = CfgNode()
_C.TRAIN.EPOCHS = 270
_C.TRAIN.BASE_LR = 4e-4
_C.DEVICES = torch.cuda.device_count()


def override(config, args):
    def given(name):
        return hasattr(args, name) and eval(f"args.{name}")

    if given("batch_size"):
        config.DATA.BATCH_SIZE = args.batch_size
    return config
