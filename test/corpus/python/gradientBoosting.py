import xgboost as xgb
from sklearn.decomposition import IncrementalPCA
from sklearn.model_selection import train_test_split

params = {"eta": 0.1, "max_depth": 6, "objective": "binary:logistic"}
pca = IncrementalPCA(n_components=10, batch_size=200)
model = xgb.train(params, xgb.DMatrix("train.svm"), num_boost_round=100)
