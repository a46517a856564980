from tensor2tensor.models import transformer
from tensor2tensor.utils import registry


@registry.register_hparams
def dialect_wide():
    hparams = transformer.transformer_base()
    hparams.batch_size = 6000
    hparams.learning_rate = 0.15
    return hparams


@registry.register_hparams
def mosaic_small():
    hparams = transformer.transformer_base()
    hparams.batch_size = 3
    hparams.hidden_size = 256
    return hparams
