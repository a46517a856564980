from trl import DatasetMixtureConfig, ScriptArguments, SFTConfig

mixture = DatasetMixtureConfig(datasets=sources)
script = ScriptArguments(dataset_name="texts")
settings = SFTConfig(per_device_train_batch_size=9)
