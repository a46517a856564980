from detectron2.config import LazyCall as L
from detectron2.data import build_detection_test_loader, build_detection_train_loader
from omegaconf import OmegaConf

loaders = OmegaConf.create()
loaders.train = L(build_detection_train_loader)(dataset="birds", total_batch_size=14)
loaders.test = L(build_detection_test_loader)(dataset="birds", batch_size=7)
