import torch


class Painter(torch.nn.Module):
    @torch.inference_mode()
    def draw(self, batch_size=9):
        return self.decode(torch.randn(batch_size, 8))

    def generate(self, prompt, batch_size=5):
        return self.draw(batch_size)

    def training_step(self, batch, index):
        return self.loss(batch)
