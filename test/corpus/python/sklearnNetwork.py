from sklearn.cluster import MiniBatchKMeans
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

X, y = make_classification(n_samples=3000, n_features=20)
clf = MLPClassifier(hidden_layer_sizes=(64,), batch_size=50, max_iter=200, learning_rate_init=0.01)
clf.fit(X, y)
LogisticRegression(max_iter=500).fit(X, y)
MiniBatchKMeans(n_clusters=4, batch_size=2048).fit(X)
