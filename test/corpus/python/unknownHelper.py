import tensorflow as tf
from reader import open_records

model.compile(optimizer="sgd")
model.fit(open_records("train").batch(19), epochs=5)
