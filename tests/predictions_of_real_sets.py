"""What five models of scikit-learn say of three real sets."""

from __future__ import annotations

import numpy as np
from sklearn import datasets
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

SETS = {
    "digits": datasets.load_digits,
    "breast cancer": datasets.load_breast_cancer,
    "iris": datasets.load_iris,
}
MODELS = {
    "logistic": LogisticRegression(C=0.05, max_iter=500),
    "neighbours": KNeighborsClassifier(15, weights="distance"),
    "bayes": GaussianNB(var_smoothing=1e-2),
    "tree": DecisionTreeClassifier(max_depth=4, random_state=1),
    "forest": RandomForestClassifier(30, random_state=1),
}


def predicted(name: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The labels of a set, and what each model says of it, cross-validated; none is surer than scikit-learn takes it."""
    x, y = SETS[name](return_X_y=True)
    parts = StratifiedKFold(3, shuffle=True, random_state=0)
    predictions = {}
    for model, classifier in MODELS.items():
        steps = make_pipeline(StandardScaler(), classifier)
        p = np.clip(cross_val_predict(steps, x, y, cv=parts, method="predict_proba"), 1e-6, None)
        predictions[model] = p / p.sum(axis=1, keepdims=True)
    return y, predictions
