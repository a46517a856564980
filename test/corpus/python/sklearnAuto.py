from sklearn.neural_network import MLPClassifier

net = MLPClassifier(batch_size="auto", max_iter=80, learning_rate_init=0.004)
net.fit(x, y)
