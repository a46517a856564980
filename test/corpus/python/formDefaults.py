import attr
import gradio as gr
import torch


@attr.s
class TrainingChoices:
    batch_size = attr.ib(default=12)
    learning_rate = attr.ib(default=3e-4)


with gr.Blocks() as form:
    train_batch_size = gr.Slider(minimum=1, maximum=256, value=18, step=1, label="Batch size")
    max_epochs = gr.Number(label="Epochs", value=7)
    gr.Button("Train").click(start, [train_batch_size, max_epochs])
