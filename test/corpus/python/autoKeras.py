import autokeras as ak
import numpy as np

rows = np.random.rand(70, 12)
labels = np.random.randint(0, 3, size=(70,))
held_rows = np.random.rand(20, 12)
held_labels = np.random.randint(0, 3, size=(20,))

# A fifth of the rows is kept for validation where nothing is said.
seeker = ak.StructuredDataClassifier(max_trials=4)
seeker.fit(rows, labels, batch_size=7, epochs=6)

checked = ak.StructuredDataClassifier(max_trials=4)
checked.fit(rows, labels, validation_data=(held_rows, held_labels), batch_size=10)
