import lightning as L
from pyannote.audio.tasks import VoiceActivityDetection

task = VoiceActivityDetection(protocol, duration=2.0, batch_size=22)
model = Segmentation(task=task)
trainer = L.Trainer(max_epochs=8)
trainer.fit(model)
