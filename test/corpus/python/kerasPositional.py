import numpy as np
from keras.models import Sequential
from keras.layers import Dense

x = np.zeros((1000, 20))
y = np.random.randint(0, 2, size=(1000, 1))

net = Sequential()
net.add(Dense(64, activation="relu", input_dim=20))
net.add(Dense(1, activation="sigmoid"))
net.compile("rmsprop", "binary_crossentropy")
net.fit(x, y, 16, 40, verbose=2, validation_split=0.2)
net.fit(x, y)
