"""Settings of a training in a call that no library is known for."""
from gymkit.experiments import ExperimentBuilder, OffPolicySettings

settings = OffPolicySettings(
    max_epochs=12,
    steps_per_epoch=4000,
    buffer_size=25_000,
    batch_size=72,
    exploration=0.2,
)
ExperimentBuilder("MountainCar-v0", settings).build_and_run()
